//! The deployed binary of `messages-list`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::list::handle))
}
