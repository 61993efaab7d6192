//! The deployed binary of `users-blocked`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::blocked::handle))
}
