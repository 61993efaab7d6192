//! Reads one shard and hands its records to lanes (gateway fact E-01).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::batch::Record as _;
use super::lane::{self, Lane};
use super::progress::Checkpoint;
use super::record::StreamRecord;
use super::stream::{Mapping, Name, kept, tell_trouble};
use super::wire::{Position, Wire, WireError};
use crate::server::Gateway;

/// How often a shard is asked for records: four times a second (E-01).
const POLL: Duration = Duration::from_millis(250);

/// A shard, the partition key of its table, and where reading begins.
pub(super) struct Place {
    pub(super) stream: Arc<Name>,
    pub(super) shard: String,
    pub(super) key: Arc<str>,
    pub(super) from: Position,
    /// Older records are passed over.
    pub(super) after: Option<Timestamp>,
}

/// Reads one shard to its end, and waits until its lanes are done.
pub(super) async fn read(gateway: &Arc<Gateway>, mapping: &Arc<Mapping>, wire: &Wire, place: Place) {
    let Place { stream, shard, key, from, after } = place;
    let checkpoint = Arc::new(Checkpoint::new(&mapping.progress, &mapping.id, &stream.shown, &shard));
    let mut lanes = JoinSet::new();
    let senders: Vec<_> = (0..mapping.stream.parallelization_factor.max(1))
        .map(|_| {
            // A lane that is behind stops the reading: what is not read waits in the stream.
            let (sender, records) = mpsc::channel(mapping.rules.size);
            let lane = Lane {
                gateway: Arc::clone(gateway),
                mapping: Arc::clone(mapping),
                stream: Arc::clone(&stream),
                shard: shard.clone(),
                checkpoint: Arc::clone(&checkpoint),
            };
            lanes.spawn(lane::run(lane, records));
            sender
        })
        .collect();
    let mut position = from;
    let mut iterator: Option<String> = None;
    loop {
        let polled = gateway.clock.sleep(POLL);
        match poll(wire, &stream.arn, &shard, &position, iterator.take()).await {
            Ok((records, next)) => {
                let empty = records.is_empty();
                let mut passed = Vec::new();
                for record in records {
                    let Some(record) = StreamRecord::read(&record, &stream.shown, &gateway.application().region) else {
                        continue;
                    };
                    let number = record.sequence_number().to_owned();
                    checkpoint.read(&number);
                    if mapping.passes(&record) && after.is_none_or(|after| record.created() >= after) {
                        let lane = record.lane(&key, senders.len());
                        if senders[lane].send(record).await.is_err() {
                            return;
                        }
                    } else {
                        passed.push(number.clone());
                    }
                    position = Position::After(number);
                }
                kept(gateway, mapping, checkpoint.handled(passed.iter().map(String::as_str)));
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
            Err(error) => tell_trouble(gateway, mapping, &stream, &error),
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
