//! The deployed binary of `devices-register`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::devices::register::handle))
}
