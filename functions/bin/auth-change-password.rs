//! The deployed binary of `auth-change-password`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::change_password::handle))
}
