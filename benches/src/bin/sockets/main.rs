//! What open sockets cost the gateway: thousands of WebSocket connections to a gateway in a process of its own, with a
//! trivial function behind it.
//!
//! Tells how long opening takes, how much memory the gateway has for each idle connection, and that with all of them open
//! a message still makes its round, a broadcast by `@connections` reaches every one, and all ends are told.
//!
//! This program is the clients, and started again the gateway and its function: `sockets gateway`, `sockets function`.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod gateway;

use std::process::Stdio;
use std::time::{Duration, Instant};

use benches::figures::Figures;
use benches::process::{allow_files, resident_memory};
use clap::{Parser, Subcommand};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use clients::Clients;

#[derive(Parser)]
struct Arguments {
    /// Connections to open.
    #[arg(long, default_value_t = 10_000)]
    sockets: usize,
    /// Round trips to time, with all of them open.
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The gateway, until its input ends.
    Gateway,
    /// Its function.
    Function,
}

/// Connections whose first message has been answered before anything is measured.
const WARM_UP: usize = 100;

#[tokio::main]
async fn main() {
    let Arguments { sockets, rounds, part } = Arguments::parse();
    match part {
        Some(Part::Gateway) => gateway::run().await,
        Some(Part::Function) => gateway::function().await,
        None => measure(sockets, rounds).await,
    }
}

async fn measure(sockets: usize, rounds: usize) {
    allow_files(sockets + 1_000);
    let (mut child, address) = start().await;
    let process = child.id().expect("a running gateway");
    let kilobytes = |before: u64, count: usize| {
        let more = resident_memory(process).saturating_sub(before);
        f64::from(u32::try_from(more).unwrap()) / f64::from(u32::try_from(count).unwrap())
    };

    // Processes start, threads and arenas are made.
    let mut warm = Clients::open(&address, WARM_UP).await;
    warm.introduce().await;
    let before = resident_memory(process);
    println!("gateway: {before} kB resident with {WARM_UP} connections");

    let started = Instant::now();
    let mut clients = Clients::open(&address, sockets).await;
    let took = started.elapsed();
    settle(process).await;
    let idle = kilobytes(before, sockets);
    println!("opened {sockets} connections in {:.2} s", took.as_secs_f64());
    println!("idle: {} kB resident, {idle:.2} kB for each connection more", resident_memory(process));

    let started = Instant::now();
    clients.introduce().await;
    println!("one message of each to the function and back: {:.2} s", started.elapsed().as_secs_f64());
    let mut figures = Figures::default();
    for round in 0..rounds {
        let started = Instant::now();
        clients.round(round % sockets).await;
        figures.add(started.elapsed().as_secs_f64() * 1_000.0);
    }
    let [median, slow] = [50, 99].map(|percent| figures.percentile(percent));
    println!("round trips with all open: p50 {median:.2} ms, p99 {slow:.2} ms");

    let started = Instant::now();
    clients.broadcast(&address, "to everybody").await;
    let took = started.elapsed().as_secs_f64();
    println!("a broadcast by @connections reached all {sockets} in {took:.2} s");
    settle(process).await;
    let after = kilobytes(before, sockets);
    println!("idle again: {} kB resident, {after:.2} kB for each connection more", resident_memory(process));

    let started = Instant::now();
    clients.close().await;
    println!("all closed in {:.2} s", started.elapsed().as_secs_f64());
    warm.round(0).await;
    settle(process).await;
    println!("afterwards: {} kB resident", resident_memory(process));
    drop(child.stdin.take());
    let ended = tokio::time::timeout(Duration::from_mins(1), child.wait()).await;
    assert!(ended.expect("the gateway does not end").expect("a process").success());
}

/// The gateway's process and the address it says it has.
async fn start() -> (Child, String) {
    let program = std::env::current_exe().expect("this program's path");
    let mut command = Command::new(program);
    command.arg("gateway").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("this program");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let address = lines.next_line().await.expect("its output").expect("its address");
    (child, address)
}

/// Waits until the memory of a process does not change any more.
async fn settle(process: u32) {
    let mut last = 0;
    for _ in 0..20 {
        let now = resident_memory(process);
        if now == last {
            return;
        }
        last = now;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
