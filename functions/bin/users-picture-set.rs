//! The deployed binary of `users-picture-set`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::picture_set::handle))
}
