//! The deployed binary of `messages-edit`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::edit::handle))
}
