//! How many requests and WebSocket round trips a second one trivial function answers: through our gateway, straight over
//! its Runtime API (the limit), and through other tools, in turn. With it, what each tool has in memory, and how long it
//! takes to start.
//!
//! This program is also the function: by the name `trivial`.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod function;
mod limit;
mod load;
mod sample;
mod sides;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Parser;

use crate::sample::{Sample, at};
use crate::sides::{ALL, Kind, Side, Tools};

#[derive(Parser)]
struct Arguments {
    /// Folder that benches/throughput/install filled; what is not there is not compared.
    #[arg(long)]
    tools: Option<PathBuf>,
    /// Rounds of each, in turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of a round.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Requests or connections at once.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16])]
    connections: Vec<usize>,
    /// How often each is started.
    #[arg(long, default_value_t = 3)]
    starts: usize,
    /// The gateway's program; without it, it is built.
    #[arg(long)]
    gateway: Option<PathBuf>,
}

fn main() {
    if function::is_asked_for() {
        return function::run();
    }
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(compare(arguments));
}

/// A tool with all that was measured of it.
struct Compared {
    kind: Kind,
    side: Side,
    starts: Vec<f64>,
    requests: Vec<Sample>,
    round_trips: Vec<Sample>,
    memory: f64,
}

async fn compare(arguments: Arguments) {
    let Arguments { rounds, seconds, connections, starts, .. } = arguments;
    let length = Duration::from_secs_f64(seconds);
    let tools = Tools {
        installed: arguments.tools.map(|folder| std::path::absolute(folder).expect("a path")),
        gateway: arguments.gateway.unwrap_or_else(built_gateway),
        connections: connections.iter().copied().max().unwrap_or(1),
    };
    let mut compared = Vec::new();
    for kind in ALL {
        match started(kind, &tools, starts).await {
            Ok(one) => compared.push(one),
            Err(why) => println!("{} is not measured: {why}\n", kind.name()),
        }
    }
    let folder = sides::with_function();
    let (mut straight, mut bare) = (Vec::new(), Vec::new());
    let echo = limit::echo().await;
    for count in &connections {
        let alone = limit::Straight::start(&folder.path().join(function::NAME), *count).await;
        // Processes start, connections open.
        alone.round(length).await;
        let (mut of_function, mut of_echo) = (Sample::default(), Sample::default());
        for one in &mut compared {
            one.requests.push(Sample::default());
            one.round_trips.push(Sample::default());
            warm(&one.side, *count, length).await;
        }
        for _ in 0..rounds {
            let (answers, took) = alone.round(length).await;
            of_function.add(&answers, took);
            let (answers, took) = load::round_trips(&echo, *count, length).await.expect("our own");
            of_echo.add(&answers, took);
            for one in &mut compared {
                one.round(*count, length).await;
            }
        }
        straight.push(of_function);
        bare.push(of_echo);
    }
    for one in &mut compared {
        one.memory = one.side.memory();
    }
    for (index, count) in connections.iter().enumerate() {
        let requests = compared.iter().map(|one| (one.kind, &one.requests[index]));
        println!(
            "{}",
            table(
                &format!("HTTP requests, {count} at once"),
                "straight over the Runtime API",
                &straight[index],
                requests
            )
        );
        let trips = compared.iter().filter(|one| one.side.socket.is_some());
        let trips = trips.map(|one| (one.kind, &one.round_trips[index]));
        println!("{}", table(&format!("WebSocket round trips, {count} at once"), "a bare echo", &bare[index], trips));
    }
    println!(
        "| | memory, MB | start to first answer, ms: median (minimum–maximum) | ÷ this gateway's |\n|---|---|---|---|"
    );
    let own = compared.iter().find(|one| one.kind == Kind::Gateway).map_or(0.0, |one| at(&one.starts, 50));
    for one in &compared {
        let (first, median, last) = (at(&one.starts, 0), at(&one.starts, 50), at(&one.starts, 100));
        let name = one.kind.name();
        println!("| {name} | {:.1} | {median:.0} ({first:.0}–{last:.0}) | {:.1} |", one.memory, median / own);
    }
    println!("\nload {}", std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    for one in compared {
        one.side.stop().await;
    }
}

/// The program of our gateway, built beside this one.
fn built_gateway() -> PathBuf {
    let own = std::env::current_exe().expect("this program's path");
    let target = own.ancestors().nth(2).expect("a target folder");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a workspace");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release", "--package", "throughput", "--package", "gateway", "--bin", "gateway"]);
    let built = cargo.arg("--target-dir").arg(target).current_dir(workspace).status().expect("cargo");
    assert!(built.success(), "the gateway does not build");
    target.join("release/gateway")
}

/// Starts it so many times; the last one stays.
async fn started(kind: Kind, tools: &Tools, times: usize) -> Result<Compared, String> {
    let mut starts = Vec::new();
    loop {
        let side = kind.start(tools).await?;
        starts.push(side.first_answer.as_secs_f64() * 1_000.0);
        if starts.len() >= times {
            return Ok(Compared { kind, side, starts, requests: Vec::new(), round_trips: Vec::new(), memory: 0.0 });
        }
        side.stop().await;
    }
}

/// A round that does not count: functions start, code is compiled.
async fn warm(side: &Side, connections: usize, length: Duration) {
    // What goes wrong now goes wrong again where it counts.
    let _ = load::requests(&side.http, connections, length).await;
    if let Some(socket) = &side.socket {
        let _ = load::round_trips(socket, connections, length).await;
    }
}

impl Compared {
    async fn round(&mut self, connections: usize, length: Duration) {
        let name = self.kind.name();
        match load::requests(&self.side.http, connections, length).await {
            Ok((answers, took)) => self.requests.last_mut().expect("a sample").add(&answers, took),
            Err(why) => eprintln!("{name}: {why}"),
        }
        let Some(socket) = &self.side.socket else { return };
        match load::round_trips(socket, connections, length).await {
            Ok((answers, took)) => self.round_trips.last_mut().expect("a sample").add(&answers, took),
            Err(why) => eprintln!("{name}: {why}"),
        }
    }
}

/// A row for the limit and one for each tool, with how many times as many our gateway answers.
fn table<'a>(
    what: &str,
    limit: &str,
    alone: &Sample,
    tools: impl Iterator<Item = (Kind, &'a Sample)> + Clone,
) -> String {
    let own = tools.clone().find(|(kind, _)| *kind == Kind::Gateway).map_or(0.0, |(_, sample)| sample.rate());
    let mut text = format!("| {what} | a second | p50, ms | p99, ms | this gateway ÷ it |\n|---|---|---|---|---|\n");
    let rows = std::iter::once((limit, alone)).chain(tools.map(|(kind, sample)| (kind.name(), sample)));
    for (name, sample) in rows {
        let (rate, middle, late) = (sample.rate(), sample.percentile(50), sample.percentile(99));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {name} | {rate:.0} | {middle:.2} | {late:.2} | {:.2} |", own / rate);
    }
    text
}
