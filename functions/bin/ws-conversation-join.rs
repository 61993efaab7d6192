//! The deployed binary of `ws-conversation-join`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::conversation_join::handle))
}
