//! The deployed binary of `users-language`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::language::handle))
}
