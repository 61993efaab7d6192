//! The same event for many people.

use std::collections::HashMap;

use domain::{ConversationId, Timestamp, UserId};
use store::members::MemberRecord;
use store::presence::{self, Presence};
use store::{Consistency, Table, members};
use wire::frame::Event;

use crate::delivery::{Parcel, Push, packed};
use crate::error::Result;

/// Sends an event to every connection of these people, of whom this is known.
pub(crate) async fn to_people(
    table: &Table,
    push: &Push,
    people: &HashMap<UserId, Presence>,
    event: &Event,
    now: Timestamp,
) -> Result<()> {
    let event = packed(event)?;
    let to = |(user, presence): (&UserId, &Presence)| -> Vec<Parcel> {
        let connections = presence.oldest_first().into_iter();
        connections.map(|connection| Parcel { user: user.clone(), connection, event: event.clone() }).collect()
    };
    push.deliver(table, people.iter().flat_map(to).collect(), now).await
}

/// Sends an event to every connection of one person.
pub(crate) async fn to_person(
    table: &Table,
    push: &Push,
    (user, presence): (&UserId, &Presence),
    event: &Event,
    now: Timestamp,
) -> Result<()> {
    to_people(table, push, &HashMap::from([(user.clone(), presence.clone())]), event, now).await
}

/// What is known of everybody in a conversation: a query over the members, and a read for each hundred of them.
pub(crate) async fn everybody(table: &Table, conversation: &ConversationId) -> Result<HashMap<UserId, Presence>> {
    let places = members::of_conversation(table, conversation, usize::MAX, Consistency::Strong).await?;
    let users = places.iter().map(MemberRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(presence::of(table, &users, Consistency::Eventual).await?)
}
