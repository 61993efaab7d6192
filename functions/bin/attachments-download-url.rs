//! The deployed binary of `attachments-download-url`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::attachments::download_url::handle))
}
