//! The deployed binary of `friends-decline`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::friends::decline::handle))
}
