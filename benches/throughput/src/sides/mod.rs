//! The tools that are compared, each running the same function.

mod cargo_lambda;
mod gateway;
mod ministack;
mod offline;

use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{function, load};

/// Far more than any of them takes to start.
const PATIENCE: Duration = Duration::from_secs(90);

/// Where everything is.
pub(crate) struct Tools {
    /// The folder that `benches/throughput/install` filled.
    pub(crate) installed: Option<PathBuf>,
    /// Our gateway's program.
    pub(crate) gateway: PathBuf,
    /// Requests that are sent at once at most.
    pub(crate) connections: usize,
}

/// Which tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Gateway,
    CargoLambda,
    Offline,
    Ministack,
}

/// All of them, in the order of the table.
pub(crate) const ALL: [Kind; 4] = [Kind::Gateway, Kind::CargoLambda, Kind::Offline, Kind::Ministack];

impl Kind {
    /// As it is called in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "this gateway",
            Self::CargoLambda => "`cargo lambda watch`",
            Self::Offline => "`serverless-offline`",
            Self::Ministack => "`ministack`",
        }
    }

    /// Starts it, until it has answered its first request; why it cannot be measured otherwise.
    pub(crate) async fn start(self, tools: &Tools) -> Result<Side, String> {
        match self {
            Self::Gateway => gateway::start(tools).await,
            Self::CargoLambda => cargo_lambda::start(tools).await,
            Self::Offline => offline::start(tools).await,
            Self::Ministack => ministack::start(tools).await,
        }
    }
}

/// A running tool.
pub(crate) struct Side {
    process: Child,
    folder: TempDir,
    /// A GET here asks the function.
    pub(crate) http: String,
    /// A message here is answered by the function.
    pub(crate) socket: Option<String>,
    /// From its start to its first answer.
    pub(crate) first_answer: Duration,
}

impl Tools {
    /// A file below the folder of what is installed.
    fn find(&self, path: &str) -> Result<PathBuf, String> {
        let folder = self.installed.as_ref().ok_or("not installed: see benches/throughput/install and --tools")?;
        let found = folder.join(path);
        found.is_file().then_some(found).ok_or_else(|| format!("no {path} in {}", folder.display()))
    }
}

impl Side {
    /// Runs a command in a group of its own until `http` answers.
    async fn launch(mut command: Command, folder: TempDir, http: String) -> Result<Self, String> {
        let started = Instant::now();
        let process = spawn(&mut command, folder.path())?;
        let mut side = Self { process, folder, http, socket: None, first_answer: Duration::ZERO };
        let url = side.http.clone();
        side.until(async || load::answers(&url).await).await?;
        side.first_answer = started.elapsed();
        Ok(side)
    }

    /// Tries until it works, as long as the tool runs.
    async fn until(&mut self, mut works: impl AsyncFnMut() -> Result<(), String>) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let Err(error) = works().await else { return Ok(()) };
            if self.process.try_wait().is_ok_and(|ended| ended.is_some()) || started.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                let last: Vec<&str> = log.lines().rev().take(8).collect();
                return Err(format!("{error}; it said: {}", last.into_iter().rev().collect::<Vec<_>>().join(" / ")));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Megabytes that its process has resident, without those of functions beside it.
    pub(crate) fn memory(&self) -> f64 {
        let status = format!("/proc/{}/status", self.process.id().unwrap_or_default());
        let status = std::fs::read_to_string(status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1024.0
    }

    /// Ends it and what it started.
    pub(crate) async fn stop(mut self) {
        let group = self.process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = group {
            // Gone already is as good.
            let _ = kill_process_group(group, Signal::TERM);
            let _ = tokio::time::timeout(Duration::from_secs(5), self.process.wait()).await;
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait().await;
    }
}

/// Starts a command whose output goes to `log` in a folder.
fn spawn(command: &mut Command, folder: &Path) -> Result<Child, String> {
    let log = std::fs::File::create(folder.join("log")).map_err(|error| error.to_string())?;
    let errors = log.try_clone().map_err(|error| error.to_string())?;
    command.process_group(0).stdin(Stdio::null()).stdout(log).stderr(errors).kill_on_drop(true);
    let spawned = command.spawn();
    spawned.map_err(|error| format!("{}: {error}", command.as_std().get_program().display()))
}

/// A port that is free now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// A folder with the function's program in it.
pub(crate) fn with_function() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let own = std::env::current_exe().expect("this program's path");
    symlink(own, folder.path().join(function::NAME)).expect("a link");
    folder
}
