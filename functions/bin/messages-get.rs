//! The deployed binary of `messages-get`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::get::handle))
}
