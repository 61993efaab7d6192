//! The deployed binary of `messages-translate`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::translate::handle))
}
