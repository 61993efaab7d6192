//! `parlance`: the whole backend on this machine, in the foreground.
#![allow(
    clippy::disallowed_methods,
    reason = "this crate runs functions and is none: it has a clock and an environment of its own"
)]

mod parlance;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use parlance::arguments::{Arguments, Command};
use parlance::{demo, keys, serve};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Some(Command::Function { name }) => return local::multi_call::run(&name),
        Some(Command::Keys) => keys::print(),
        Some(Command::Demo(options)) => {
            logs();
            run(demo::run(options))
        }
        None => {
            logs();
            run(serve::run(arguments.stack))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn run(work: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Our own warnings; the embedded services warn of every failed condition, which is daily business.
fn logs() {
    let quiet = "warn,dynoxide=error,s3s=error,s3s_fs=error";
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(quiet));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).without_time().init();
}
