//! Every function in one program and nothing else: what `cargo run -- --watch` builds when a file is saved, because there
//! is less to compile and to link than for `parlance` (docs/adr/0028).
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
