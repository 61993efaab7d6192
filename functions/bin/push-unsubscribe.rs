//! The deployed binary of `push-unsubscribe`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::push::unsubscribe::handle))
}
