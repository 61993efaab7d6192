//! The deployed binary of `conversations-settings`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::settings::handle))
}
