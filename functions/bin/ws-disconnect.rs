//! The deployed binary of `ws-disconnect`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve_lifecycle(functions::ws::disconnect::handle))
}
