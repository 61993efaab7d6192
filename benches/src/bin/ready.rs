//! How long `cargo run` takes, with everything built, until the backend says that it is running and until it answers.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use benches::figures::Figures;
use benches::workspace;
use clap::Parser;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

#[derive(Parser)]
struct Arguments {
    /// How often it is started.
    #[arg(long, default_value_t = 20)]
    runs: u32,
}

#[tokio::main]
async fn main() {
    let runs = Arguments::parse().runs;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(&cargo).arg("build").current_dir(workspace()).status().await;
    assert!(built.expect("cargo").success(), "it does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), Into::into);
    let program = target.join("debug").join("parlance");

    println!("| started as | data | running, s: median (minimum–maximum) | first answer, s |");
    println!("|---|---|---|---|");
    for (shown, program, first) in [
        ("`cargo run`", cargo.as_ref(), &["run", "--quiet", "--"] as &[&str]),
        ("`parlance`", program.as_os_str(), &[]),
    ] {
        for fresh in [true, false] {
            let folder = tempfile::tempdir().expect("a folder");
            let (mut running, mut answering) = (Figures::default(), Figures::default());
            // The first makes the folder, and brings files into memory.
            for run in 0..=runs {
                let mut command = Command::new(program);
                command.args(first).args(["--port", "0", "--data"]).arg(folder.path().join("data"));
                if fresh {
                    command.arg("--fresh");
                }
                let (until_running, until_answer) = one(command, workspace()).await;
                if run > 0 {
                    running.add(until_running.as_secs_f64());
                    answering.add(until_answer.as_secs_f64());
                }
            }
            let data = if fresh { "new" } else { "kept" };
            println!("| {shown} | {data} | {} | {} |", running.shown(2), answering.shown(2));
        }
    }
}

/// Starts it, waits for its address and for an answer from a function, and stops it as Ctrl-C does.
async fn one(mut command: Command, folder: &Path) -> (Duration, Duration) {
    let start = Instant::now();
    let mut process = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("a program");
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    let mut running = Duration::ZERO;
    let address = loop {
        let line = lines.next_line().await.expect("text").expect("the address, before it ends");
        if line.contains("is running") {
            running = start.elapsed();
        }
        if let Some(address) = line.trim().strip_prefix("HTTP ") {
            break address.trim().to_owned();
        }
    };
    let answer = reqwest::get(format!("{address}/api/auth/me")).await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 401);
    let answered = start.elapsed();
    // Lines that nobody reads would hold it up.
    let rest = async { while let Ok(Some(_)) = lines.next_line().await {} };
    let id = process.id().expect("a running process").to_string();
    let interrupted = Command::new("kill").args(["-INT", &id]).status().await;
    assert!(interrupted.expect("kill").success());
    let ((), ended) = tokio::join!(rest, process.wait());
    ended.expect("its end");
    (running, answered)
}
