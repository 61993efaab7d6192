//! The deployed binary of `participants-add`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::participants::add::handle))
}
