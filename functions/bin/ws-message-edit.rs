//! The deployed binary of `ws-message-edit`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::message_edit::handle))
}
