//! Functions as Lambda runs them: execution environments that are child processes speaking the Runtime API.
//!
//! [`variables`], [`payloads`] and [`invoke_api`] are pure; around them is what starts processes, gives each one
//! invocation at a time (L-01), and ends them.

mod environment;
pub mod invoke_api;
mod logs;
pub mod payloads;
mod pool;
mod runtime_api;
pub mod variables;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::launch::Launch;
use crate::model::Function;
use crate::report::{Execution, Report};
use crate::{Limits, ids};
use pool::Pool;

/// What became of an invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// How it went, for the report.
    pub execution: Execution,
    /// What the function returned, as it posted it, or why it returned nothing.
    pub result: Result<Bytes, Failure>,
    /// The last lines logged in it (L-14).
    pub log: Vec<String>,
}

/// Why an invocation returned nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// `FunctionError: Unhandled`, with the payload of the error (L-06 to L-09).
    Function(Bytes),
    /// The payload is over 6 MB: the function was not invoked (H-34, L-09).
    TooLarge,
    /// Its reserved concurrency is used up (L-10).
    Throttled,
    /// The gateway stops, or knows no such function.
    Unavailable,
}

/// All functions of an application.
pub(crate) struct Functions {
    pools: BTreeMap<String, Arc<Pool>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What every execution environment needs to know of the gateway around it.
pub(crate) struct Surroundings {
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) limits: Limits,
    pub(crate) report: Arc<dyn Report>,
}

impl Functions {
    pub(crate) fn new(launches: Vec<(Function, Launch)>, surroundings: Surroundings) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let surroundings = Arc::new(surroundings);
        let pools = launches
            .into_iter()
            .map(|(function, launch)| {
                let id = function.logical_id.clone();
                (id, Pool::new(function, launch, Arc::clone(&surroundings), stop.clone(), &tasks))
            })
            .collect();
        Self { pools, stop, tasks }
    }

    /// Invokes a function by its logical id. The invocation goes on even when the caller stops waiting.
    pub(crate) async fn invoke(&self, function: &str, payload: Bytes, trace: &str) -> Invocation {
        let Some(pool) = self.pools.get(function) else { return unavailable(function) };
        let run = Arc::clone(pool).invoke(payload, trace.to_owned());
        self.tasks.spawn(run).await.unwrap_or_else(|_| unavailable(function))
    }

    /// Starts an invocation that nobody waits for.
    pub(crate) fn invoke_later(&self, function: &str, payload: Bytes, trace: &str) {
        if let Some(pool) = self.pools.get(function) {
            self.tasks.spawn(Arc::clone(pool).invoke(payload, trace.to_owned()));
        }
    }

    /// Logical id and ARN of a function, by its name, logical id or ARN.
    pub(crate) fn find(&self, name: &str) -> Option<(&str, String)> {
        let name = name.rsplit_once(":function:").map_or(name, |(_, name)| name);
        let name = name.split(':').next().unwrap_or(name);
        let found = |pool: &&Arc<Pool>| pool.function.name == name || pool.function.logical_id == name;
        self.pools.values().find(found).map(|pool| (pool.function.logical_id.as_str(), pool.arn()))
    }

    /// Names of all functions.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.pools.values().map(|pool| pool.function.name.as_str()).collect()
    }

    /// Ends every process and waits until the last is gone.
    pub(crate) async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn unavailable(function: &str) -> Invocation {
    let execution = Execution {
        function: function.to_owned(),
        request_id: String::new(),
        init: None,
        duration: std::time::Duration::ZERO,
        memory_mb: None,
        error: Some("unavailable".to_owned()),
    };
    Invocation { execution, result: Err(Failure::Unavailable), log: Vec::new() }
}

/// `Root=…;Parent=…;Sampled=0` (L-03) for an invocation that continues the trace of a request.
fn trace_header(trace: &str) -> String {
    let root = trace.split(';').find(|part| part.starts_with("Root=")).map(str::to_owned);
    let root = root.unwrap_or_else(|| ids::trace_id(Timestamp::now(), crate::random::bytes()));
    format!("{root};Parent={};Sampled=0", hex::encode(crate::random::bytes::<8>()))
}
