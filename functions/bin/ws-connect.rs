//! The deployed binary of `ws-connect`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve_lifecycle(functions::ws::connect::handle))
}
