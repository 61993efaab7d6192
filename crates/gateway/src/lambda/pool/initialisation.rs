//! New environments, and initialisations that fail (L-11).

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::Instant;

use super::conclusion::write_end;
use super::{Pool, Run};
use crate::lambda::environment::{Environment, Recipe};
use crate::lambda::log_lines::{self, Status, Usage};
use crate::lambda::logs::Logs;
use crate::lambda::outcome::InitFailure;
use crate::lambda::payloads;
use crate::report::{Crash, Event, Source};

/// An environment that is ready for its first invocation.
pub(super) struct Started {
    pub(super) environment: Environment,
    /// Time of the initialisation phase; `None` when that failed and was repeated in the invocation (L-11).
    pub(super) init: Option<Duration>,
    /// What the repeated initialisation took of the invocation's time.
    pub(super) spent: Duration,
}

impl Pool {
    /// A new environment. A failed initialisation is repeated once, within the function's own timeout (L-11); when
    /// that fails too, it is the invocation that fails. `Err(None)` when the gateway stops.
    pub(super) async fn start(&self, request_id: &str) -> Result<Started, Option<Run>> {
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
}
