//! The deployed binary of `conversations-read`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::read::handle))
}
