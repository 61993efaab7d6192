//! The deployed binary of `friends-request`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::friends::request::handle))
}
