//! What invokes functions besides requests: DynamoDB Streams, queues and schedules (gateway facts E-01 to E-08).
//!
//! Pure: [`pattern`], [`answer`], [`batch`], [`record`], [`destination`], [`schedule`]. Around them: pollers that read a
//! DynamoDB by its real protocol, and [`queue`], a store of messages that speaks SQS's.

pub mod answer;
pub mod batch;
pub mod destination;
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
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::Limits;
use crate::model::{Application, EventInvoke, Location, Schedule, Source};
use crate::server::Gateway;
use crate::time::Clock;
use pattern::Pattern;
pub use progress::BadProgress;
pub(crate) use progress::Progress;
use queue::{Queues, Settings};
use schedule::Times;
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

/// What an application has enabled, read and ready to run.
pub(crate) struct Planned {
    streams: Vec<Arc<stream::Mapping>>,
    queues: Vec<Arc<poller::Mapping>>,
    schedules: Vec<(Schedule, Times)>,
}

impl Planned {
    /// Reads filters and expressions, and makes every queue that a mapping names.
    pub(crate) fn read(
        application: &Application,
        sources: &Sources,
        progress: &Arc<Progress>,
        limits: &Limits,
    ) -> Result<Self, BadSource> {
        let mut planned = Self { streams: Vec::new(), queues: Vec::new(), schedules: Vec::new() };
        for mapping in application.event_source_mappings.values().filter(|mapping| mapping.enabled) {
            let bad = |reason| BadSource { id: mapping.logical_id.clone(), location: mapping.location.clone(), reason };
            let patterns = mapping.filters.iter().map(Pattern::read).collect::<Result<Vec<_>, _>>().map_err(bad)?;
            match &mapping.source {
                Source::DynamoDb(stream) => {
                    let from = stream::From { endpoint: sources.dynamodb.clone(), progress: Arc::clone(progress) };
                    planned.streams.push(Arc::new(stream::Mapping::new(mapping, stream, patterns, from, limits)));
                }
                Source::Sqs(queue) => planned.queues.push(Arc::new(poller::Mapping::new(mapping, queue, patterns))),
            }
        }
        for schedule in application.schedules.values().filter(|schedule| schedule.enabled) {
            let bad =
                |reason| BadSource { id: schedule.logical_id.clone(), location: schedule.location.clone(), reason };
            let times = Times::read(&schedule.expression, &schedule.time_zone).map_err(bad)?;
            planned.schedules.push((schedule.clone(), times));
        }
        Ok(planned)
    }

    /// Runs all of it until the gateway stops; a replaced template does not change it.
    pub(crate) fn start(self, gateway: &Arc<Gateway>) {
        for mapping in self.streams {
            gateway.spawn_until_stop(stream::run(Arc::clone(gateway), mapping));
        }
        for mapping in self.queues {
            gateway.spawn_until_stop(poller::run(Arc::clone(gateway), mapping));
        }
        for (schedule, times) in self.schedules {
            gateway.spawn_until_stop(scheduler::run(Arc::clone(gateway), schedule, times, gateway.clock.now()));
        }
    }
}

/// The queues of an application: its resources, and what its mappings name.
pub(crate) fn queues(application: &Application, clock: Clock) -> Queues {
    let queues = Queues::new(clock);
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
    queues
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
