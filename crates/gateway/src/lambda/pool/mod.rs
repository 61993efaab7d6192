//! The execution environments of one function: warm ones first, a new one when all are busy, up to a limit.

mod conclusion;
mod initialisation;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::conclusion::Conclusion;
use self::initialisation::Started;
use super::environment::{Environment, Order};
use super::outcome::Ended;
use super::process::Ending;
use super::{Call, Failure, Invocation, Surroundings, payloads, trace_header, unavailable};
use crate::launch::Launch;
use crate::model::Function;
use crate::report::Execution;

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
                permits,
            };
            return Some(self.finish(environment, ended, conclusion, call.tail).await);
        }
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
