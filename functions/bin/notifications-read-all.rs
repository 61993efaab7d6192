//! The deployed binary of `notifications-read-all`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::notifications::read_all::handle))
}
