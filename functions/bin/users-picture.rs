//! The deployed binary of `users-picture`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::picture::handle))
}
