//! The deployed binary of `auth-google-start`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::google_start::handle))
}
