//! The deployed binary of `auth-session-revoke`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::session_revoke::handle))
}
