//! The deployed binary of `users-unblock`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::unblock::handle))
}
