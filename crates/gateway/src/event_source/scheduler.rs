//! Invokes functions when their schedule is due.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::schedule::{self, Times};
use crate::lambda::Call;
use crate::model::Schedule;
use crate::report::{self, Triggered};
use crate::server::Gateway;
use crate::{ids, random};

/// Runs a schedule that began at a time until it is cancelled, or will never be due again.
pub(super) async fn run(gateway: Arc<Gateway>, schedule: Schedule, times: Times, began: Timestamp) {
    let mut now = began;
    while let Some(due) = times.next(began, now) {
        // By the time of day: the system's clock may be set while this waits.
        loop {
            let left = due.duration_since(gateway.clock.now());
            if !left.is_positive() {
                break;
            }
            gateway.clock.sleep(left.unsigned_abs().min(Duration::from_mins(1))).await;
        }
        invoke(&gateway, &schedule, due);
        // What was missed, the machine having slept, is not made up for.
        now = due.max(gateway.clock.now());
    }
}

/// Asynchronously, as EventBridge does: Lambda's retries and destinations apply, and nothing waits for it.
fn invoke(gateway: &Gateway, schedule: &Schedule, due: Timestamp) {
    let application = gateway.application();
    let id = ids::uuid(random::bytes());
    let payload = schedule::event(schedule, due, &id, &application.account_id, &application.region);
    let call = Call { payload, trace: gateway.trace_id(), ..Call::default() };
    gateway.functions.call_later(&schedule.function, call);
    gateway.tell(&report::Event::Triggered(Triggered {
        source: schedule.logical_id.clone(),
        function: schedule.function.clone(),
        records: 1,
        outcome: report::Outcome::Done,
        duration: Duration::ZERO,
        execution: None,
        trouble: None,
    }));
}
