//! The deployed binary of `devices-unregister`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::devices::unregister::handle))
}
