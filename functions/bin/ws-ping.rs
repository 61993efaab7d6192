//! The deployed binary of `ws-ping`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::ping::handle))
}
