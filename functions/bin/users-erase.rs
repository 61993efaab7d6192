//! The deployed binary of `users-erase`.
fn main() -> std::process::ExitCode {
    edge::start(edge::invocation::serve_repeatable(functions::users::erase::handle))
}
