//! The deployed binary of `ws-sync`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::sync::handle))
}
