//! The deployed binary of `attachments-upload-url`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::attachments::upload_url::handle))
}
