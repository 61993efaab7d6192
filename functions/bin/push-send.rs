//! The deployed binary of `push-send`.
fn main() -> std::process::ExitCode {
    edge::start(edge::stream::serve(functions::push::send::handle))
}
