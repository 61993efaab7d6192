//! The deployed binary of `users-me`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::me::handle))
}
