//! The deployed binary of `messages-sync`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::sync::handle))
}
