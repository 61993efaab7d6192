//! The execution environments of one function: warm ones first, a new one when all are busy, up to a limit.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::endpoint::Posted;
use super::environment::{Ended, Environment, InitFailure, Order, Recipe};
use super::log_lines::{self, Status, Usage};
use super::logs::Logs;
use super::process::Ending;
use super::{Call, Failure, Invocation, Surroundings, payloads, trace_header, unavailable};
use crate::launch::Launch;
use crate::model::Function;
use crate::report::{Crash, Event, Execution, Source};

/// One function and its environments.
pub(super) struct Pool {
    function: Function,
    arn: String,
    launch: Mutex<Arc<Launch>>,
    /// Counts the swaps of its program; environments of an older one take no more invocations.
    generation: AtomicU64,
    surroundings: Arc<Surroundings>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Last used last, so that the longest idle ones cool down.
    idle: Mutex<Vec<Idle>>,
    /// Environments that may run at once; waiting here is first come first served.
    room: Arc<Semaphore>,
    /// Reserved concurrency: beyond it Lambda refuses instead of queueing (L-10).
    reserved: Option<Arc<Semaphore>>,
}

struct Idle {
    environment: Environment,
    since: Instant,
}

/// An environment that is ready for its first invocation.
struct Started {
    environment: Environment,
    /// Time of the initialisation phase; `None` when that failed and was repeated in the invocation (L-11).
    init: Option<Duration>,
    /// What the repeated initialisation took of the invocation's time.
    spent: Duration,
}

/// Result of an invocation before it is told to anybody.
struct Run {
    result: Result<Bytes, Bytes>,
    init: Option<Duration>,
    duration: Duration,
    memory_mb: Option<u64>,
    log: Vec<String>,
}

/// What the last lines of an invocation tell, and what it holds until then.
struct Conclusion {
    request_id: String,
    started: Instant,
    spent: Duration,
    init: Option<Duration>,
    status: Option<String>,
    memory_mb: Option<u64>,
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Pool {
    pub(super) fn new(
        function: Function,
        arn: String,
        launch: Launch,
        surroundings: Arc<Surroundings>,
        stop: CancellationToken,
        tasks: &TaskTracker,
    ) -> Arc<Self> {
        let room = Arc::new(Semaphore::new(surroundings.limits.environments.max(1) as usize));
        let reserved = function.reserved_concurrency.map(|count| Arc::new(Semaphore::new(count as usize)));
        let pool = Arc::new(Self {
            function,
            arn,
            launch: Mutex::new(Arc::new(launch)),
            generation: AtomicU64::new(0),
            surroundings,
            stop,
            tasks: tasks.clone(),
            idle: Mutex::default(),
            room,
            reserved,
        });
        tasks.spawn(cool(Arc::downgrade(&pool), pool.stop.clone(), pool.surroundings.limits.warm));
        pool
    }

    /// New invocations go to this program; environments of the old one end after what they are doing.
    pub(super) fn swap(&self, launch: Launch) {
        *self.launch.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(launch);
        self.retire();
    }

    /// Environments end after what they are doing.
    pub(super) fn retire(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        for Idle { mut environment, .. } in self.idle().drain(..) {
            environment.shut_down(Ending::Spindown);
        }
    }

    /// The program of new environments.
    pub(super) fn program(&self) -> std::path::PathBuf {
        self.launch.lock().unwrap_or_else(PoisonError::into_inner).program.clone()
    }

    /// Runs one invocation to its end.
    pub(super) async fn invoke(self: Arc<Self>, call: Call) -> Invocation {
        let name = self.function.logical_id.as_str();
        let refused = |failure| Invocation { result: Err(failure), ..unavailable(name) };
        if call.payload.len() > self.surroundings.limits.payload {
            return refused(Failure::TooLarge);
        }
        let mut permits = Vec::new();
        match self.reserved.clone().map(Semaphore::try_acquire_owned) {
            Some(Err(_)) => return refused(Failure::Throttled),
            Some(Ok(permit)) => permits.push(permit),
            None => {}
        }
        let room = tokio::select! {
            biased;
            () = self.stop.cancelled() => return refused(Failure::Unavailable),
            room = Arc::clone(&self.room).acquire_owned() => room,
        };
        match room {
            Ok(permit) => permits.push(permit),
            Err(_) => return refused(Failure::Unavailable),
        }
        let request_id = call.request_id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let Some(run) = self.run(&request_id, call, permits).await else {
            return refused(Failure::Unavailable);
        };
        let error = run.result.as_ref().err();
        let error = error.map(|payload| payloads::error_type(payload).unwrap_or_else(|| "error".to_owned()));
        let execution = Execution {
            function: name.to_owned(),
            request_id,
            init: run.init,
            duration: run.duration,
            memory_mb: run.memory_mb,
            error,
        };
        Invocation { execution, result: run.result.map_err(Failure::Function), log: run.log }
    }

    /// `None` when the gateway stops meanwhile.
    async fn run(self: &Arc<Self>, request_id: &str, call: Call, permits: Vec<OwnedSemaphorePermit>) -> Option<Run> {
        let mut retried = false;
        let arn = match &call.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn),
            None => self.arn.clone(),
        };
        let order = Order {
            request_id: request_id.to_owned(),
            payload: call.payload,
            trace: trace_header(&call.trace),
            client_context: call.client_context,
            arn,
        };
        loop {
            let Started { mut environment, init, spent } = match self.warm() {
                Some(environment) => Started { environment, init: None, spent: Duration::ZERO },
                None => match self.start(request_id).await {
                    Ok(started) => started,
                    Err(None) => return None,
                    Err(Some(failed)) => return Some(failed),
                },
            };
            let started = Instant::now();
            let ended = environment.run(order.clone(), self.function.timeout.saturating_sub(spent)).await;
            if self.stop.is_cancelled() && !matches!(ended, Ended::Posted(_)) {
                return None;
            }
            // Gone between two invocations: the next one gets a new environment, as on Lambda.
            if matches!(ended, Ended::NotDelivered) && !retried {
                retried = true;
                continue;
            }
            let conclusion = Conclusion {
                request_id: request_id.to_owned(),
                started,
                spent,
                init,
                status: None,
                memory_mb: environment.memory_mb(),
                _permits: permits,
            };
            return Some(self.finish(environment, ended, conclusion, call.tail).await);
        }
    }

    async fn finish(
        self: &Arc<Self>,
        mut environment: Environment,
        ended: Ended,
        mut conclusion: Conclusion,
        tail: bool,
    ) -> Run {
        let memory_mb = conclusion.memory_mb;
        let request_id = conclusion.request_id.clone();
        let exited = |exit: &payloads::Exit| {
            let status = Some(exit.kind().to_owned());
            (Err(Bytes::from(payloads::exited(&request_id, exit).to_string())), status)
        };
        let posted = matches!(ended, Ended::Posted(_));
        let (result, status) = match ended {
            Ended::Posted(Posted::Response(payload)) => (Ok(payload), None),
            Ended::Posted(Posted::Error(payload)) => (Err(payload), None),
            Ended::Exited(exit) => exited(&exit),
            Ended::NotDelivered => exited(&payloads::Exit::Status(0)),
            Ended::Failed(payload) => {
                let kind = payloads::error_type(&payload).unwrap_or_default();
                (Err(payload), Some(kind))
            }
            Ended::TimedOut => (Err(self.timed_out(&request_id, &mut environment).await), Some(String::new())),
        };
        conclusion.status = status;
        let duration = conclusion.spent + conclusion.started.elapsed();
        let init = conclusion.init;
        // Extensions may work on while the client has its answer; a freeze comes at once.
        let log = if posted && environment.unsettled() && !environment.settles_at_once() && !tail {
            let (pool, log) = (Arc::clone(self), environment.logs().of(&request_id));
            self.tasks.spawn(async move {
                pool.conclude(environment, conclusion).await;
            });
            log
        } else {
            self.conclude(environment, conclusion).await
        };
        Run { result, init, duration, memory_mb, log }
    }

    /// Lets extensions finish, writes the last lines, and puts the environment back; the log of the invocation.
    async fn conclude(&self, mut environment: Environment, conclusion: Conclusion) -> Vec<String> {
        let Conclusion { request_id, started, spent, init, status, memory_mb: mut used_mb, _permits } = conclusion;
        let mut duration = spent + started.elapsed();
        if environment.unsettled() {
            environment.settle(self.function.timeout.saturating_sub(duration)).await;
            if !environment.settles_at_once() {
                duration = spent + started.elapsed();
                used_mb = environment.memory_mb();
            }
        }
        let status = status.as_deref().map(|kind| if kind.is_empty() { Status::Timeout } else { Status::Error(kind) });
        let memory_mb = self.function.memory_mb;
        let usage = Usage { duration, memory_mb, used_mb, init, status };
        let log = write_end(environment.logs(), &request_id, usage);
        if environment.generation() != self.generation() {
            environment.shut_down(Ending::Spindown);
        } else if environment.alive() {
            self.idle().push(Idle { environment, since: Instant::now() });
        }
        log
    }

    async fn timed_out(&self, request_id: &str, environment: &mut Environment) -> Bytes {
        // Its last output arrives before its end does.
        environment.gone().await;
        let timeout = self.function.timeout;
        environment.logs().write(Source::Platform, log_lines::timed_out(Timestamp::now(), request_id, timeout));
        let crash = Crash {
            function: self.function.logical_id.clone(),
            request_id: Some(request_id.to_owned()),
            reason: format!("Task timed out after {:.2} seconds", timeout.as_secs_f64()),
            last_lines: environment.logs().last(20),
        };
        self.surroundings.report.event(&Event::Crash(crash));
        Bytes::from(payloads::timed_out(request_id, timeout).to_string())
    }

    /// The environment used last that is still alive.
    fn warm(&self) -> Option<Environment> {
        let mut idle = self.idle();
        while let Some(Idle { mut environment, .. }) = idle.pop() {
            if environment.generation() != self.generation() {
                environment.shut_down(Ending::Spindown);
            } else if environment.alive() {
                return Some(environment);
            }
        }
        None
    }

    /// A new environment. A failed initialisation is repeated once, within the function's own timeout (L-11); when
    /// that fails too, it is the invocation that fails. `Err(None)` when the gateway stops.
    async fn start(&self, request_id: &str) -> Result<Started, Option<Run>> {
        let logs = Arc::new(Logs::new(self.function.logical_id.clone(), Arc::clone(&self.surroundings.report)));
        logs.write(Source::Platform, log_lines::init_start(&self.function.runtime));
        // The number first: a swap in between makes the environment outdated, never the other way round.
        let generation = self.generation();
        let launch = Arc::clone(&self.launch.lock().unwrap_or_else(PoisonError::into_inner));
        let recipe = Recipe {
            function: &self.function,
            launch: &launch,
            surroundings: &self.surroundings,
            stop: &self.stop,
            tasks: &self.tasks,
            logs: &logs,
            generation,
        };
        let first = Instant::now();
        match Environment::start(&recipe, self.surroundings.limits.init).await {
            Ok(environment) => {
                let init = Some(environment.init());
                return Ok(Started { environment, init, spent: Duration::ZERO });
            }
            Err(InitFailure::Stopping) => return Err(None),
            Err(failure) => self.tell_init(&logs, "init", &failure, first.elapsed()),
        }
        let again = Instant::now();
        match Environment::start(&recipe, self.function.timeout).await {
            Ok(environment) => Ok(Started { environment, init: None, spent: again.elapsed() }),
            Err(InitFailure::Stopping) => Err(None),
            Err(failure) => {
                let duration = again.elapsed();
                self.tell_init(&logs, "invoke", &failure, duration);
                Err(Some(self.init_failed(request_id, &logs, failure, duration)))
            }
        }
    }

    fn tell_init(&self, logs: &Logs, phase: &str, failure: &InitFailure, took: Duration) {
        let kind = failure.kind();
        let status = kind.as_deref().map_or(Status::Timeout, Status::Error);
        logs.write(Source::Platform, log_lines::init_report(took, phase, status));
        if matches!(failure, InitFailure::TimedOut) {
            self.surroundings.report.event(&Event::Crash(Crash {
                function: self.function.logical_id.clone(),
                request_id: None,
                reason: format!("did not ask for its first invocation within {:.2} seconds", took.as_secs_f64()),
                last_lines: logs.last(20),
            }));
        }
    }

    fn init_failed(&self, request_id: &str, logs: &Logs, failure: InitFailure, duration: Duration) -> Run {
        logs.begin(request_id);
        logs.write(Source::Platform, log_lines::start(request_id));
        let kind = failure.kind();
        let payload = match failure {
            InitFailure::Posted(payload) => payload,
            InitFailure::Exited(exit) => Bytes::from(payloads::exited(request_id, &exit).to_string()),
            InitFailure::NotStarted(reason) => Bytes::from(payloads::not_started(request_id, &reason).to_string()),
            InitFailure::TimedOut | InitFailure::Stopping => {
                let line = log_lines::timed_out(Timestamp::now(), request_id, self.function.timeout);
                logs.write(Source::Platform, line);
                Bytes::from(payloads::timed_out(request_id, self.function.timeout).to_string())
            }
        };
        let status = Some(kind.as_deref().map_or(Status::Timeout, Status::Error));
        let usage = Usage { duration, memory_mb: self.function.memory_mb, used_mb: None, init: None, status };
        let log = write_end(logs, request_id, usage);
        Run { result: Err(payload), init: Some(duration), duration, memory_mb: None, log }
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends environments that have been idle for too long, until the gateway stops or the function is gone.
async fn cool(pool: Weak<Pool>, stop: CancellationToken, warm: Duration) {
    let mut tick = tokio::time::interval((warm / 4).clamp(Duration::from_millis(10), Duration::from_secs(30)));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {
                let Some(pool) = pool.upgrade() else { break };
                for idle in pool.idle().extract_if(.., |idle| idle.since.elapsed() >= warm) {
                    let mut environment = idle.environment;
                    environment.shut_down(Ending::Spindown);
                }
            }
        }
    }
}

/// END and REPORT (L-13); all lines of the invocation.
fn write_end(logs: &Logs, request_id: &str, usage: Usage<'_>) -> Vec<String> {
    logs.write(Source::Platform, log_lines::end(request_id));
    logs.write(Source::Platform, log_lines::report(request_id, usage));
    logs.of(request_id)
}
