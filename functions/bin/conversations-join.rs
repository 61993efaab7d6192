//! The deployed binary of `conversations-join`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::join::handle))
}
