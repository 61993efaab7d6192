//! Handing over what is too much for one invocation: asynchronous invocations of the function that posts, a share each.

use domain::{ConnectionId, Timestamp, UserId};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use store::Live;

use super::Parcel;
use crate::invoking::Invoker;

/// Invocations that are begun at once.
const AT_ONCE: usize = 16;
/// Bytes of events in one share: an asynchronous invocation takes 256 KB in regions that were not raised to more, and
/// the receivers' names need the rest.
const BYTES: usize = 160 * 1024;

/// Shares work with a function of one's own.
#[derive(Debug, Clone)]
pub struct Relay {
    invoker: Invoker,
    pub(super) at_most: usize,
}

/// A share of what is to be posted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Batch {
    deliveries: Vec<Delivery>,
}

/// One event and who gets it: people with a connection of theirs, since when it is open, and until when it may be told
/// anything, in milliseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Delivery {
    event: String,
    to: Vec<(String, String, i64, i64)>,
}

impl Relay {
    /// To the function that this begins; as many posts a share.
    pub fn new(invoker: Invoker, at_most: usize) -> Self {
        Self { invoker, at_most: at_most.max(1) }
    }

    /// Hands parcels over, a share to each invocation; gives back what nobody took.
    pub(super) async fn hand_over(&self, parcels: Vec<Parcel>) -> Vec<Parcel> {
        let shares = shares(parcels, self.at_most);
        tracing::info!(shares = shares.len(), "handed over");
        let handed = shares.into_iter().map(|share| async move { (self.takes(&share).await, share) });
        let mut handed = futures_util::stream::iter(handed).buffer_unordered(AT_ONCE);
        let mut refused = Vec::new();
        while let Some((taken, share)) = handed.next().await {
            if !taken {
                refused.extend(share);
            }
        }
        refused
    }

    async fn takes(&self, share: &[Parcel]) -> bool {
        match Batch::of(share) {
            Some(batch) => self.invoker.begin(&batch).await,
            None => false,
        }
    }
}

/// Parcels in shares of as many, or fewer where events are long. Those of one event follow each other.
fn shares(parcels: Vec<Parcel>, at_most: usize) -> Vec<Vec<Parcel>> {
    let mut shares: Vec<Vec<Parcel>> = Vec::new();
    let mut bytes = 0;
    for parcel in parcels {
        let last = shares.last().and_then(|share| share.last());
        let more = if last.is_some_and(|last| last.event == parcel.event) { 0 } else { parcel.event.as_ref().len() };
        match shares.last_mut() {
            Some(share) if share.len() < at_most && bytes + more <= BYTES => {
                bytes += more;
                share.push(parcel);
            }
            _ => {
                bytes = parcel.event.as_ref().len();
                shares.push(vec![parcel]);
            }
        }
    }
    shares
}

impl Batch {
    /// Parcels as one batch; each event is written once.
    fn of(parcels: &[Parcel]) -> Option<Self> {
        let mut deliveries: Vec<Delivery> = Vec::new();
        for Parcel { user, connection, event } in parcels {
            let event = std::str::from_utf8(event.as_ref()).ok()?;
            let Live { id, since, until } = connection;
            let to = (user.to_string(), id.to_string(), since.millis(), until.millis());
            match deliveries.last_mut() {
                Some(delivery) if delivery.event == event => delivery.to.push(to),
                _ => deliveries.push(Delivery { event: event.to_owned(), to: vec![to] }),
            }
        }
        Some(Self { deliveries })
    }

    /// What is to be posted.
    pub fn parcels(self) -> Vec<Parcel> {
        let mut parcels = Vec::new();
        for Delivery { event, to } in self.deliveries {
            let event = aws_sdk_apigatewaymanagement::primitives::Blob::new(event.into_bytes());
            let known = to.iter().filter_map(|(user, id, since, until)| {
                let [since, until] = [since, until].map(|millis| Timestamp::from_millis(*millis));
                Some((UserId::parse(user).ok()?, Live::new(ConnectionId::parse(id).ok()?, since, Some(until))))
            });
            parcels.extend(known.map(|(user, connection)| Parcel { user, connection, event: event.clone() }));
        }
        parcels
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_apigatewaymanagement::primitives::Blob;

    use super::*;

    fn parcels(events: &[&str], each: usize) -> Vec<Parcel> {
        let parcel = |event: &&str, number: usize| Parcel {
            user: UserId::new(uuid::Uuid::nil()),
            connection: Live::new(ConnectionId::parse(&format!("c{number}=")).unwrap(), Timestamp::EPOCH, None),
            event: Blob::new(event.as_bytes()),
        };
        events.iter().flat_map(|event| (0..each).map(move |number| parcel(event, number))).collect()
    }

    fn plain(parcels: &[Parcel]) -> Vec<(String, Vec<u8>)> {
        parcels.iter().map(|parcel| (parcel.connection.id.to_string(), parcel.event.as_ref().to_vec())).collect()
    }

    #[test]
    fn everybody_is_in_one_share_and_each_event_once_in_each() {
        let all = parcels(&["one", "two", "three"], 5);
        let shares = shares(all.clone(), 4);
        assert_eq!(shares.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 4, 3]);
        assert_eq!(plain(&shares.concat()), plain(&all));
        let batch = Batch::of(&shares[1]).unwrap();
        assert_eq!(batch.deliveries.len(), 2);
        let read: Batch = serde_json::from_slice(&serde_json::to_vec(&batch).unwrap()).unwrap();
        assert_eq!(plain(&read.parcels()), plain(&shares[1]));
    }

    #[test]
    fn long_events_make_smaller_shares() {
        let long = ["x".repeat(100_000), "y".repeat(100_000)];
        let all = parcels(&[&long[0], &long[1]], 3);
        assert_eq!(shares(all, 300).iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
    }
}
