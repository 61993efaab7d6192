//! Invocations that nobody waits for (L-14, `Event`): Lambda's retries, the age an event may reach, and where its
//! result goes as the template's `EventInvokeConfig` has it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Call, Entries, Entry, Failure, Invocation, Surroundings};
use crate::model::EventInvoke;
use crate::report::{self, Delivery};

/// Longest wait between two attempts while the function is throttled, as Lambda has it.
const LONGEST_BACKOFF: Duration = Duration::from_mins(5);

/// One event on its way.
pub(super) struct Event {
    pub(super) entries: Entries,
    pub(super) function: String,
    pub(super) call: Call,
    pub(super) surroundings: Arc<Surroundings>,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

/// How it ended.
struct Outcome {
    condition: &'static str,
    attempts: u32,
    result: Option<Result<Bytes, Bytes>>,
}

impl Event {
    /// Attempts until the function succeeds, retries are used up, or the event is too old; then delivers the result.
    pub(super) async fn run(self) {
        let Some(entry) = self.entries.get(&self.function) else { return };
        let settings = &entry.function.event_invoke;
        let Some(outcome) = self.attempt(entry, settings).await else { return };
        let now = self.surroundings.clock.now();
        let success = outcome.condition == "Success";
        let destination = if success { &settings.on_success } else { &settings.on_failure };
        if let Some(destination) = destination {
            self.deliver(destination, outcome.condition, record(now, entry, &self.call, &outcome));
        }
        if let (Some(queue), false) = (&settings.dead_letters, success) {
            // A dead-letter queue gets the event itself.
            let event = serde_json::from_slice(&self.call.payload).unwrap_or(Value::Null);
            self.deliver(queue, outcome.condition, event);
        }
        if !success && settings.on_failure.is_none() && settings.dead_letters.is_none() {
            self.tell(
                "nowhere (no destination is configured)",
                outcome.condition,
                record(now, entry, &self.call, &outcome),
            );
        }
    }

    /// `None` when the gateway stops.
    async fn attempt(&self, entry: &Entry, settings: &EventInvoke) -> Option<Outcome> {
        let clock = &self.surroundings.clock;
        let accepted = clock.passed();
        let (mut attempts, mut throttled) = (0_u32, 0_u32);
        loop {
            let Invocation { result, .. } = entry.run(self.call.clone()).await;
            let (wait, result) = match result {
                Ok(payload) => {
                    return Some(Outcome { condition: "Success", attempts: attempts + 1, result: Some(Ok(payload)) });
                }
                Err(Failure::Function(payload)) => {
                    attempts += 1;
                    if attempts > settings.retries {
                        return Some(Outcome { condition: "RetriesExhausted", attempts, result: Some(Err(payload)) });
                    }
                    let waits = self.surroundings.limits.event_retries;
                    (waits[(attempts as usize - 1).min(waits.len() - 1)], Some(Err(payload)))
                }
                // Throttling does not use up attempts; the waits double.
                Err(Failure::Throttled) => {
                    let first = self.surroundings.limits.event_throttled;
                    let wait = first.saturating_mul(1 << throttled.min(16)).min(LONGEST_BACKOFF);
                    throttled += 1;
                    (wait, None)
                }
                Err(Failure::TooLarge | Failure::Unavailable) => return None,
            };
            if clock.passed().saturating_sub(accepted) + wait > settings.max_age {
                return Some(Outcome { condition: "EventAgeExceeded", attempts, result });
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = clock.sleep(wait) => {}
            }
        }
    }

    /// To a function of this application as an event of its own, or to one of its queues; everything else is told.
    fn deliver(&self, destination: &str, condition: &str, record: Value) {
        let receiver = self.entries.values().find(|entry| {
            destination == entry.arn || destination.strip_prefix(&entry.arn).is_some_and(|rest| rest.starts_with(':'))
        });
        if let Some(receiver) = receiver {
            let call = Call {
                payload: Bytes::from(record.to_string()),
                trace: self.call.trace.clone(),
                request_id: Some(uuid::Uuid::new_v4().to_string()),
                ..Call::default()
            };
            let next = Event {
                entries: Arc::clone(&self.entries),
                function: receiver.function.logical_id.clone(),
                call,
                surroundings: Arc::clone(&self.surroundings),
                stop: self.stop.clone(),
                tasks: self.tasks.clone(),
            };
            // Boxed: a destination may have a destination.
            let next: std::pin::Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(next.run());
            self.tasks.spawn(next);
        }
        if receiver.is_none() {
            // What is no queue of this application is only told.
            let _ = self.surroundings.queues.send_to_arn(destination, record.to_string());
        }
        self.tell(destination, condition, record);
    }

    fn tell(&self, destination: &str, condition: &str, record: Value) {
        self.surroundings.report.event(&report::Event::Delivery(Delivery {
            function: self.function.clone(),
            request_id: self.call.request_id.clone().unwrap_or_default(),
            condition: condition.to_owned(),
            destination: destination.to_owned(),
            record,
        }));
    }
}

/// The record a destination gets.
fn record(now: Timestamp, entry: &Entry, call: &Call, outcome: &Outcome) -> Value {
    let mut record = json!({
        "version": "1.0",
        "timestamp": format!("{:.3}", now),
        "requestContext": {
            "requestId": call.request_id,
            "functionArn": format!("{}:$LATEST", entry.arn),
            "condition": outcome.condition,
            "approximateInvokeCount": outcome.attempts,
        },
        "requestPayload": serde_json::from_slice::<Value>(&call.payload).unwrap_or(Value::Null),
    });
    if let Some(result) = &outcome.result {
        let mut context = json!({ "statusCode": 200, "executedVersion": "$LATEST" });
        if result.is_err() {
            context["functionError"] = "Unhandled".into();
        }
        let (Ok(payload) | Err(payload)) = result;
        record["responseContext"] = context;
        record["responsePayload"] = serde_json::from_slice(payload).unwrap_or(Value::Null);
    }
    record
}
