//! The deployed binary of `users-report`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::report::handle))
}
