//! The deployed binary of `auth-register`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::register::handle))
}
