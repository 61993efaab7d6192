//! The deployed binary of `messages-search`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::messages::search::handle))
}
