//! The deployed binary of `friends-remove`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::friends::remove::handle))
}
