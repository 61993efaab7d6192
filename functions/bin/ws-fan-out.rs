//! The deployed binary of `ws-fan-out`.
fn main() -> std::process::ExitCode {
    edge::start(edge::invocation::serve(functions::ws::fan_out::handle))
}
