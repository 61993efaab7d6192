//! The deployed binary of `friends-requests`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::friends::requests::handle))
}
