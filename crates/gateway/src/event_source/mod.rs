//! What invokes functions besides requests: DynamoDB Streams, queues and schedules (gateway facts E-01 to E-08).
//!
//! Pure: [`pattern`], [`answer`], [`batch`], [`record`], [`destination`], [`schedule`]. Around them: pollers that read a
//! DynamoDB by its real protocol, and [`queue`], a store of messages that speaks SQS's.

pub mod answer;
pub mod batch;
pub mod destination;
mod followed;
mod lane;
pub mod pattern;
mod poller;
mod progress;
pub mod queue;
pub mod record;
pub mod schedule;
mod scheduler;
mod shard;
mod stream;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::model::{Application, EventInvoke, Location, Source};
pub(crate) use followed::Followed;
pub use progress::BadProgress;
use progress::Progress;
use queue::{Queues, Settings};
pub use wire::Endpoint;

/// What mappings read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The DynamoDB whose streams are polled; without one, stream mappings rest.
    pub dynamodb: Option<Endpoint>,
    /// File that keeps how far streams were handled over restarts (E-09); without one they are read from where the
    /// template says each time.
    pub progress: Option<PathBuf>,
}

/// A mapping or a schedule that cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}:{}: {id}: {reason}", location.file.display(), location.line, location.column)]
pub struct BadSource {
    /// Its logical id.
    pub id: String,
    /// Where the template declares it.
    pub location: Location,
    /// What is wrong with it.
    pub reason: String,
}

/// Makes the queues of an application: its resources, and what its mappings name. Those there are stay as they are.
pub(crate) fn make_queues(queues: &Queues, application: &Application) {
    for resource in application.resources.values().filter(|resource| resource.kind == "AWS::SQS::Queue") {
        let text = |key: &str| resource.properties.get(key).and_then(Value::as_str);
        let number =
            |key: &str| resource.properties.get(key).and_then(|value| value.as_u64().or(value.as_str()?.parse().ok()));
        if let Some(name) = text("QueueName") {
            let visibility = Duration::from_secs(number("VisibilityTimeout").unwrap_or(30));
            let redrive = redrive(&resource.properties["RedrivePolicy"]);
            queues.create(name, Settings { visibility, redrive });
        }
    }
    let sources = application.event_source_mappings.values().map(|mapping| match &mapping.source {
        Source::DynamoDb(stream) => stream.on_failure.as_deref(),
        Source::Sqs(queue) => Some(queue.arn.as_str()),
    });
    let destinations = application.functions.values().flat_map(|function| {
        let EventInvoke { on_success, on_failure, dead_letters, .. } = &function.event_invoke;
        [on_success.as_deref(), on_failure.as_deref(), dead_letters.as_deref()]
    });
    for arn in sources.chain(destinations).flatten().filter(|arn| arn.contains(":sqs:")) {
        if let Some(name) = arn.rsplit(':').next() {
            queues.create(name, Settings::default());
        }
    }
}

/// `RedrivePolicy`: the queue that gets what was received too often.
fn redrive(policy: &Value) -> Option<(u32, String)> {
    let policy = match policy {
        Value::String(text) => serde_json::from_str(text).ok()?,
        policy => policy.clone(),
    };
    let most = &policy["maxReceiveCount"];
    let most = most.as_u64().or_else(|| most.as_str()?.parse().ok())?;
    let target = policy["deadLetterTargetArn"].as_str()?.rsplit(':').next()?.to_owned();
    Some((u32::try_from(most).ok()?, target))
}
