//! The deployed binary of `auth-google`.
fn main() -> std::process::ExitCode {
    edge::start(edge::http::serve(functions::auth::google::handle))
}
