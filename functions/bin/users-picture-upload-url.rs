//! The deployed binary of `users-picture-upload-url`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::picture_upload_url::handle))
}
