//! The mappings and schedules of the template as it is now: what is new in it begins, what is gone ends (W-26).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use super::pattern::Pattern;
use super::schedule::Times;
use super::{BadProgress, BadSource, Progress, Sources, poller, scheduler, stream};
use crate::Limits;
use crate::model::{Application, EventSourceMapping, Schedule, Source};
use crate::server::Gateway;

/// What runs of an application's mappings and schedules.
pub(crate) struct Followed {
    sources: Sources,
    limits: Limits,
    progress: Arc<Progress>,
    under_way: Mutex<BTreeMap<String, UnderWay>>,
}

struct UnderWay {
    declared: Declared,
    end: CancellationToken,
}

/// A mapping or a schedule as the template has it.
#[derive(Clone, PartialEq)]
enum Declared {
    Mapping(EventSourceMapping),
    Schedule(Schedule),
}

impl Declared {
    /// Whether it does the same, wherever it stands.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Mapping(one), Self::Mapping(other)) => {
                EventSourceMapping { location: other.location.clone(), ..one.clone() } == *other
            }
            (Self::Schedule(one), Self::Schedule(other)) => {
                Schedule { location: other.location.clone(), ..one.clone() } == *other
            }
            (Self::Mapping(_), Self::Schedule(_)) | (Self::Schedule(_), Self::Mapping(_)) => false,
        }
    }
}

/// What an application has enabled, read and ready to run, by logical id.
pub(crate) struct Planned(BTreeMap<String, (Declared, Ready)>);

enum Ready {
    Stream(Arc<stream::Mapping>),
    Queue(Arc<poller::Mapping>),
    Schedule(Times),
}

impl Followed {
    /// Nothing yet.
    pub(crate) fn new(sources: Sources, limits: Limits) -> Result<Self, BadProgress> {
        let progress = Arc::new(Progress::open(sources.progress.as_deref())?);
        Ok(Self { sources, limits, progress, under_way: Mutex::default() })
    }

    /// Reads filters and expressions.
    pub(crate) fn plan(&self, application: &Application) -> Result<Planned, BadSource> {
        let mut planned = BTreeMap::new();
        for mapping in application.event_source_mappings.values().filter(|mapping| mapping.enabled) {
            let bad = |reason| BadSource { id: mapping.logical_id.clone(), location: mapping.location.clone(), reason };
            let patterns = mapping.filters.iter().map(Pattern::read).collect::<Result<Vec<_>, _>>().map_err(bad)?;
            let ready = match &mapping.source {
                Source::DynamoDb(stream) => {
                    let (endpoint, progress) = (self.sources.dynamodb.clone(), Arc::clone(&self.progress));
                    let from = stream::From { endpoint, progress };
                    Ready::Stream(Arc::new(stream::Mapping::new(mapping, stream, patterns, from, &self.limits)))
                }
                Source::Sqs(queue) => Ready::Queue(Arc::new(poller::Mapping::new(mapping, queue, patterns))),
            };
            planned.insert(mapping.logical_id.clone(), (Declared::Mapping(mapping.clone()), ready));
        }
        for schedule in application.schedules.values().filter(|schedule| schedule.enabled) {
            let bad =
                |reason| BadSource { id: schedule.logical_id.clone(), location: schedule.location.clone(), reason };
            let times = Times::read(&schedule.expression, &schedule.time_zone).map_err(bad)?;
            let declared = Declared::Schedule(schedule.clone());
            planned.insert(schedule.logical_id.clone(), (declared, Ready::Schedule(times)));
        }
        Ok(Planned(planned))
    }

    /// Runs what is planned until the gateway stops or another plan has it no more. What is the same in both goes on;
    /// a batch that is under way in what ends comes again (E-09).
    pub(crate) fn follow(&self, planned: Planned, gateway: &Arc<Gateway>) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let stays = |id: &str, running: &UnderWay| {
            planned.0.get(id).is_some_and(|(declared, _)| running.declared.is_like(declared))
        };
        for (_, gone) in under_way.extract_if(.., |id, running| !stays(id, running)) {
            gone.end.cancel();
        }
        for (id, (declared, ready)) in planned.0 {
            if under_way.contains_key(&id) {
                continue;
            }
            let end = CancellationToken::new();
            let around = Arc::clone(gateway);
            let run = match (ready, &declared) {
                (Ready::Stream(mapping), _) => stream::run(around, mapping).boxed(),
                (Ready::Queue(mapping), _) => poller::run(around, mapping).boxed(),
                (Ready::Schedule(times), Declared::Schedule(schedule)) => {
                    scheduler::run(around, schedule.clone(), times, gateway.clock.now()).boxed()
                }
                (Ready::Schedule(_), Declared::Mapping(_)) => continue,
            };
            gateway.spawn_until_stop(end.clone().run_until_cancelled_owned(run).map(|_| ()));
            under_way.insert(id, UnderWay { declared, end });
        }
    }
}
