//! `gateway`: any SAM or `CloudFormation` template with functions, HTTP APIs and WebSocket APIs, on this machine.
#![allow(
    clippy::disallowed_methods,
    reason = "this crate runs functions and is none: it has a clock and an environment of its own"
)]

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

/// Threads of the gateway: half of the processors, the rest is for functions. Each thread more is one more that has to be
/// woken between a client's request and the function's next invocation.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| (processors.get() / 2).max(1))
}

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers()).enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(cli::run(arguments)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
