//! The deployed binary of `users-block`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::block::handle))
}
