//! The deployed binary of `ws-message-delivered`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::message_delivered::handle))
}
