//! The deployed binary of `friends-accept`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::friends::accept::handle))
}
