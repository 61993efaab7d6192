//! The deployed binary of `auth-refresh`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::refresh::handle))
}
