//! Reads the shards of a stream and hands their records to lanes (gateway fact E-01).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::batch::Rules;
use super::lane::{self, Lane};
use super::pattern::Pattern;
use super::record::StreamRecord;
use super::wire::{Endpoint, Position, Shard, Wire, WireError};
use crate::Limits;
use crate::model::{self, EventSourceMapping, StartingPosition};
use crate::server::Gateway;

/// How often a shard is asked for records: four times a second (E-01).
const POLL: Duration = Duration::from_millis(250);
/// How often a stream is asked for new shards. Ours.
const DESCRIBE: Duration = Duration::from_secs(10);
/// Room in an event beyond its records: `{"Records":[]}`.
const FRAME: usize = 14;

/// A mapping, ready to run.
pub(super) struct Mapping {
    pub(super) id: String,
    pub(super) function: String,
    pub(super) stream: model::Stream,
    pub(super) rules: Rules,
    /// How long records may wait for more.
    pub(super) window: Duration,
    pub(super) report_failures: bool,
    patterns: Vec<Pattern>,
    /// None when there is no DynamoDB to read.
    wire: Option<Wire>,
}

impl Mapping {
    pub(super) fn new(
        mapping: &EventSourceMapping,
        stream: &model::Stream,
        patterns: Vec<Pattern>,
        endpoint: Option<Endpoint>,
        limits: &Limits,
    ) -> Self {
        Self {
            id: mapping.logical_id.clone(),
            function: mapping.function.clone(),
            rules: Rules {
                size: mapping.batch_size.max(1) as usize,
                bytes: limits.payload.saturating_sub(FRAME),
                retries: stream.maximum_retry_attempts,
                age: stream.maximum_record_age,
                bisect: stream.bisect_batch_on_function_error,
            },
            stream: stream.clone(),
            window: mapping.batching_window,
            report_failures: mapping.report_batch_item_failures,
            patterns,
            wire: endpoint.map(Wire::new),
        }
    }

    /// Whether a record passes the filters: any of them, or there are none (E-08).
    fn passes(&self, record: &StreamRecord) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(record.event()))
    }
}

/// Reads a stream until it is cancelled: each shard after its parent.
pub(super) async fn run(gateway: Arc<Gateway>, mapping: Arc<Mapping>) {
    let Some(wire) = &mapping.wire else {
        let trouble = format!("no DynamoDB endpoint: {} is not read", mapping.stream.arn);
        gateway.tell_source(&mapping.id, &mapping.function, trouble);
        return;
    };
    let mut started: BTreeSet<String> = BTreeSet::new();
    let mut finished: BTreeSet<String> = BTreeSet::new();
    let mut shards = JoinSet::new();
    let mut first = match mapping.stream.starting_position {
        StartingPosition::TrimHorizon => Position::TrimHorizon,
        StartingPosition::Latest => Position::Latest,
    };
    loop {
        match wire.describe(&mapping.stream.arn).await {
            Err(error) => tell_trouble(&gateway, &mapping, &error),
            Ok((found, key)) => {
                let key: Arc<str> = key.into();
                for shard in readable(&found, &started, &finished) {
                    started.insert(shard.id.clone());
                    let (gateway, mapping, key) = (Arc::clone(&gateway), Arc::clone(&mapping), Arc::clone(&key));
                    let (id, from, wire) = (shard.id.clone(), first.clone(), wire.clone());
                    shards.spawn(async move {
                        read(&gateway, &mapping, &wire, Place { shard: &id, key: &key, from }).await;
                        id
                    });
                }
                // Shards that come into being later are read from their beginning.
                first = Position::TrimHorizon;
            }
        }
        tokio::select! {
            Some(Ok(done)) = shards.join_next(), if !shards.is_empty() => {
                finished.insert(done);
            }
            () = gateway.clock.sleep(DESCRIBE) => {}
        }
    }
}

/// Shards that were not begun and whose parent is read to its end, or not there any more.
fn readable<'s>(shards: &'s [Shard], started: &BTreeSet<String>, finished: &BTreeSet<String>) -> Vec<&'s Shard> {
    let waits = |shard: &Shard| {
        let parent = shard.parent.as_ref().filter(|parent| shards.iter().any(|other| other.id == **parent));
        parent.is_some_and(|parent| !finished.contains(parent))
    };
    shards.iter().filter(|shard| !started.contains(&shard.id) && !waits(shard)).collect()
}

/// A shard, the partition key of its table, and where reading begins.
struct Place<'a> {
    shard: &'a str,
    key: &'a str,
    from: Position,
}

/// Reads one shard to its end, and waits until its lanes are done.
async fn read(gateway: &Arc<Gateway>, mapping: &Arc<Mapping>, wire: &Wire, place: Place<'_>) {
    let Place { shard, key, from } = place;
    let mut lanes = JoinSet::new();
    let senders: Vec<_> = (0..mapping.stream.parallelization_factor.max(1))
        .map(|_| {
            // A lane that is behind stops the reading: what is not read waits in the stream.
            let (sender, records) = mpsc::channel(mapping.rules.size);
            let lane = Lane { gateway: Arc::clone(gateway), mapping: Arc::clone(mapping), shard: shard.to_owned() };
            lanes.spawn(lane::run(lane, records));
            sender
        })
        .collect();
    let mut position = from;
    let mut iterator: Option<String> = None;
    loop {
        let polled = gateway.clock.sleep(POLL);
        match poll(wire, &mapping.stream.arn, shard, &position, iterator.take()).await {
            Ok((records, next)) => {
                let empty = records.is_empty();
                for record in records {
                    let Some(record) = StreamRecord::read(&record, &mapping.stream.arn, &gateway.application().region)
                    else {
                        continue;
                    };
                    position = Position::After(record.sequence_number().to_owned());
                    if mapping.passes(&record) {
                        let lane = record.lane(key, senders.len());
                        if senders[lane].send(record).await.is_err() {
                            return;
                        }
                    }
                }
                if next.is_none() {
                    break;
                }
                iterator = next;
                if !empty {
                    continue;
                }
            }
            // The next round takes a new one, from where it was.
            Err(error) if error.is("ExpiredIteratorException") => {}
            Err(error) if error.is("TrimmedDataAccessException") => position = Position::TrimHorizon,
            Err(error) => tell_trouble(gateway, mapping, &error),
        }
        polled.await;
    }
    drop(senders);
    while lanes.join_next().await.is_some() {}
}

async fn poll(
    wire: &Wire,
    stream: &str,
    shard: &str,
    position: &Position,
    iterator: Option<String>,
) -> Result<(Vec<Value>, Option<String>), WireError> {
    let iterator = match iterator {
        Some(iterator) => iterator,
        None => wire.iterator(stream, shard, position).await?,
    };
    wire.records(&iterator).await
}

fn tell_trouble(gateway: &Gateway, mapping: &Mapping, error: &WireError) {
    gateway.tell_source(&mapping.id, &mapping.function, format!("cannot read {}: {error}", mapping.stream.arn));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_01_a_shard_is_read_after_its_parent() {
        let shard = |id: &str, parent: Option<&str>| Shard { id: id.to_owned(), parent: parent.map(str::to_owned) };
        let shards = [shard("a", Some("trimmed")), shard("b", Some("a")), shard("c", None)];
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        let ready = |started: &[&str], finished: &[&str]| {
            readable(&shards, &set(started), &set(finished)).iter().map(|shard| shard.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ready(&[], &[]), ["a", "c"]);
        assert_eq!(ready(&["a", "c"], &[]), [""; 0]);
        assert_eq!(ready(&["a", "c"], &["a"]), ["b"]);
    }
}
