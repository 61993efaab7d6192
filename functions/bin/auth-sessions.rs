//! The deployed binary of `auth-sessions`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::sessions::handle))
}
