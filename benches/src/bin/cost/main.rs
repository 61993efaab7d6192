//! What each operation costs: DynamoDB requests and capacity units, by the handlers themselves on the embedded DynamoDB,
//! and dollars at list prices. Writes `docs/cost.md`; with `--check` it only says whether that still holds.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crowd;
mod operations;
mod page;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// Changes nothing; fails when `docs/cost.md` says something else.
    #[arg(long)]
    check: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let check = Arguments::parse().check;
    let page = page::write(&operations::sending().await, &operations::others().await);
    let path = benches::workspace().join("docs/cost.md");
    if !check {
        std::fs::write(path, page).expect("docs/cost.md");
    } else if std::fs::read_to_string(path).unwrap_or_default() != page {
        eprintln!("docs/cost.md says something else; `cargo run -p benches --bin cost` writes it anew:\n\n{page}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
