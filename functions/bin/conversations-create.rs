//! The deployed binary of `conversations-create`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::create::handle))
}
