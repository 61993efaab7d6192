//! The deployed binary of `notifications-list`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::notifications::list::handle))
}
