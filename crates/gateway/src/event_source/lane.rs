//! One lane of a shard: makes batches, invokes the function with one at a time, and repeats what failed (E-01, E-04).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::answer::{Outcome, outcome};
use super::batch::{self, Batch, Condition, Next};
use super::destination;
use super::progress::Checkpoint;
use super::record::{self, StreamRecord};
use super::stream::{Mapping, Name, kept};
use crate::report;
use crate::server::Gateway;
use crate::{ids, random};

/// Longest wait between two attempts. Ours: AWS does not say how long it waits.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Where a lane belongs.
pub(super) struct Lane {
    pub(super) gateway: Arc<Gateway>,
    pub(super) mapping: Arc<Mapping>,
    pub(super) stream: Arc<Name>,
    pub(super) shard: String,
    pub(super) checkpoint: Arc<Checkpoint>,
}

/// Handles records in order, until there are no more to come.
pub(super) async fn run(lane: Lane, mut records: mpsc::Receiver<StreamRecord>) {
    let mut waiting = VecDeque::new();
    while gather(&lane, &mut records, &mut waiting).await {
        let cut = batch::cut(&waiting, &lane.mapping.rules);
        lane.handle(Batch::new(waiting.drain(..cut).collect())).await;
    }
}

/// Waits for the first record, then for more until a batch is full or the window is over (E-02); `false` at the end.
async fn gather(lane: &Lane, records: &mut mpsc::Receiver<StreamRecord>, waiting: &mut VecDeque<StreamRecord>) -> bool {
    if waiting.is_empty() {
        match records.recv().await {
            Some(record) => waiting.push_back(record),
            None => return false,
        }
    }
    let mut window = Box::pin(lane.gateway.clock.sleep(lane.mapping.window));
    let is_full = |waiting: &VecDeque<_>| batch::is_full(waiting, &lane.mapping.rules);
    while !is_full(waiting) {
        if let Ok(record) = records.try_recv() {
            waiting.push_back(record);
            continue;
        }
        if lane.mapping.window.is_zero() {
            break;
        }
        tokio::select! {
            more = records.recv() => match more {
                Some(record) => waiting.push_back(record),
                None => break,
            },
            () = &mut window => break,
        }
    }
    true
}

impl Lane {
    /// Sees a batch through to its end: done, or given up.
    async fn handle(&self, whole: Batch<StreamRecord>) {
        let Self { gateway, mapping, .. } = self;
        let mut pause = gateway.limits.stream_pause;
        let mut pending = VecDeque::from([whole]);
        while let Some(next) = pending.pop_front() {
            let (batch, old) = batch::expire(next, &mapping.rules, gateway.clock.now());
            if let Some(old) = old {
                self.give_up(&old, Condition::RecordAgeExceeded, None);
                self.handled(&numbers(&old), &[]);
            }
            if batch.records.is_empty() {
                continue;
            }
            let tried = numbers(&batch);
            let (result, request_id) = self.invoke(&batch).await;
            let Next { again, given_up, wait } = batch::after(batch, result, &mapping.rules);
            if let Some((batch, condition)) = given_up {
                self.give_up(&batch, condition, Some(request_id));
            }
            self.handled(&tried, &again);
            for batch in again.into_iter().rev() {
                pending.push_front(batch);
            }
            if wait {
                gateway.clock.sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    /// Of the records that were tried, those that do not come again are handled (E-09).
    fn handled(&self, tried: &[String], again: &[Batch<StreamRecord>]) {
        let left: BTreeSet<&str> =
            again.iter().flat_map(|batch| &batch.records).map(StreamRecord::sequence_number).collect();
        let handled = tried.iter().map(String::as_str).filter(|number| !left.contains(number));
        kept(&self.gateway, &self.mapping, self.checkpoint.handled(handled));
    }

    async fn invoke(&self, batch: &Batch<StreamRecord>) -> (Outcome, String) {
        let Self { gateway, mapping, .. } = self;
        let started = Instant::now();
        let trace = gateway.trace_id();
        let invocation = gateway.functions.invoke(&mapping.function, record::event(&batch.records), &trace).await;
        let identifiers: Vec<_> = batch.records.iter().map(StreamRecord::sequence_number).collect();
        let result = outcome(&invocation.result, &identifiers, mapping.report_failures);
        let request_id = invocation.execution.request_id.clone();
        gateway.tell(&report::Event::Triggered(report::Triggered {
            source: mapping.id.clone(),
            function: mapping.function.clone(),
            records: batch.records.len(),
            outcome: if result == Outcome::Done { report::Outcome::Done } else { report::Outcome::Failed },
            duration: started.elapsed(),
            execution: Some(invocation.execution),
            trouble: None,
        }));
        (result, request_id)
    }

    fn give_up(&self, batch: &Batch<StreamRecord>, condition: Condition, request_id: Option<String>) {
        let Self { gateway, mapping, stream, shard, .. } = self;
        let count = batch.records.len();
        let Some(destination) = &mapping.stream.on_failure else {
            let trouble =
                format!("{condition:?}: {count} records are given up, and there is no on-failure destination");
            gateway.tell_source(&mapping.id, &mapping.function, trouble);
            return;
        };
        let function_arn = gateway.functions.find(&mapping.function).map(|entry| entry.arn.clone()).unwrap_or_default();
        let request_id = request_id.unwrap_or_else(|| ids::uuid(random::bytes()));
        let context = destination::Context {
            request_id: &request_id,
            function_arn: &function_arn,
            stream_arn: &stream.shown,
            shard_id: shard,
            now: gateway.clock.now(),
        };
        let record = destination::record(batch, condition, context);
        if gateway.queues.send_to_arn(destination, record.to_string()).is_err() {
            let trouble = format!("{condition:?}: {count} records are given up, and {destination} is no queue here");
            gateway.tell_source(&mapping.id, &mapping.function, trouble);
        }
        gateway.tell(&report::Event::Delivery(report::Delivery {
            function: mapping.function.clone(),
            request_id,
            condition: format!("{condition:?}"),
            destination: destination.clone(),
            record,
        }));
    }
}

fn numbers(batch: &Batch<StreamRecord>) -> Vec<String> {
    batch.records.iter().map(|record| record.sequence_number().to_owned()).collect()
}
