//! The deployed binary of `ws-authorizer`.
fn main() -> std::process::ExitCode {
    edge::start(edge::authorizer::serve(functions::ws::authorizer::handle))
}
