//! Every function in one program and nothing else: what `cargo run -- --watch` builds when a file is saved, because it
//! links in a fraction of the time of `parlance`.
//!
//! `functions <name>` is the function of that name; without one it prints all names, a line each.

fn main() -> std::process::ExitCode {
    if let Some(name) = std::env::args().nth(1) {
        return edge::start(functions::run(&name));
    }
    for name in functions::NAMES {
        println!("{name}");
    }
    std::process::ExitCode::SUCCESS
}
