//! The deployed binary of `notifications-read`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::notifications::read::handle))
}
