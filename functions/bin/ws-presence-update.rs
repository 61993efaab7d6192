//! The deployed binary of `ws-presence-update`.
fn main() -> std::process::ExitCode {
    edge::start(edge::socket::serve(functions::ws::presence_update::handle))
}
