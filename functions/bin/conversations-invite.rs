//! The deployed binary of `conversations-invite`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::invite::handle))
}
