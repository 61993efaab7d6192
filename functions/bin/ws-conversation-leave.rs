//! The deployed binary of `ws-conversation-leave`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::conversation_leave::handle))
}
