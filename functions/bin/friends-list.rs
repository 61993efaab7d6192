//! The deployed binary of `friends-list`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::friends::list::handle))
}
