//! How an invocation ends: its result, its last lines in the log, and the environment's way back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::{Idle, Pool, Run};
use crate::lambda::endpoint::Posted;
use crate::lambda::environment::Environment;
use crate::lambda::log_lines::{self, Status, Usage};
use crate::lambda::logs::Logs;
use crate::lambda::outcome::Ended;
use crate::lambda::payloads;
use crate::lambda::process::Ending;
use crate::report::{Crash, Event, Source};

/// What the last lines of an invocation tell, and what it holds until then.
pub(super) struct Conclusion {
    pub(super) request_id: String,
    pub(super) started: Instant,
    pub(super) spent: Duration,
    pub(super) init: Option<Duration>,
    pub(super) status: Option<String>,
    pub(super) memory_mb: Option<u64>,
    pub(super) permits: Vec<OwnedSemaphorePermit>,
}

impl Pool {
    pub(super) async fn finish(
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
        let Conclusion { request_id, started, spent, init, status, memory_mb: mut used_mb, permits: _permits } =
            conclusion;
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
}

/// END and REPORT (L-13); all lines of the invocation.
pub(super) fn write_end(logs: &Logs, request_id: &str, usage: Usage<'_>) -> Vec<String> {
    logs.write(Source::Platform, log_lines::end(request_id));
    logs.write(Source::Platform, log_lines::report(request_id, usage));
    logs.of(request_id)
}
