//! The deployed binary of `auth-ws-ticket`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::ws_ticket::handle))
}
