//! The deployed binary of `auth-check-email`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::check_email::handle))
}
