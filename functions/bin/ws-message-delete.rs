//! The deployed binary of `ws-message-delete`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::message_delete::handle))
}
