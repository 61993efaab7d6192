//! The deployed binary of `conversations-delete`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::delete::handle))
}
