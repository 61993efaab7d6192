//! The deployed binary of `participants-role`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::participants::role::handle))
}
