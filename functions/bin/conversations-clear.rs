//! The deployed binary of `conversations-clear`.
fn main() -> std::process::ExitCode {
    edge::start(edge::invocation::serve_repeatable(functions::conversations::clear::handle))
}
