//! The deployed binary of `auth-oauth`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::oauth::handle))
}
