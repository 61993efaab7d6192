//! The processes of one execution environment: the runtime and external extensions; how they start, freeze and end.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, select_all};
use rustix::process::{Pid, Signal};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::endpoint::Shared;
use super::logs::Logs;
use super::output::Output;
use super::payloads::Exit;
use crate::launch::Launch;
use crate::model::Function;
use crate::report::{Crash, Event, Report};

/// How long a runtime may take after SIGTERM when only it registered an extension (L-12).
const INTERNAL: Duration = Duration::from_millis(500);
/// How long runtime and extensions together may take when there are external extensions (L-12).
const EXTERNAL: Duration = Duration::from_secs(2);
/// The runtime's part of that (AWS's runtime interface emulator).
const RUNTIME_SHARE: f64 = 0.3;
/// How long the last output of an ended process may take to arrive on a busy machine; a grandchild may hold the pipe open
/// for ever.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

/// Why an environment is to end: the `shutdownReason` of the extensions' event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is not needed any more.
    Spindown,
    /// An invocation took too long.
    Timeout,
    /// The runtime or an extension failed.
    Failure,
    /// Nobody holds it any more: at once, without a word.
    Dropped,
}

impl Ending {
    fn reason(self) -> &'static str {
        match self {
            Self::Spindown | Self::Dropped => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
    }
}

/// One started process.
pub(super) struct Process {
    child: Child,
    pub(super) output: Arc<Output>,
    /// Name of the extension; `None` for the runtime.
    extension: Option<String>,
}

impl Process {
    /// Starts `program` with these variables and nothing else.
    pub(super) fn start(
        program: &Path,
        launch: Option<&Launch>,
        function: &Function,
        variables: &std::collections::BTreeMap<String, String>,
        logs: &Arc<Logs>,
    ) -> std::io::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(launch.map(|launch| launch.arguments.as_slice()).unwrap_or_default())
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Its own group: Ctrl-C in the terminal is for the gateway, which then ends its processes itself; and what
            // a function starts is frozen and ended with it.
            .process_group(0)
            .kill_on_drop(true);
        if function.code.is_dir() {
            command.current_dir(&function.code);
        }
        let mut child = command.spawn()?;
        let output = Output::of(&mut child, logs)?;
        let extension = match launch {
            Some(_) => None,
            None => program.file_name().map(|name| name.to_string_lossy().into_owned()),
        };
        Ok(Self { child, output, extension })
    }

    /// Process id; 0 when it is gone.
    pub(super) fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }
}

/// Stops or continues whole process groups (L-01).
pub(super) fn freeze(groups: &[u32], frozen: bool) {
    let signal = if frozen { Signal::STOP } else { Signal::CONT };
    for group in groups {
        signal_group(*group, signal);
    }
}

fn signal_group(group: u32, signal: Signal) {
    if let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        // It may be gone already.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

/// The task that owns the processes: tells their output, waits for their end, brings their end about.
pub(super) struct Watch {
    pub(super) runtime: Process,
    pub(super) extensions: Vec<Process>,
    pub(super) exited: watch::Sender<Option<Exit>>,
    pub(super) endpoint: Shared,
    pub(super) logs: Arc<Logs>,
    pub(super) end: mpsc::Receiver<Ending>,
    pub(super) stop: CancellationToken,
    pub(super) function: String,
    pub(super) report: Arc<dyn Report>,
}

impl Watch {
    pub(super) async fn run(mut self) {
        let groups: Vec<u32> = self.processes().map(Process::id).collect();
        let followers: Vec<_> =
            self.processes().map(|process| tokio::spawn(Arc::clone(&process.output).follow())).collect();
        let stop = self.stop.clone();
        let happened = tokio::select! {
            biased;
            status = self.runtime.child.wait() => Err(exit_of(status)),
            (name, status) = ended(&mut self.extensions) => {
                Err(Exit::Extension { name, status: Box::new(exit_of(status)) })
            }
            ending = self.end.recv() => Ok(ending.unwrap_or(Ending::Dropped)),
            () = stop.cancelled() => Ok(Ending::Spindown),
        };
        let exit = match happened {
            Ok(ending) => {
                // What is frozen hears no SIGTERM and no event.
                freeze(&groups, false);
                self.end(ending).await
            }
            Err(exit) => {
                if self.runtime.child.id().is_none() {
                    Self::last_output(std::iter::once(&self.runtime)).await;
                }
                if !stop.is_cancelled() {
                    self.crashed(&exit);
                }
                // Whoever waits for the invocation need not wait for the extensions.
                let _ = self.exited.send(Some(exit.clone()));
                self.end(Ending::Failure).await;
                exit
            }
        };
        // What they started goes with them.
        for group in &groups {
            signal_group(*group, Signal::KILL);
        }
        Self::last_output(self.processes()).await;
        for follower in followers {
            follower.abort();
        }
        self.endpoint.closed.cancel();
        // Nobody may be interested any more.
        let _ = self.exited.send(Some(exit));
    }

    fn processes(&self) -> impl Iterator<Item = &Process> {
        std::iter::once(&self.runtime).chain(&self.extensions)
    }

    /// Lets the last output arrive.
    async fn last_output<'a>(processes: impl Iterator<Item = &'a Process>) {
        let outputs: Vec<_> = processes.map(|process| &process.output).collect();
        let _ = timeout(LAST_OUTPUT, join_all(outputs.iter().map(|output| output.closed()))).await;
        for output in outputs {
            output.drain();
        }
    }

    fn crashed(&self, exit: &Exit) {
        self.report.event(&Event::Crash(Crash {
            function: self.function.clone(),
            request_id: self.endpoint.current(),
            reason: exit.reason(),
            last_lines: self.logs.last(20),
        }));
    }

    /// Ends what still runs (L-12): at once without extensions; else SIGTERM to the runtime, then SHUTDOWN to the
    /// external extensions that asked for it, and SIGKILL to whoever is still there when the time is up.
    async fn end(&mut self, ending: Ending) -> Exit {
        let registered = self.endpoint.has_extensions();
        if ending == Ending::Dropped || !registered {
            return self.kill().await;
        }
        let whole = if self.extensions.is_empty() { INTERNAL } else { EXTERNAL };
        let deadline = Instant::now() + whole;
        let share = if self.extensions.is_empty() { whole } else { whole.mul_f64(RUNTIME_SHARE) };
        let runtime = self.runtime.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(runtime) = runtime
            && rustix::process::kill_process(runtime, Signal::TERM).is_ok()
        {
            // Whatever became of it, it is killed below.
            let _ = timeout(share, self.runtime.child.wait()).await;
        }
        let told = self.endpoint.shut_down(ending.reason(), deadline.saturating_duration_since(Instant::now()));
        let leaving = self
            .extensions
            .iter_mut()
            .filter(|process| process.extension.as_ref().is_some_and(|name| told.contains(name)));
        let _ = timeout_at(deadline, join_all(leaving.map(|process| process.child.wait()))).await;
        self.kill().await
    }

    async fn kill(&mut self) -> Exit {
        for process in &mut self.extensions {
            // An error means that it is gone.
            let _ = process.child.kill().await;
        }
        let _ = self.runtime.child.kill().await;
        exit_of(self.runtime.child.wait().await)
    }
}

/// The first extension that ends; never when there is none.
async fn ended(extensions: &mut [Process]) -> (String, std::io::Result<ExitStatus>) {
    if extensions.is_empty() {
        return std::future::pending().await;
    }
    let waits = extensions
        .iter_mut()
        .map(|process| Box::pin(async { (process.extension.clone().unwrap_or_default(), process.child.wait().await) }));
    select_all(waits).await.0
}

fn exit_of(status: std::io::Result<ExitStatus>) -> Exit {
    match status.map(|status| (status.code(), status.signal())) {
        Ok((Some(code), _)) => Exit::Status(code),
        Ok((None, signal)) => Exit::Signal(signal.unwrap_or(9)),
        Err(_) => Exit::Signal(9),
    }
}
