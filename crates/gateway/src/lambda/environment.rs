//! One execution environment: its processes, its Runtime API, and one invocation at a time (L-01).

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::endpoint::{Endpoint, Shared, Work};
use super::logs::Logs;
use super::outcome::{Ended, InitFailure};
use super::output::Output;
use super::payloads::{Exit, unix_ms};
use super::process::{Ending, Process, Watch, freeze};
use super::variables::{self, Place};
use super::{Surroundings, log_lines, runtime_api};
use crate::launch::Launch;
use crate::model::Function;
use crate::report::{ColdStart, Event, Source};

/// What an environment is made of.
pub(super) struct Recipe<'a> {
    pub(super) function: &'a Function,
    pub(super) launch: &'a Launch,
    pub(super) surroundings: &'a Surroundings,
    pub(super) stop: &'a CancellationToken,
    pub(super) tasks: &'a TaskTracker,
    pub(super) logs: &'a Arc<Logs>,
    /// Which swap of the function's program it belongs to.
    pub(super) generation: u64,
}

/// Processes that have polled for their first invocation. Dropping it kills them.
pub(super) struct Environment {
    endpoint: Shared,
    logs: Arc<Logs>,
    outputs: Vec<Arc<Output>>,
    exit: watch::Receiver<Option<Exit>>,
    /// Process groups: the runtime's, then one for each external extension.
    groups: Vec<u32>,
    /// What the system tells of the runtime's process; kept open, since it is read after every invocation.
    status: Option<File>,
    init: Duration,
    generation: u64,
    freezes: bool,
    frozen: bool,
    ending: bool,
    end: mpsc::Sender<Ending>,
}

/// One invocation as the pool wants it run.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    pub(super) trace: String,
    pub(super) client_context: Option<String>,
    /// ARN it is invoked by, with the qualifier when there was one.
    pub(super) arn: String,
}

impl Environment {
    /// Starts the processes and waits until all of them ask for work (L-11).
    pub(super) async fn start(recipe: &Recipe<'_>, limit: Duration) -> Result<Self, InitFailure> {
        let started = Instant::now();
        let not_started = |error: std::io::Error| InitFailure::NotStarted(error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(not_started)?;
        let address = listener.local_addr().map_err(not_started)?.to_string();
        let Recipe { function, surroundings, logs, launch, .. } = recipe;

        let names: Vec<String> = launch.extensions.iter().filter_map(|path| name_of(path)).collect();
        let limit_bytes = surroundings.limits.payload;
        let endpoint = Arc::new(Endpoint::new(function, &surroundings.account_id, limit_bytes, &names));
        recipe.tasks.spawn(runtime_api::serve(listener, Arc::clone(&endpoint), endpoint.closed.clone()));
        // Nothing is left listening when what follows fails.
        let serving = endpoint.closed.clone().drop_guard();
        let (runtime, extensions) = spawn(recipe, &address)?;
        serving.disarm();

        let processes = || std::iter::once(&runtime).chain(&extensions);
        let groups: Vec<u32> = processes().map(Process::id).collect();
        let outputs = processes().map(|process| Arc::clone(&process.output)).collect();
        let status = groups.first().and_then(|id| File::open(format!("/proc/{id}/status")).ok());
        let (exited, exit) = watch::channel(None);
        let (end, ending) = mpsc::channel(1);
        let watch = Watch {
            runtime,
            extensions,
            exited,
            endpoint: Arc::clone(&endpoint),
            logs: Arc::clone(logs),
            end: ending,
            stop: recipe.stop.clone(),
            function: function.logical_id.clone(),
            report: Arc::clone(&surroundings.report),
        };
        recipe.tasks.spawn(watch.run());

        let mut environment = Self {
            endpoint,
            logs: Arc::clone(logs),
            outputs,
            exit,
            groups,
            status,
            init: Duration::ZERO,
            generation: recipe.generation,
            freezes: surroundings.behaviour.freeze,
            frozen: false,
            ending: false,
            end,
        };
        let first = environment.first_poll(limit, recipe.stop).await;
        environment.init = started.elapsed();
        environment.drain();
        match first {
            Ok(()) => {
                let process = environment.groups.first().copied().unwrap_or_default();
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
            () = self.endpoint.idle() => Ok(()),
            payload = self.endpoint.failed() => Err(InitFailure::Posted(payload)),
            exit = ended(&mut self.exit) => Err(match self.endpoint.failure() {
                Some(payload) => InitFailure::Posted(payload),
                None => InitFailure::Exited(exit),
            }),
            () = stop.cancelled() => Err(InitFailure::Stopping),
            () = tokio::time::sleep(limit) => Err(InitFailure::TimedOut),
        }
    }

    /// Hands the function one invocation and waits for its end, at most `timeout`.
    pub(super) async fn run(&mut self, order: Order, timeout: Duration) -> Ended {
        let (reply, posted) = oneshot::channel();
        self.thaw();
        self.logs.begin(&order.request_id);
        self.logs.write(Source::Platform, log_lines::start(&order.request_id));
        let Order { request_id, payload, trace, client_context, arn } = order;
        let deadline_ms = unix_ms(SystemTime::now() + timeout);
        let work = Work { request_id, payload, deadline_ms, trace, client_context, arn, reply };
        if !self.alive() || !self.endpoint.offer(work) {
            return Ended::NotDelivered;
        }
        let ended = tokio::select! {
            biased;
            Ok(posted) = posted => Ended::Posted(posted),
            exit = ended(&mut self.exit) => match self.endpoint.failure() {
                _ if self.endpoint.withdraw() => Ended::NotDelivered,
                Some(payload) => Ended::Failed(payload),
                None => Ended::Exited(exit),
            },
            payload = self.endpoint.failed() => {
                self.shut_down(Ending::Failure);
                Ended::Failed(payload)
            }
            () = tokio::time::sleep(timeout) => {
                self.shut_down(Ending::Timeout);
                Ended::TimedOut
            }
        };
        self.endpoint.abandon();
        self.drain();
        ended
    }

    /// Whether something still runs after the function has answered: extensions, or what a freeze has to wait for.
    pub(super) fn unsettled(&self) -> bool {
        self.alive() && (self.freezes || self.endpoint.has_invoke_extensions())
    }

    /// Whether only the freeze is left to do.
    pub(super) fn settles_at_once(&self) -> bool {
        !self.endpoint.has_invoke_extensions()
    }

    /// Waits until runtime and extensions ask for more, at most `limit`, and freezes them (L-01). After the limit the
    /// environment is reset, as after a timeout.
    pub(super) async fn settle(&mut self, limit: Duration) {
        let idle = tokio::select! {
            biased;
            () = self.endpoint.idle() => true,
            _ = ended(&mut self.exit) => false,
            () = tokio::time::sleep(limit) => false,
        };
        if !idle {
            self.shut_down(Ending::Timeout);
        } else if self.freezes {
            freeze(&self.groups, true);
            self.frozen = true;
        }
    }

    fn thaw(&mut self) {
        if std::mem::take(&mut self.frozen) {
            freeze(&self.groups, false);
        }
    }

    /// Whether the processes are there and not about to end.
    pub(super) fn alive(&self) -> bool {
        !self.ending && self.exit.borrow().is_none()
    }

    /// Waits until the processes are gone, as they are after a timeout.
    pub(super) async fn gone(&mut self) {
        tokio::select! {
            () = self.endpoint.closed.cancelled() => {}
            () = self.end.closed() => {}
        }
        self.drain();
    }

    /// Has the processes end (L-12), without waiting for it.
    pub(super) fn shut_down(&mut self, why: Ending) {
        self.ending = true;
        // When it is full or closed, they are ending already.
        let _ = self.end.try_send(why);
    }

    /// Tells what was written so far.
    pub(super) fn drain(&self) {
        for output in &self.outputs {
            output.drain();
        }
    }

    /// From start to first poll.
    pub(super) fn init(&self) -> Duration {
        self.init
    }

    /// Which swap of the function's program it belongs to.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Its log.
    pub(super) fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Most memory the runtime's process used so far, in MB, where the system tells.
    pub(super) fn memory_mb(&self) -> Option<u64> {
        // The line stands in the first third of some 1,500 bytes.
        let mut start = [0; 1024];
        let length = self.status.as_ref()?.read_at(&mut start, 0).ok()?;
        let status = String::from_utf8_lossy(&start[..length]);
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes.div_ceil(1024))
    }
}

async fn ended(exit: &mut watch::Receiver<Option<Exit>>) -> Exit {
    match exit.wait_for(Option::is_some).await {
        Ok(exit) => exit.clone().unwrap_or(Exit::Signal(9)),
        // The watching task is gone, and the process with it.
        Err(_) => Exit::Signal(9),
    }
}

fn name_of(path: &std::path::Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// Extensions start before the runtime (L-11).
fn spawn(recipe: &Recipe<'_>, address: &str) -> Result<(Process, Vec<Process>), InitFailure> {
    let Recipe { function, launch, surroundings, logs, .. } = recipe;
    let date = Timestamp::now().strftime("%Y/%m/%d");
    let log_stream = format!("{date}/[$LATEST]{}", hex::encode(crate::random::bytes::<16>()));
    let place = Place { region: &surroundings.region, runtime_api: address, log_stream: &log_stream };
    let variables = variables::of(function, launch, place);
    let start = |program: &std::path::Path, launch| {
        Process::start(program, launch, function, &variables, logs)
            .map_err(|error| InitFailure::NotStarted(format!("{}: {error}", program.display())))
    };
    let extensions = launch.extensions.iter().map(|path| start(path, None)).collect::<Result<_, _>>()?;
    Ok((start(&launch.program, Some(launch))?, extensions))
}
