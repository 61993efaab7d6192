//! The deployed binary of `auth-google-callback`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::google_callback::handle))
}
