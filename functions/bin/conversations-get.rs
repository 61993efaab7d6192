//! The deployed binary of `conversations-get`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::get::handle))
}
