//! The execution environments of one function: warm ones first, a new one when all are busy, up to a limit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::environment::{Ended, Environment, InitFailure, Recipe};
use super::payloads::{self, Usage};
use super::runtime_api::Posted;
use super::{Failure, Invocation, Surroundings, trace_header, unavailable};
use crate::launch::Launch;
use crate::model::Function;
use crate::report::{Crash, Event, Execution, Source};

/// One function and its environments.
pub(super) struct Pool {
    pub(super) function: Function,
    launch: Launch,
    surroundings: Arc<Surroundings>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Last used last, so that the longest idle ones cool down.
    idle: Mutex<Vec<Idle>>,
    /// Environments that may run at once; waiting here is first come first served.
    room: Semaphore,
    /// Reserved concurrency: beyond it Lambda refuses instead of queueing (L-10).
    reserved: Option<Semaphore>,
}

struct Idle {
    environment: Environment,
    since: Instant,
}

/// Result of an invocation before it is told to anybody.
struct Run {
    result: Result<Bytes, Bytes>,
    init: Option<Duration>,
    duration: Duration,
    memory_mb: Option<u64>,
    log: Vec<String>,
}

impl Pool {
    pub(super) fn new(
        function: Function,
        launch: Launch,
        surroundings: Arc<Surroundings>,
        stop: CancellationToken,
        tasks: &TaskTracker,
    ) -> Arc<Self> {
        let room = Semaphore::new(surroundings.limits.environments.max(1) as usize);
        let reserved = function.reserved_concurrency.map(|count| Semaphore::new(count as usize));
        let pool = Arc::new(Self {
            function,
            launch,
            surroundings,
            stop,
            tasks: tasks.clone(),
            idle: Mutex::default(),
            room,
            reserved,
        });
        tasks.spawn(Arc::clone(&pool).cool());
        pool
    }

    /// `arn:aws:lambda:{region}:{account}:function:{name}`.
    pub(super) fn arn(&self) -> String {
        let Surroundings { region, account_id, .. } = &*self.surroundings;
        format!("arn:aws:lambda:{region}:{account_id}:function:{}", self.function.name)
    }

    /// Runs one invocation to its end.
    pub(super) async fn invoke(self: Arc<Self>, payload: Bytes, trace: String) -> Invocation {
        let name = self.function.logical_id.as_str();
        let refused = |failure| Invocation { result: Err(failure), ..unavailable(name) };
        if payload.len() > self.surroundings.limits.payload {
            return refused(Failure::TooLarge);
        }
        let _reserved = match self.reserved.as_ref().map(Semaphore::try_acquire) {
            Some(Err(_)) => return refused(Failure::Throttled),
            Some(Ok(permit)) => Some(permit),
            None => None,
        };
        let room = tokio::select! {
            biased;
            () = self.stop.cancelled() => return refused(Failure::Unavailable),
            room = self.room.acquire() => room,
        };
        if room.is_err() {
            return refused(Failure::Unavailable);
        }
        let request_id = uuid::Uuid::new_v4().to_string();
        let Some(run) = self.run(&request_id, payload, &trace_header(&trace)).await else {
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
    async fn run(&self, request_id: &str, payload: Bytes, trace: &str) -> Option<Run> {
        let mut retried = false;
        loop {
            let (mut environment, init, timeout) = match self.warm() {
                Some(environment) => (environment, None, self.function.timeout),
                None => match self.start(request_id).await {
                    Ok((environment, timeout)) => {
                        let init = environment.init();
                        (environment, Some(init), timeout)
                    }
                    Err((InitFailure::Stopping, _)) => return None,
                    Err((failure, took)) => return Some(self.init_failed(request_id, failure, took)),
                },
            };
            let started = Instant::now();
            let ended = environment.run(request_id, payload.clone(), trace.to_owned(), timeout).await;
            let duration = started.elapsed();
            if self.stop.is_cancelled() && !matches!(ended, Ended::Posted(_)) {
                return None;
            }
            // Gone between two invocations: the next one gets a new environment, as on Lambda.
            if matches!(ended, Ended::NotDelivered) && !retried {
                retried = true;
                continue;
            }
            return Some(self.finish(request_id, environment, ended, init, duration).await);
        }
    }

    async fn finish(
        &self,
        request_id: &str,
        mut environment: Environment,
        ended: Ended,
        init: Option<Duration>,
        duration: Duration,
    ) -> Run {
        let memory_mb = environment.memory_mb();
        let result = match ended {
            Ended::Posted(Posted::Response(payload)) => Ok(payload),
            Ended::Posted(Posted::Error(payload)) => Err(payload),
            Ended::Exited(exit) => Err(Bytes::from(payloads::exited(request_id, exit).to_string())),
            Ended::NotDelivered => {
                Err(Bytes::from(payloads::exited(request_id, payloads::Exit::Status(0)).to_string()))
            }
            Ended::TimedOut => Err(self.timed_out(request_id, &mut environment).await),
        };
        let usage = Usage { duration, memory_mb: self.function.memory_mb, used_mb: memory_mb, init };
        environment.logs().write(Source::Platform, payloads::end(request_id));
        environment.logs().write(Source::Platform, payloads::report(request_id, usage));
        let log = environment.logs().of(request_id);
        if environment.alive() {
            self.idle().push(Idle { environment, since: Instant::now() });
        }
        Run { result, init, duration, memory_mb, log }
    }

    async fn timed_out(&self, request_id: &str, environment: &mut Environment) -> Bytes {
        // Its last output arrives before its end does.
        environment.gone().await;
        let timeout = self.function.timeout;
        let line = payloads::timeout_line(Timestamp::now(), request_id, timeout);
        environment.logs().write(Source::Platform, line);
        let crash = Crash {
            function: self.function.logical_id.clone(),
            request_id: Some(request_id.to_owned()),
            reason: format!("Task timed out after {:.2} seconds", timeout.as_secs_f64()),
            last_lines: environment.logs().last(20),
        };
        self.surroundings.report.event(&Event::Crash(crash));
        Bytes::from(payloads::timed_out(request_id, timeout).to_string())
    }

    fn init_failed(&self, request_id: &str, failure: InitFailure, took: Duration) -> Run {
        let payload = match failure {
            InitFailure::Posted(payload) => payload,
            InitFailure::Exited(exit) => Bytes::from(payloads::exited(request_id, exit).to_string()),
            InitFailure::NotStarted(reason) => Bytes::from(payloads::not_started(request_id, &reason).to_string()),
            InitFailure::TimedOut | InitFailure::Stopping => {
                Bytes::from(payloads::timed_out(request_id, self.function.timeout).to_string())
            }
        };
        Run { result: Err(payload), init: Some(took), duration: Duration::ZERO, memory_mb: None, log: Vec::new() }
    }

    /// The environment used last that is still alive.
    fn warm(&self) -> Option<Environment> {
        let mut idle = self.idle();
        while let Some(Idle { environment, .. }) = idle.pop() {
            if environment.alive() {
                return Some(environment);
            }
        }
        None
    }

    /// A new environment and the time its first invocation has. A failed initialisation is repeated once, within the
    /// function's own timeout (L-11).
    async fn start(&self, request_id: &str) -> Result<(Environment, Duration), (InitFailure, Duration)> {
        let arn = self.arn();
        let recipe = Recipe {
            function: &self.function,
            arn: &arn,
            launch: &self.launch,
            surroundings: &self.surroundings,
            stop: &self.stop,
            tasks: &self.tasks,
        };
        let started = Instant::now();
        match Environment::start(&recipe, self.surroundings.limits.init).await {
            Ok(environment) => return Ok((environment, self.function.timeout)),
            Err(failure @ (InitFailure::Stopping | InitFailure::NotStarted(_))) => {
                return Err((failure, started.elapsed()));
            }
            Err(failure) => self.tell_init(request_id, "init", &failure, started.elapsed()),
        }
        let again = Instant::now();
        let timeout = self.function.timeout;
        match Environment::start(&recipe, timeout).await {
            Ok(environment) => Ok((environment, timeout.saturating_sub(again.elapsed()))),
            Err(failure) => {
                self.tell_init(request_id, "invoke", &failure, again.elapsed());
                Err((failure, started.elapsed()))
            }
        }
    }

    fn tell_init(&self, request_id: &str, phase: &str, failure: &InitFailure, took: Duration) {
        let status = if matches!(failure, InitFailure::TimedOut) { "timeout" } else { "error" };
        self.surroundings.report.event(&Event::Log(crate::report::Log {
            function: self.function.logical_id.clone(),
            request_id: Some(request_id.to_owned()),
            source: Source::Platform,
            line: payloads::init_report(took, phase, status),
        }));
    }

    /// Ends environments that have been idle for too long, until the gateway stops.
    async fn cool(self: Arc<Self>) {
        let warm = self.surroundings.limits.warm;
        let mut tick = tokio::time::interval((warm / 4).clamp(Duration::from_millis(10), Duration::from_secs(30)));
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                _ = tick.tick() => self.idle().retain(|idle| idle.since.elapsed() < warm),
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
