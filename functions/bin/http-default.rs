//! The deployed binary of `http-default`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::http::default::handle))
}
