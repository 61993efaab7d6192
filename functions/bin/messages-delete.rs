//! The deployed binary of `messages-delete`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::delete::handle))
}
