//! The deployed binary of `ws-message-reaction`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::message_reaction::handle))
}
