//! Reads one shard and hands its records to lanes (gateway fact E-01).

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::lane::{self, Lane};
use super::record::StreamRecord;
use super::stream::{Mapping, Name, tell_trouble};
use super::wire::{Position, Wire, WireError};
use crate::server::Gateway;

/// How often a shard is asked for records: four times a second (E-01).
const POLL: Duration = Duration::from_millis(250);

/// A shard, the partition key of its table, and where reading begins.
pub(super) struct Place<'a> {
    pub(super) stream: &'a Arc<Name>,
    pub(super) shard: &'a str,
    pub(super) key: &'a str,
    pub(super) from: Position,
}

/// Reads one shard to its end, and waits until its lanes are done.
pub(super) async fn read(gateway: &Arc<Gateway>, mapping: &Arc<Mapping>, wire: &Wire, place: Place<'_>) {
    let Place { stream, shard, key, from } = place;
    let mut lanes = JoinSet::new();
    let senders: Vec<_> = (0..mapping.stream.parallelization_factor.max(1))
        .map(|_| {
            // A lane that is behind stops the reading: what is not read waits in the stream.
            let (sender, records) = mpsc::channel(mapping.rules.size);
            let (gateway, mapping, stream) = (Arc::clone(gateway), Arc::clone(mapping), Arc::clone(stream));
            let lane = Lane { gateway, mapping, stream, shard: shard.to_owned() };
            lanes.spawn(lane::run(lane, records));
            sender
        })
        .collect();
    let mut position = from;
    let mut iterator: Option<String> = None;
    loop {
        let polled = gateway.clock.sleep(POLL);
        match poll(wire, &stream.arn, shard, &position, iterator.take()).await {
            Ok((records, next)) => {
                let empty = records.is_empty();
                for record in records {
                    let Some(record) = StreamRecord::read(&record, &stream.shown, &gateway.application().region) else {
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
            Err(error) => tell_trouble(gateway, mapping, stream, &error),
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
