//! The deployed binary of `users-update`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::update::handle))
}
