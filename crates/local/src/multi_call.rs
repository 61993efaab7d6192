//! This program as any one of the functions: `parlance function <name>`.

use std::process::ExitCode;

/// Whether there is a function of that name.
pub fn has(name: &str) -> bool {
    functions::NAMES.contains(&name)
}

/// Serves the Lambda Runtime API as function `name`, exactly as its own binary does, until the process is killed.
pub fn run(name: &str) -> ExitCode {
    edge::start(functions::run(name))
}
