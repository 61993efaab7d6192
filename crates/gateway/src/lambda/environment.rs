//! One execution environment: a child process, its Runtime API, and one invocation at a time (L-01).

use std::net::Ipv4Addr;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::Surroundings;
use super::logs::Logs;
use super::payloads::{self, Exit};
use super::runtime_api::{self, Endpoint, Posted, Work};
use super::variables::{self, Place};
use crate::launch::Launch;
use crate::model::Function;
use crate::report::{ColdStart, Crash, Event, Source};

/// How long SIGTERM may take when the function registered for a graceful end (L-12).
const GRACE: Duration = Duration::from_millis(500);
/// How long the last output of an ended process may take to arrive; a grandchild may hold the pipe open for ever.
const LAST_OUTPUT: Duration = Duration::from_millis(200);

/// What an environment is made of.
pub(super) struct Recipe<'a> {
    pub(super) function: &'a Function,
    pub(super) arn: &'a str,
    pub(super) launch: &'a Launch,
    pub(super) surroundings: &'a Surroundings,
    pub(super) stop: &'a CancellationToken,
    pub(super) tasks: &'a TaskTracker,
}

/// A process that has polled for its first invocation. Dropping it kills the process.
pub(super) struct Environment {
    endpoint: Arc<Endpoint>,
    logs: Arc<Logs>,
    exit: watch::Receiver<Option<Exit>>,
    process: u32,
    init: Duration,
    kill: CancellationToken,
    _guard: DropGuard,
}

/// Why an environment did not get as far as its first poll.
pub(super) enum InitFailure {
    /// The program could not be started.
    NotStarted(String),
    /// It posted an error, with this payload.
    Posted(Bytes),
    /// It ended.
    Exited(Exit),
    /// It took too long.
    TimedOut,
    /// The gateway is stopping.
    Stopping,
}

/// How an invocation ended.
pub(super) enum Ended {
    /// The function answered.
    Posted(Posted),
    /// The process ended first.
    Exited(Exit),
    /// It took longer than it may; the process is being killed.
    TimedOut,
    /// The process was already gone: the function never saw the invocation.
    NotDelivered,
}

impl Environment {
    /// Starts the process and waits for its first poll.
    pub(super) async fn start(recipe: &Recipe<'_>, limit: Duration) -> Result<Self, InitFailure> {
        let started = Instant::now();
        let not_started = |error: std::io::Error| InitFailure::NotStarted(error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(not_started)?;
        let address = listener.local_addr().map_err(not_started)?.to_string();
        let Recipe { function, surroundings, .. } = recipe;
        let logs = Arc::new(Logs::new(function.logical_id.clone(), Arc::clone(&surroundings.report)));
        logs.write(Source::Platform, payloads::init_start(&function.runtime));

        let child = spawn(recipe, &address)
            .map_err(|error| InitFailure::NotStarted(format!("{}: {error}", recipe.launch.program.display())))?;
        let process = child.id().unwrap_or_default();
        let kill = CancellationToken::new();
        let guard = kill.clone().drop_guard();
        let endpoint = Arc::new(Endpoint::new(function, recipe.arn.to_owned(), surroundings.limits.payload));
        recipe.tasks.spawn(runtime_api::serve(listener, Arc::clone(&endpoint), endpoint.closed.clone()));
        let (exited, exit) = watch::channel(None);
        recipe.tasks.spawn(
            Watch {
                child,
                exited,
                endpoint: Arc::clone(&endpoint),
                logs: Arc::clone(&logs),
                kill: kill.clone(),
                stop: recipe.stop.clone(),
                function: function.logical_id.clone(),
                report: Arc::clone(&surroundings.report),
            }
            .run(),
        );

        let mut environment = Self { endpoint, logs, exit, process, init: Duration::ZERO, kill, _guard: guard };
        let first = environment.first_poll(limit, recipe.stop).await;
        environment.init = started.elapsed();
        match first {
            Ok(()) => {
                let cold = ColdStart { function: function.logical_id.clone(), process, init: environment.init };
                surroundings.report.event(&Event::ColdStart(cold));
                Ok(environment)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn first_poll(&mut self, limit: Duration, stop: &CancellationToken) -> Result<(), InitFailure> {
        tokio::select! {
            biased;
            () = self.endpoint.polled.cancelled() => Ok(()),
            payload = self.endpoint.init_error() => Err(InitFailure::Posted(payload)),
            exit = ended(&mut self.exit) => Err(match self.endpoint.posted_init_error() {
                Some(payload) => InitFailure::Posted(payload),
                None => InitFailure::Exited(exit),
            }),
            () = stop.cancelled() => Err(InitFailure::Stopping),
            () = tokio::time::sleep(limit) => Err(InitFailure::TimedOut),
        }
    }

    /// Hands the function one invocation and waits for its end, at most `timeout`.
    pub(super) async fn run(&mut self, request_id: &str, payload: Bytes, trace: String, timeout: Duration) -> Ended {
        let (reply, posted) = oneshot::channel();
        let deadline_ms = unix_ms(SystemTime::now() + timeout);
        self.logs.begin(request_id);
        self.logs.write(Source::Platform, payloads::start(request_id));
        let work = Work { request_id: request_id.to_owned(), payload, deadline_ms, trace, reply };
        if !self.alive() || self.endpoint.offer(work).is_err() {
            return Ended::NotDelivered;
        }
        tokio::select! {
            biased;
            Ok(posted) = posted => Ended::Posted(posted),
            exit = ended(&mut self.exit) => {
                if self.endpoint.withdraw() { Ended::NotDelivered } else { Ended::Exited(exit) }
            }
            () = tokio::time::sleep(timeout) => {
                self.kill.cancel();
                Ended::TimedOut
            }
        }
    }

    /// Whether the process is still there.
    pub(super) fn alive(&self) -> bool {
        self.exit.borrow().is_none()
    }

    /// Waits until the process is gone, as it is after a timeout.
    pub(super) async fn gone(&mut self) {
        ended(&mut self.exit).await;
    }

    /// From start to first poll.
    pub(super) fn init(&self) -> Duration {
        self.init
    }

    /// Its log.
    pub(super) fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Most memory the process used so far, in MB, where the system tells.
    pub(super) fn memory_mb(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes.div_ceil(1024))
    }
}

async fn ended(exit: &mut watch::Receiver<Option<Exit>>) -> Exit {
    match exit.wait_for(Option::is_some).await {
        Ok(exit) => exit.unwrap_or(Exit::Signal(9)),
        // The watching task is gone, and the process with it.
        Err(_) => Exit::Signal(9),
    }
}

fn spawn(recipe: &Recipe<'_>, address: &str) -> std::io::Result<Child> {
    let Recipe { function, launch, surroundings, .. } = recipe;
    let date = Timestamp::now().strftime("%Y/%m/%d");
    let log_stream = format!("{date}/[$LATEST]{}", hex::encode(crate::random::bytes::<16>()));
    let place = Place { region: &surroundings.region, runtime_api: address, log_stream: &log_stream };
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .env_clear()
        .envs(variables::of(function, launch, place))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Its own group: Ctrl-C in the terminal is for the gateway, which then ends its processes itself.
        .process_group(0)
        .kill_on_drop(true);
    if function.code.is_dir() {
        command.current_dir(&function.code);
    }
    command.spawn()
}

/// The task that owns the process: tells its output, waits for its end, brings its end about.
struct Watch {
    child: Child,
    exited: watch::Sender<Option<Exit>>,
    endpoint: Arc<Endpoint>,
    logs: Arc<Logs>,
    kill: CancellationToken,
    stop: CancellationToken,
    function: String,
    report: Arc<dyn crate::Report>,
}

impl Watch {
    async fn run(mut self) {
        let output =
            self.child.stdout.take().map(|out| tokio::spawn(Arc::clone(&self.logs).follow(Source::Output, out)));
        let errors =
            self.child.stderr.take().map(|err| tokio::spawn(Arc::clone(&self.logs).follow(Source::Error, err)));
        let status = tokio::select! {
            status = self.child.wait() => status,
            () = self.kill.cancelled() => self.end(false).await,
            () = self.stop.cancelled() => self.end(true).await,
        };
        let unasked = !self.kill.is_cancelled() && !self.stop.is_cancelled();
        let exit = status.map_or(Exit::Signal(9), exit_of);
        for follower in [output, errors].into_iter().flatten() {
            let abort = follower.abort_handle();
            if tokio::time::timeout(LAST_OUTPUT, follower).await.is_err() {
                abort.abort();
            }
        }
        if unasked {
            let crash = Crash {
                function: self.function.clone(),
                request_id: self.endpoint.current(),
                reason: exit.reason(),
                last_lines: self.logs.last(20),
            };
            self.report.event(&Event::Crash(crash));
        }
        self.endpoint.closed.cancel();
        // Nobody may be interested any more.
        let _ = self.exited.send(Some(exit));
    }

    /// Ends the process: at once, or with SIGTERM first when it registered for that (L-12).
    async fn end(&mut self, gently: bool) -> std::io::Result<ExitStatus> {
        let process = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if gently
            && self.endpoint.graceful.load(Ordering::Relaxed)
            && let Some(process) = process
            && rustix::process::kill_process(process, rustix::process::Signal::TERM).is_ok()
            && let Ok(status) = tokio::time::timeout(GRACE, self.child.wait()).await
        {
            return status;
        }
        self.child.kill().await?;
        self.child.wait().await
    }
}

fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(code),
        (None, signal) => Exit::Signal(signal.unwrap_or(9)),
    }
}

fn unix_ms(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis()
}
