//! The deployed binary of `messages-send`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::send::handle))
}
