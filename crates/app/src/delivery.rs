//! Posting events to live connections.

mod relay;

use std::time::Duration;

use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_sdk_apigatewaymanagement::{Client, Config};
use domain::{ConnectionId, Timestamp, UserId};
use futures_util::StreamExt;
use futures_util::future::try_join_all;
use store::{Live, Table, presence};
use wire::frame::Event;

use crate::error::{Error, Result};
use crate::fresh;
pub use relay::{Batch, Relay};

/// How many posts are under way at once.
const AT_ONCE: usize = 48;
/// In milliseconds, how long a connection may be in the opening: it is noted before its handshake is over, and until then
/// API Gateway calls it gone.
const OPENING: i64 = 30_000;
/// How long one receiver may take: a slow one delays nobody else, and gets the message by its next list.
const ONE_POST: Duration = Duration::from_secs(3);

/// Reaches live connections through API Gateway's management API.
#[derive(Debug, Clone)]
pub struct Push {
    client: Client,
    relay: Option<Relay>,
}

/// How one post ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Posted {
    Delivered,
    Gone,
    /// The receiver's buffer is full (gateway fact M-12), or the way there failed: a moment later it may work.
    NotNow,
    TooSlow,
}

/// One event for one connection.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Whose connection.
    pub user: UserId,
    /// Which.
    pub connection: Live,
    /// What, written once for everybody who gets the same.
    pub event: Blob,
}

impl Push {
    /// With a client of this configuration. When and how often a post is tried again is decided here: the SDK would hold a place among the
    /// posts meanwhile. Not by an override, which the SDK works into the configuration anew for each post.
    pub fn new(config: &Config) -> Self {
        let once = config.to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(once), relay: None }
    }

    /// The same, sharing what is too much for one invocation with others.
    #[must_use]
    pub fn shared_with(self, relay: Relay) -> Self {
        Self { relay: Some(relay), ..self }
    }

    /// Sends an event to one connection, as an answer to it. Whether it still listens is its own affair.
    pub async fn answer(&self, connection: &ConnectionId, event: &Event) -> Result<()> {
        let event = packed(event)?;
        if self.post(connection, &event).await == Posted::NotNow {
            a_moment().await;
            self.post(connection, &event).await;
        }
        Ok(())
    }

    /// Closes a connection, if it is still there.
    pub async fn close(&self, connection: &ConnectionId) {
        let again = aws_sdk_apigatewaymanagement::config::Builder::new().retry_config(RetryConfig::standard());
        let close = self.client.delete_connection().connection_id(connection.as_str());
        if let Err(error) = close.customize().config_override(again).send().await
            && !error.as_service_error().is_some_and(DeleteConnectionError::is_gone_exception)
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be closed");
        }
    }

    /// Sends events to many connections; those that turn out to be gone are forgotten. Nothing goes over one whose token
    /// has ended: it is closed instead (security C7). What fails for one receiver is of no concern to the others. What is
    /// too much for one invocation is shared with others.
    pub async fn deliver(&self, table: &Table, mut parcels: Vec<Parcel>, now: Timestamp) -> Result<()> {
        let Some(relay) = self.relay.as_ref().filter(|relay| parcels.len() > relay.at_most) else {
            return self.post_all(table, parcels, now).await;
        };
        let others = parcels.split_off(relay.at_most);
        let (posted, refused) = tokio::join!(self.post_all(table, parcels, now), relay.hand_over(others));
        posted?;
        // Nobody took it: late is better than never.
        self.post_all(table, refused, now).await
    }

    /// Posts to all of them, and forgets those that are gone. Who could not be reached is tried once more when all the
    /// others have got theirs: a receiver that stays full delays nobody (security C11).
    async fn post_all(&self, table: &Table, parcels: Vec<Parcel>, now: Timestamp) -> Result<()> {
        let (ended, parcels): (Vec<_>, Vec<_>) =
            parcels.into_iter().partition(|parcel| parcel.connection.has_ended(now));
        let (posted, closed) = tokio::join!(self.post_living(table, parcels, now), self.end(table, ended, now));
        posted.and(closed)
    }

    /// Closes connections whose token has ended, and forgets them.
    async fn end(&self, table: &Table, ended: Vec<Parcel>, now: Timestamp) -> Result<()> {
        let close = async |parcel: &Parcel| {
            self.close(&parcel.connection.id).await;
            presence::lose(table, &parcel.user, &parcel.connection, now).await
        };
        Ok(try_join_all(ended.iter().map(close)).await.map(drop)?)
    }

    async fn post_living(&self, table: &Table, parcels: Vec<Parcel>, now: Timestamp) -> Result<()> {
        let mut gone = Vec::new();
        let again = self.post_each(parcels, &mut gone).await;
        if !again.is_empty() {
            a_moment().await;
            self.post_each(again, &mut gone).await;
        }
        let before = Timestamp::from_millis(now.millis() - OPENING);
        gone.retain(|(_, connection)| connection.since < before);
        let forget = gone.iter().map(|(user, connection)| presence::lose(table, user, connection, now));
        Ok(try_join_all(forget).await.map(drop)?)
    }

    /// Posts once, dozens at a time; gives back what may be tried again.
    async fn post_each(&self, parcels: Vec<Parcel>, gone: &mut Vec<(UserId, Live)>) -> Vec<Parcel> {
        let posts =
            parcels.into_iter().map(async |parcel| (self.post(&parcel.connection.id, &parcel.event).await, parcel));
        let mut posts = futures_util::stream::iter(posts).buffer_unordered(AT_ONCE);
        let mut again = Vec::new();
        while let Some((posted, parcel)) = posts.next().await {
            match posted {
                Posted::Gone => gone.push((parcel.user, parcel.connection)),
                Posted::NotNow => again.push(parcel),
                Posted::Delivered | Posted::TooSlow => {}
            }
        }
        again
    }

    async fn post(&self, connection: &ConnectionId, event: &Blob) -> Posted {
        let post = self.client.post_to_connection().connection_id(connection.as_str()).data(event.clone());
        let error = match tokio::time::timeout(ONE_POST, post.send()).await {
            Ok(Ok(_)) => return Posted::Delivered,
            Ok(Err(error)) => error,
            Err(_) => {
                tracing::warn!("a receiver took too long");
                return Posted::TooSlow;
            }
        };
        if error.as_service_error().is_some_and(PostToConnectionError::is_gone_exception) {
            return Posted::Gone;
        }
        tracing::warn!(error = &error as &dyn std::error::Error, "a post failed");
        Posted::NotNow
    }
}

/// A random moment, so that many senders who met a full buffer together do not come back together.
async fn a_moment() {
    let jitter = fresh::bytes::<1>().map_or(0, |[byte]| u64::from(byte));
    tokio::time::sleep(Duration::from_millis(50 + jitter)).await;
}

/// An event as it goes over the wire.
pub fn packed(event: &Event) -> Result<Blob> {
    serde_json::to_vec(event).map(Blob::new).map_err(Error::internal)
}
