//! The deployed binary of `push-subscribe`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::push::subscribe::handle))
}
