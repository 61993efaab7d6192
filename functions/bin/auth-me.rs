//! The deployed binary of `auth-me`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::me::handle))
}
