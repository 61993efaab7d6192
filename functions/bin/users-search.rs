//! The deployed binary of `users-search`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::search::handle))
}
