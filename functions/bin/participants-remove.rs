//! The deployed binary of `participants-remove`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::participants::remove::handle))
}
