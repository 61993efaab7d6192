//! The deployed binary of `attachments-inspect`.
fn main() -> std::process::ExitCode {
    edge::start(edge::invocation::serve_repeatable(functions::attachments::inspect::handle))
}
