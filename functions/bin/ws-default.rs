//! The deployed binary of `ws-default`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::default::handle))
}
