//! The deployed binary of `users-country`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::users::country::handle))
}
