//! The deployed binary of `conversations-list`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::list::handle))
}
