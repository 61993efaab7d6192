//! The deployed binary of `ws-message-read`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::message_read::handle))
}
