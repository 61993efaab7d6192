//! The deployed binary of `users-get`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::get::handle))
}
