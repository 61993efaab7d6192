//! The deployed binary of `auth-login`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::login::handle))
}
