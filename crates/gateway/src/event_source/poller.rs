//! Receives messages of a queue for a function, and deletes what it has handled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::answer;
use super::pattern::Pattern;
use super::queue::{Received, api};
use crate::model::{EventSourceMapping, Queue};
use crate::report::{self, Triggered};
use crate::server::Gateway;

/// How long one look into the queue lasts.
const WAIT: Duration = Duration::from_secs(20);
/// Invocations at once, unless `MaximumConcurrency` says otherwise: what Lambda begins with.
const AT_ONCE: u32 = 5;

/// A mapping, ready to run.
pub(super) struct Mapping {
    id: String,
    function: String,
    arn: String,
    batch_size: usize,
    window: Duration,
    report_failures: bool,
    at_once: u32,
    patterns: Vec<Pattern>,
}

impl Mapping {
    pub(super) fn new(mapping: &EventSourceMapping, queue: &Queue, patterns: Vec<Pattern>) -> Self {
        Self {
            id: mapping.logical_id.clone(),
            function: mapping.function.clone(),
            arn: queue.arn.clone(),
            batch_size: mapping.batch_size.max(1) as usize,
            window: mapping.batching_window,
            report_failures: mapping.report_batch_item_failures,
            at_once: queue.maximum_concurrency.unwrap_or(AT_ONCE),
            patterns,
        }
    }

    fn queue(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }

    /// Whether a message passes the filters, which see its body as JSON if it is any (E-08).
    fn passes(&self, message: &Received) -> bool {
        let body = || serde_json::from_str(&message.body).unwrap_or_else(|_| Value::from(message.body.as_str()));
        self.patterns.is_empty() || {
            let event = json!({ "messageId": message.id, "body": body() });
            self.patterns.iter().any(|pattern| pattern.matches(&event))
        }
    }
}

/// Receives until it is cancelled.
pub(super) async fn run(gateway: Arc<Gateway>, mapping: Arc<Mapping>) {
    let mut running = JoinSet::new();
    loop {
        while running.len() >= mapping.at_once as usize {
            running.join_next().await;
        }
        while running.try_join_next().is_some() {}
        let Some(batch) = gather(&gateway, &mapping).await else { return };
        if !batch.is_empty() {
            let (gateway, mapping) = (Arc::clone(&gateway), Arc::clone(&mapping));
            running.spawn(async move { handle(&gateway, &mapping, &batch).await });
        }
    }
}

/// A batch, once it is full or the window over; what the filters leave out is deleted. `None` without the queue.
async fn gather(gateway: &Gateway, mapping: &Mapping) -> Option<Vec<Received>> {
    let mut batch = Vec::new();
    let mut wait = WAIT;
    let mut end = None;
    while batch.len() < mapping.batch_size {
        let room = mapping.batch_size - batch.len();
        let received = gateway.queues.receive(mapping.queue(), room, None, wait).await.ok()?;
        let none = received.is_empty();
        for message in received {
            if mapping.passes(&message) {
                batch.push(message);
            } else {
                let _ = gateway.queues.delete(mapping.queue(), &message.receipt);
            }
        }
        // The window begins with the first message.
        let passed = gateway.clock.passed();
        let until = *end.get_or_insert_with(|| passed.saturating_add(mapping.window));
        if none || batch.is_empty() || passed >= until {
            break;
        }
        wait = until.saturating_sub(passed);
    }
    Some(batch)
}

async fn handle(gateway: &Gateway, mapping: &Mapping, batch: &[Received]) {
    let started = Instant::now();
    let event = event(batch, &mapping.arn, &gateway.application().region);
    let invocation = gateway.functions.invoke(&mapping.function, event, &gateway.trace_id()).await;
    let failed = match &invocation.result {
        Err(_) => None,
        Ok(payload) if mapping.report_failures => answer::failures(payload),
        Ok(_) => Some(std::collections::BTreeSet::new()),
    };
    // What is not deleted can be received again when its time is over.
    let done = batch.iter().filter(|message| failed.as_ref().is_some_and(|failed| !failed.contains(&message.id)));
    let mut left = batch.len();
    for message in done {
        let _ = gateway.queues.delete(mapping.queue(), &message.receipt);
        left -= 1;
    }
    gateway.tell(&report::Event::Triggered(Triggered {
        source: mapping.id.clone(),
        function: mapping.function.clone(),
        records: batch.len(),
        outcome: if left == 0 { report::Outcome::Done } else { report::Outcome::Failed },
        duration: started.elapsed(),
        execution: Some(invocation.execution),
        trouble: None,
    }));
}

fn event(batch: &[Received], arn: &str, region: &str) -> Bytes {
    let record = |message: &Received| {
        let mut record = json!({ "messageId": message.id, "receiptHandle": message.receipt, "body": message.body });
        record["attributes"] = json!({
            "ApproximateReceiveCount": message.count.to_string(),
            "SentTimestamp": message.sent.as_millisecond().to_string(),
            "SenderId": "local",
            "ApproximateFirstReceiveTimestamp": message.first_received.as_millisecond().to_string(),
        });
        record["messageAttributes"] = json!({});
        record["md5OfBody"] = api::md5(&message.body).into();
        record["eventSource"] = "aws:sqs".into();
        record["eventSourceARN"] = arn.into();
        record["awsRegion"] = region.into();
        record
    };
    Bytes::from(json!({ "Records": batch.iter().map(record).collect::<Vec<_>>() }).to_string())
}
