//! The deployed binary of `push-vapid-key`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::push::vapid_key::handle))
}
