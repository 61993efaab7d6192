//! The deployed binary of `users-picture-delete`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::picture_delete::handle))
}
