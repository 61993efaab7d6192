//! The deployed binary of `users-export`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::export::handle))
}
