//! Finds the shards of a stream and has each read after its parent (gateway fact E-01).

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::batch::Rules;
use super::pattern::Pattern;
use super::progress::{Progress, Since};
use super::record::StreamRecord;
use super::shard::{self, Place};
use super::wire::{Endpoint, Position, Shard, Wire, WireError};
use crate::Limits;
use crate::model::{self, EventSourceMapping, StartingPosition};
use crate::server::Gateway;

/// How often a stream is asked for new shards. Ours.
const DESCRIBE: Duration = Duration::from_secs(10);
/// How coarsely streams tell when a record came into being: DynamoDB Local gives the minute.
const COARSENESS: Duration = Duration::from_mins(1);
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
    pub(super) progress: Arc<Progress>,
}

/// What streams are read from, and how far that is done.
pub(super) struct From {
    pub(super) endpoint: Option<Endpoint>,
    pub(super) progress: Arc<Progress>,
}

impl Mapping {
    pub(super) fn new(
        mapping: &EventSourceMapping,
        stream: &model::Stream,
        patterns: Vec<Pattern>,
        from: From,
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
            wire: from.endpoint.map(Wire::new),
            progress: from.progress,
        }
    }

    /// Whether a record passes the filters: any of them, or there are none (E-08).
    pub(super) fn passes(&self, record: &StreamRecord) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(record.event()))
    }
}

/// A stream by its two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// The one by which it is read.
    pub(super) arn: String,
    /// The one that functions see: region and account of the application, which emulators have their own of.
    pub(super) shown: String,
}

impl Name {
    /// A stream of the table that the template's ARN names.
    fn new(declared: &str, arn: String) -> Self {
        let shown = match (declared.split_once("/stream/"), arn.split_once("/stream/")) {
            (Some((table, _)), Some((_, label))) => format!("{table}/stream/{label}"),
            _ => arn.clone(),
        };
        Self { arn, shown }
    }
}

/// Name of the table whose stream an ARN names.
fn table_of(stream: &str) -> Option<&str> {
    stream.split_once(":table/")?.1.split_once("/stream/").map(|(table, _)| table)
}

/// Reads a stream until it is cancelled.
pub(super) async fn run(gateway: Arc<Gateway>, mapping: Arc<Mapping>) {
    let Some(wire) = &mapping.wire else {
        let trouble = format!("no DynamoDB endpoint: {} is not read", mapping.stream.arn);
        gateway.tell_source(&mapping.id, &mapping.function, trouble);
        return;
    };
    let mut name = Arc::new(Name::new(&mapping.stream.arn, mapping.stream.arn.clone()));
    let mut reading = Reading::default();
    let mut first = match mapping.stream.starting_position {
        StartingPosition::TrimHorizon => Position::TrimHorizon,
        StartingPosition::Latest => Position::Latest,
    };
    loop {
        match wire.describe(&name.arn).await {
            Ok((found, key)) => {
                if !reading.begun {
                    reading.begun = true;
                    reading.after = begin(&gateway, &mapping, &name, &mut first);
                }
                let ids = found.iter().map(|shard| shard.id.as_str()).collect();
                let forgotten = mapping.progress.retain(&mapping.id, &ids);
                kept(&gateway, &mapping, forgotten);
                let key: Arc<str> = key.into();
                for shard in readable(&found, &reading.started, &reading.finished) {
                    reading.started.insert(shard.id.clone());
                    let from = mapping.progress.position(&mapping.id, &shard.id).unwrap_or_else(|| first.clone());
                    let place = Place {
                        stream: Arc::clone(&name),
                        shard: shard.id.clone(),
                        key: Arc::clone(&key),
                        from,
                        after: reading.after,
                    };
                    let (gateway, mapping, wire) = (Arc::clone(&gateway), Arc::clone(&mapping), wire.clone());
                    let id = shard.id.clone();
                    reading.shards.spawn(async move {
                        shard::read(&gateway, &mapping, &wire, place).await;
                        id
                    });
                }
                // Shards that come into being later are read from their beginning.
                first = Position::TrimHorizon;
            }
            Err(error) => match another(wire, &name.arn, &error).await {
                Some(arn) => {
                    name = Arc::new(Name::new(&mapping.stream.arn, arn));
                    reading = Reading::default();
                    continue;
                }
                None => tell_trouble(&gateway, &mapping, &name, &error),
            },
        }
        tokio::select! {
            Some(Ok(done)) = reading.shards.join_next(), if !reading.shards.is_empty() => {
                reading.finished.insert(done);
            }
            () = gateway.clock.sleep(DESCRIBE) => {}
        }
    }
}

/// What is read of one stream; dropping it ends that.
#[derive(Default)]
struct Reading {
    started: BTreeSet<String>,
    finished: BTreeSet<String>,
    shards: JoinSet<String>,
    begun: bool,
    /// What came into being before is none of the mapping's affair.
    after: Option<Timestamp>,
}

/// Notes that a mapping reads a stream. When it did so before a restart, shards of which nothing was handled are read
/// from their beginning (E-09); what is older than the mapping is passed over where it starts with the latest.
fn begin(gateway: &Gateway, mapping: &Mapping, stream: &Name, first: &mut Position) -> Option<Timestamp> {
    let since = kept(gateway, mapping, mapping.progress.begin(&mapping.id, &stream.shown, gateway.clock.now()));
    let Some(Since::Before(since)) = since else { return None };
    let latest = *first == Position::Latest;
    *first = Position::TrimHorizon;
    latest.then(|| since - COARSENESS)
}

/// Tells when progress cannot be kept; everything goes on, and comes again after a restart.
pub(super) fn kept<T>(gateway: &Gateway, mapping: &Mapping, result: io::Result<T>) -> Option<T> {
    let told = result.map_err(|error| {
        let trouble = format!("cannot keep how far {} is handled: {error}", mapping.stream.arn);
        gateway.tell_source(&mapping.id, &mapping.function, trouble);
    });
    told.ok()
}

/// The stream to read in place of one that there is none of. Only AWS knows the label in a stream's ARN beforehand, and
/// a table that was made anew has another.
async fn another(wire: &Wire, arn: &str, error: &WireError) -> Option<String> {
    let table = table_of(arn).filter(|_| error.is("ResourceNotFoundException"))?;
    wire.latest_stream(table).await.ok().flatten().filter(|latest| latest != arn)
}

/// Shards that were not begun and whose parent is read to its end, or not there any more.
fn readable<'s>(shards: &'s [Shard], started: &BTreeSet<String>, finished: &BTreeSet<String>) -> Vec<&'s Shard> {
    let waits = |shard: &Shard| {
        let parent = shard.parent.as_ref().filter(|parent| shards.iter().any(|other| other.id == **parent));
        parent.is_some_and(|parent| !finished.contains(parent))
    };
    shards.iter().filter(|shard| !started.contains(&shard.id) && !waits(shard)).collect()
}

pub(super) fn tell_trouble(gateway: &Gateway, mapping: &Mapping, stream: &Name, error: &WireError) {
    gateway.tell_source(&mapping.id, &mapping.function, format!("cannot read {}: {error}", stream.shown));
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

    #[test]
    fn the_stream_of_a_table_keeps_the_templates_region() {
        let declared = "arn:aws:dynamodb:eu-west-1:123456789012:table/pets/stream/2026-01-01T00:00:00.000";
        assert_eq!(table_of(declared), Some("pets"));
        assert_eq!(table_of("arn:aws:kinesis:eu-west-1:123456789012:stream/pets"), None);
        let label = "stream/2026-11-21T15:29:29.351";
        let name = Name::new(declared, format!("arn:aws:dynamodb:ddblocal:000000000000:table/pets/{label}"));
        assert_eq!(name.shown, format!("arn:aws:dynamodb:eu-west-1:123456789012:table/pets/{label}"));
        assert_eq!(Name::new(declared, declared.to_owned()).shown, declared);
    }
}
