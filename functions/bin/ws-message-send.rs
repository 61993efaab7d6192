//! The deployed binary of `ws-message-send`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::message_send::handle))
}
