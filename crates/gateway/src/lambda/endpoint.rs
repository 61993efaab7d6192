//! What one execution environment's Runtime and Extensions API know: the invocation on its way, and who waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::extensions::{Extension, Refusal};
use super::payloads;
use crate::model::Function;

/// One invocation on its way to the function.
pub(super) struct Work {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    pub(super) deadline_ms: u128,
    pub(super) trace: String,
    pub(super) client_context: Option<String>,
    pub(super) arn: String,
    pub(super) reply: oneshot::Sender<Posted>,
}

/// What the function posted.
pub(super) enum Posted {
    Response(Bytes),
    Error(Bytes),
}

/// The invocation as the process gets it (L-03).
pub(super) struct Handed {
    pub(super) request_id: String,
    pub(super) deadline_ms: u128,
    pub(super) trace: String,
    pub(super) client_context: Option<String>,
    pub(super) arn: String,
    pub(super) payload: Bytes,
}

/// State of the two APIs of one environment.
pub(super) struct Endpoint {
    pub(super) name: String,
    pub(super) handler: String,
    pub(super) account_id: String,
    pub(super) limit: usize,
    state: Mutex<State>,
    /// Something changed; whoever waits looks again.
    moved: Notify,
    /// The process is gone.
    pub(super) closed: CancellationToken,
}

#[derive(Default)]
struct State {
    waiting: Option<Work>,
    under_way: Option<(String, oneshot::Sender<Posted>)>,
    /// Payload of an initialisation that the process gave up, or of an extension that did.
    failed: Option<Bytes>,
    /// The runtime waits for its next invocation.
    runtime_idle: bool,
    initialised: bool,
    extensions: Vec<Extension>,
}

impl Endpoint {
    /// `external` names the extensions that were started beside the runtime.
    pub(super) fn new(function: &Function, account_id: &str, limit: usize, external: &[String]) -> Self {
        let extensions = external.iter().map(|name| Extension::external(name)).collect();
        Self {
            name: function.name.clone(),
            handler: function.handler.clone(),
            account_id: account_id.to_owned(),
            limit,
            state: Mutex::new(State { extensions, ..State::default() }),
            moved: Notify::new(),
            closed: CancellationToken::new(),
        }
    }

    /// Gives the process its next invocation, and extensions their event; `false` when it is gone.
    pub(super) fn offer(&self, work: Work) -> bool {
        if self.closed.is_cancelled() {
            return false;
        }
        let event = json!({
            "eventType": "INVOKE",
            "deadlineMs": u64::try_from(work.deadline_ms).unwrap_or(u64::MAX),
            "requestId": work.request_id,
            "invokedFunctionArn": work.arn,
            "tracing": { "type": "X-Amzn-Trace-Id", "value": work.trace },
        });
        self.change(|state| {
            for extension in state.extensions.iter_mut().filter(|extension| extension.wants_invoke) {
                extension.tell(event.clone());
            }
            state.waiting = Some(work);
        });
        true
    }

    /// Takes back an invocation that was never fetched; `false` when it was.
    pub(super) fn withdraw(&self) -> bool {
        self.state().waiting.take().is_some()
    }

    /// Nobody waits for the invocation under way any more.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        state.waiting = None;
        state.under_way = None;
    }

    /// Id of the invocation under way.
    pub(super) fn current(&self) -> Option<String> {
        self.state().under_way.as_ref().map(|(id, _)| id.clone())
    }

    /// Waits for the next invocation on behalf of the runtime.
    pub(super) async fn next(&self) -> Handed {
        self.change(|state| state.runtime_idle = true);
        self.until(|state| {
            let Work { request_id, payload, deadline_ms, trace, client_context, arn, reply } = state.waiting.take()?;
            state.runtime_idle = false;
            state.under_way = Some((request_id.clone(), reply));
            Some(Handed { request_id, deadline_ms, trace, client_context, arn, payload })
        })
        .await
    }

    /// Ends the invocation `id`; `false` when that is not under way.
    pub(super) fn finish(&self, id: &str, posted: Posted) -> bool {
        let reply = self.state().under_way.take_if(|(current, _)| current == id);
        // Nobody waits any more after a timeout.
        reply.is_some_and(|(_, reply)| {
            let _ = reply.send(posted);
            true
        })
    }

    /// The process says that it cannot go on.
    pub(super) fn fail(&self, payload: Bytes) {
        self.change(|state| state.failed = Some(payload));
    }

    /// What the process posted as the reason of its failure.
    pub(super) fn failure(&self) -> Option<Bytes> {
        self.state().failed.clone()
    }

    /// Waits until the process reports that it could not initialise.
    pub(super) async fn failed(&self) -> Bytes {
        self.until(|state| state.failed.clone()).await
    }

    /// Waits until the runtime and every extension ask for work: the end of initialisation and of each invocation
    /// (L-01, L-11).
    pub(super) async fn idle(&self) {
        self.until(|state| {
            let idle = state.runtime_idle && state.extensions.iter().all(Extension::is_idle);
            state.initialised |= idle;
            idle.then_some(())
        })
        .await;
    }

    /// Whether any extension has to be waited for after each invocation.
    pub(super) fn has_invoke_extensions(&self) -> bool {
        self.state().extensions.iter().any(|extension| extension.wants_invoke)
    }

    /// Whether the process registered an extension of its own: it wants SIGTERM before SIGKILL (L-12).
    pub(super) fn has_extensions(&self) -> bool {
        self.state().extensions.iter().any(|extension| extension.registered)
    }

    /// Tells extensions that asked for it that the environment ends (L-12); the names of those told.
    pub(super) fn shut_down(&self, reason: &str, within: Duration) -> Vec<String> {
        let deadline = payloads::unix_ms(std::time::SystemTime::now() + within);
        let event = json!({
            "eventType": "SHUTDOWN",
            "deadlineMs": u64::try_from(deadline).unwrap_or(u64::MAX),
            "shutdownReason": reason,
        });
        self.change(|state| {
            let told = state.extensions.iter_mut().filter(|extension| extension.wants_shutdown);
            told.map(|extension| {
                extension.tell(event.clone());
                extension.name.clone()
            })
            .collect()
        })
    }

    /// Registers an extension; its identifier.
    pub(super) fn register(&self, name: &str, events: &[String]) -> Result<Uuid, Refusal> {
        self.change(|state| {
            if let Some(known) = state.extensions.iter_mut().find(|extension| extension.name == name) {
                return known.register(events);
            }
            if state.initialised {
                return Err(Refusal::Closed);
            }
            let (extension, id) = Extension::internal(name, events, state.extensions.len())?;
            state.extensions.push(extension);
            Ok(id)
        })
    }

    /// The next event of an extension; waits until there is one.
    pub(super) async fn next_event(&self, id: Uuid) -> Result<Value, Refusal> {
        self.change(|state| match state.extensions.iter_mut().find(|extension| extension.id == id) {
            Some(extension) => {
                extension.polling = true;
                Ok(())
            }
            None => Err(Refusal::Unknown(id)),
        })?;
        let event = self.until(|state| {
            let extension = state.extensions.iter_mut().find(|extension| extension.id == id)?;
            let event = extension.events.pop_front()?;
            extension.polling = false;
            Some(event)
        });
        Ok(event.await)
    }

    /// Name of the extension with this identifier.
    pub(super) fn extension(&self, id: Uuid) -> Result<String, Refusal> {
        let state = self.state();
        let found = state.extensions.iter().find(|extension| extension.id == id);
        found.map(|extension| extension.name.clone()).ok_or(Refusal::Unknown(id))
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.moved.notify_waiters();
        result
    }

    async fn until<T>(&self, mut found: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            // Registered before the state is looked at, so that no change falls between.
            moved.as_mut().enable();
            if let Some(found) = found(&mut self.state()) {
                return found;
            }
            moved.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shared by the tasks around one environment.
pub(super) type Shared = Arc<Endpoint>;
