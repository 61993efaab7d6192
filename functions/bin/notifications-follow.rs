//! The deployed binary of `notifications-follow`.
fn main() -> std::process::ExitCode {
    edge::start(edge::stream::serve(functions::notifications::follow::handle))
}
