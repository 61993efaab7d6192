//! How long it takes from saving a source file until `cargo run -- --watch` answers with it, and how much processor time.
//!
//! Files are saved with a comment in them, which moves every line, and are as they were in the end.
#![allow(clippy::disallowed_methods, reason = "a measurement has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use benches::figures::Figures;
use benches::process::cpu_time_of_children;
use clap::Parser;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

#[derive(Parser)]
struct Arguments {
    /// Times that each file is saved and measured, after a first time.
    #[arg(long, default_value_t = 6)]
    saves: u32,
    /// The workspace [default: this one]
    #[arg(long, default_value = benches::workspace().to_str().unwrap())]
    workspace: PathBuf,
    /// Files that are saved.
    #[arg(default_values = ["functions/src/auth/me.rs", "crates/app/src/views.rs", "crates/store/src/messages.rs"])]
    files: Vec<PathBuf>,
}

/// A file that is saved with changes and is as it was in the end.
struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn open(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text }
    }

    fn save(&self, number: u32) {
        let documents = self.text.lines().take_while(|line| line.starts_with("//!"));
        let (head, rest) = self.text.split_at(documents.map(|line| line.len() + 1).sum());
        fs::write(&self.path, format!("{head}// Saved {number} times.\n{rest}")).unwrap();
    }
}

impl Drop for File {
    fn drop(&mut self) {
        fs::write(&self.path, &self.text).unwrap();
    }
}

struct Run {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Run {
    fn start(program: &Path, workspace: &Path, data: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(["--watch", "--log", "json", "--port", "0", "--data"]).arg(data).current_dir(workspace);
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn event(&mut self, kind: &str) -> Value {
        loop {
            let line = self.lines.next_line().await.unwrap().expect("it ended");
            let event: Value = serde_json::from_str(&line).unwrap();
            assert_ne!(event["event"], "buildFailed", "{event}");
            if event["event"] == kind {
                return event;
            }
        }
    }
}

#[tokio::main]
async fn main() {
    let Arguments { saves, workspace, files } = Arguments::parse();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = std::process::Command::new(&cargo).arg("build").current_dir(&workspace).status();
    assert!(built.expect("cargo").success(), "it does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), Into::into);
    let data = tempfile::tempdir().unwrap();
    let mut run = Run::start(&target.join("debug/parlance"), &workspace, &data.path().join("data"));
    let url = format!("{}/api/auth/me", run.event("started").await["url"].as_str().unwrap());
    run.event("watching").await;
    println!("| saved | until the next answer, s: median (minimum–maximum) | processor time, s |");
    println!("|---|---|---|");
    for name in files {
        let file = File::open(workspace.join(&name));
        let (mut answered, mut spent) = (Figures::default(), Figures::default());
        for number in 0..=saves {
            let process = run.child.id().expect("a running process");
            let (start, before) = (Instant::now(), cpu_time_of_children(process));
            file.save(number);
            run.event("swapped").await;
            assert_eq!(reqwest::get(&url).await.unwrap().status(), 401);
            // The first one may have had to compile what the others had not.
            if number > 0 {
                answered.add(start.elapsed().as_secs_f64());
                spent.add(cpu_time_of_children(process).as_secs_f64() - before.as_secs_f64());
            }
        }
        println!("| `{}` | {} | {} |", name.display(), answered.shown(1), spent.shown(1));
        drop(file);
        run.event("swapped").await;
    }
}
