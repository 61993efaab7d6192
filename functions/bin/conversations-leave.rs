//! The deployed binary of `conversations-leave`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::leave::handle))
}
