//! The deployed binary of `ws-message-typing`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::message_typing::handle))
}
