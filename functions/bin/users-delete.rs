//! The deployed binary of `users-delete`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::delete::handle))
}
