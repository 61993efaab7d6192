//! The deployed binary of `languages-list`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::languages::list::handle))
}
