//! The deployed binary of `conversations-update`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::conversations::update::handle))
}
