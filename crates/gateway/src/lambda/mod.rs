//! Functions as Lambda runs them: execution environments that are child processes speaking the Runtime API, or
//! functions that run elsewhere, behind a Lambda Invoke API.
//!
//! [`variables`], [`payloads`], [`log_lines`] and [`invoke_api`] are pure; around them is what starts processes, gives
//! each one invocation at a time (L-01), and ends them.

mod asynchronous;
mod endpoint;
mod environment;
mod extensions;
pub mod invoke_api;
pub mod log_lines;
mod logs;
mod outcome;
mod output;
pub mod payloads;
mod pool;
mod process;
mod remote;
mod runtime_api;
pub mod variables;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::event_source::queue::Queues;
use crate::launch::{Launch, Program};
use crate::model::Function;
use crate::report::{Execution, Report};
use crate::time::Clock;
use crate::{Behaviour, Limits, ids};
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
    /// The gateway stops, knows no such function, or cannot reach where it runs.
    Unavailable,
}

/// One request to a function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    /// The event.
    pub(crate) payload: Bytes,
    /// Trace header of the request it belongs to.
    pub(crate) trace: String,
    /// Decoded client context of the Invoke API (L-03).
    pub(crate) client_context: Option<String>,
    /// Alias or version it was asked for by.
    pub(crate) qualifier: Option<String>,
    /// Lambda request id; a new one when absent. Retries keep theirs.
    pub(crate) request_id: Option<String>,
    /// Whether the caller wants the whole log of the invocation.
    pub(crate) tail: bool,
}

/// All functions of an application.
pub(crate) struct Functions {
    entries: RwLock<Entries>,
    surroundings: Arc<Surroundings>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Functions by their logical id.
type Entries = Arc<BTreeMap<String, Arc<Entry>>>;

/// One function and where it runs.
pub(crate) struct Entry {
    pub(crate) function: Function,
    pub(crate) arn: String,
    place: Place,
}

enum Place {
    Here(Arc<Pool>),
    Elsewhere(Arc<remote::Client>),
}

/// What every execution environment needs to know of the gateway around it.
pub(crate) struct Surroundings {
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) limits: Limits,
    pub(crate) behaviour: Behaviour,
    pub(crate) clock: Clock,
    /// Where destinations and dead letters go.
    pub(crate) queues: Arc<Queues>,
    pub(crate) report: Arc<dyn Report>,
}

impl Functions {
    pub(crate) fn new(programs: Vec<(Function, Program)>, surroundings: Surroundings) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let functions = Self { entries: RwLock::default(), surroundings: Arc::new(surroundings), stop, tasks };
        functions.replace(programs, |_| true);
        functions
    }

    /// Whether a function is there as it is declared. What its role may do and what else names it is not asked here.
    pub(crate) fn has(&self, declared: &Function) -> bool {
        self.entries().get(&declared.logical_id).is_some_and(|entry| {
            let Function { policies, events, policies_elsewhere, location, .. } = entry.function.clone();
            entry.function == Function { policies, events, policies_elsewhere, location, ..declared.clone() }
        })
    }

    /// New functions and those that are no longer as they were; all others that are `kept` go on as they are. What is
    /// under way in the rest is finished.
    pub(crate) fn replace(&self, programs: Vec<(Function, Program)>, kept: impl Fn(&str) -> bool) {
        let Self { surroundings, stop, tasks, .. } = self;
        let entry = |(function, program): (Function, Program)| {
            let Surroundings { region, account_id, .. } = &**surroundings;
            let arn = format!("arn:aws:lambda:{region}:{account_id}:function:{}", function.name);
            let place = match program {
                Program::Process(launch) => {
                    let around = Arc::clone(surroundings);
                    let own = (function.clone(), arn.clone());
                    Place::Here(Pool::new(own.0, own.1, launch, around, stop.clone(), tasks))
                }
                Program::Remote(remote) => Place::Elsewhere(Arc::new(remote::Client::new(&function, remote))),
            };
            (function.logical_id.clone(), Arc::new(Entry { function, arn, place }))
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let mut all = BTreeMap::clone(&entries);
        let mut gone: Vec<_> = all.extract_if(.., |id, _| !kept(id)).map(|(_, entry)| entry).collect();
        gone.extend(programs.into_iter().map(entry).filter_map(|(id, entry)| all.insert(id, entry)));
        *entries = Arc::new(all);
        for entry in gone {
            if let Place::Here(pool) = &entry.place {
                pool.retire();
            }
        }
    }

    fn entries(&self) -> Entries {
        Arc::clone(&self.entries.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Invokes a function by its logical id. The invocation goes on even when the caller stops waiting.
    pub(crate) async fn invoke(&self, function: &str, payload: Bytes, trace: &str) -> Invocation {
        self.call(function, Call { payload, trace: trace.to_owned(), ..Call::default() }).await
    }

    /// As [`Functions::invoke`], with all that the Invoke API can ask for.
    pub(crate) async fn call(&self, function: &str, call: Call) -> Invocation {
        if function.is_empty() {
            return left_out();
        }
        let Some(entry) = self.entries().get(function).cloned() else { return unavailable(function) };
        self.tasks.spawn(entry.run(call)).await.unwrap_or_else(|_| unavailable(function))
    }

    /// Starts an invocation that nobody waits for, with Lambda's retries and destinations; its request id.
    pub(crate) fn call_later(&self, function: &str, call: Call) -> String {
        let request_id = uuid::Uuid::new_v4().to_string();
        let call = Call { request_id: Some(request_id.clone()), ..call };
        let event = asynchronous::Event {
            entries: self.entries(),
            function: function.to_owned(),
            call,
            surroundings: Arc::clone(&self.surroundings),
            stop: self.stop.clone(),
            tasks: self.tasks.clone(),
        };
        self.tasks.spawn(event.run());
        request_id
    }

    /// New invocations of a function go to another program; `false` when there is no such function, or it runs
    /// elsewhere.
    pub(crate) fn swap(&self, function: &str, launch: Launch) -> bool {
        match self.entries().get(function).map(|entry| &entry.place) {
            Some(Place::Here(pool)) => {
                pool.swap(launch);
                true
            }
            Some(Place::Elsewhere(_)) | None => false,
        }
    }

    /// The program of each function that runs here.
    pub(crate) fn programs(&self) -> Vec<(String, std::path::PathBuf)> {
        let program = |(id, entry): (&String, &Arc<Entry>)| match &entry.place {
            Place::Here(pool) => Some((id.clone(), pool.program())),
            Place::Elsewhere(_) => None,
        };
        self.entries().iter().filter_map(program).collect()
    }

    /// A function by its name, its logical id, or the name of its program.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Entry>> {
        let all = self.entries();
        let entries = || all.values();
        let found = entries()
            .find(|entry| entry.function.name == name)
            .or_else(|| entries().find(|entry| entry.function.logical_id == name))
            .or_else(|| entries().find(|entry| crate::launch::name(&entry.function) == Some(name)));
        found.cloned()
    }

    /// Names of all functions.
    pub(crate) fn names(&self) -> Vec<String> {
        self.entries().values().map(|entry| entry.function.name.clone()).collect()
    }

    /// Ends every process and waits until the last is gone.
    pub(crate) async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Entry {
    fn run(&self, call: Call) -> impl Future<Output = Invocation> + Send + 'static {
        let place = match &self.place {
            Place::Here(pool) => Place::Here(Arc::clone(pool)),
            Place::Elsewhere(client) => Place::Elsewhere(Arc::clone(client)),
        };
        async move {
            match place {
                Place::Here(pool) => pool.invoke(call).await,
                Place::Elsewhere(client) => client.invoke(call).await,
            }
        }
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

/// For what the template leads to and does not run here: as if a function had failed.
fn left_out() -> Invocation {
    let Invocation { execution, log, .. } = unavailable("(nothing)");
    let execution = Execution { error: Some("left out at start".to_owned()), ..execution };
    let payload = r#"{"errorType":"LeftOut","errorMessage":"What the template leads to does not run here"}"#;
    Invocation { execution, result: Err(Failure::Function(payload.into())), log }
}

/// `Root=…;Parent=…;Sampled=0` (L-03) for an invocation that continues the trace of a request.
fn trace_header(trace: &str) -> String {
    let root = trace.split(';').find(|part| part.starts_with("Root=")).map(str::to_owned);
    let root = root.unwrap_or_else(|| ids::trace_id(Timestamp::now(), crate::random::bytes()));
    format!("{root};Parent={};Sampled=0", hex::encode(crate::random::bytes::<8>()))
}
