//! The deployed binary of `auth-logout`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::logout::handle))
}
