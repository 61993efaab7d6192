//! The deployed binary of `messages-preview`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::preview::handle))
}
