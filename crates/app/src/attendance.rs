//! Being there: which conversation a connection looks at, and what others see of a person's coming and going.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::friendship::Tie;
use domain::person::Availability;
use domain::{ConnectionId, ConversationId, Timestamp, UserId};
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use store::blocks;
use store::conversations::{self, ConversationRecord};
use store::friends::{self, FriendRecord};
use store::members::{self, MemberRecord};
use store::presence::{self, Presence};
use store::{Consistency, Live, Table};
use wire::frame::Event;

use crate::broadcast::to_people;
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::membership::enter;
use crate::tokens::Actor;

/// Conversations whose people are told of somebody's coming and going: those written to last.
const CONVERSATIONS: usize = 20;
/// People of a group that are told; of a larger one nobody is.
const GROUP: u32 = 100;
/// People that are told at most.
const PEOPLE: usize = 300;
/// How long a handshake waits for others to be told.
const TELLING: Duration = Duration::from_secs(3);
/// Member queries under way at once.
const AT_ONCE: usize = 10;

/// Notes that a connection looks at a conversation of its owner's: from then on typing there goes to it, and typing
/// elsewhere does not. A connection looks at one at a time. 2 read units, 1 write unit.
pub async fn look_at(
    table: &Table,
    push: &Push,
    actor: &Actor,
    connection: &ConnectionId,
    id: ConversationId,
) -> Result<()> {
    let membership = enter(table, actor, id).await?;
    presence::look_at(table, &actor.user, connection, membership.id()).await?;
    push.answer(connection, &Event::ConversationJoined { conversation_id: membership.id().to_string() }).await
}

/// Notes that a connection looks at a conversation no more. Whoever was removed from it may still look away. 1 write
/// unit.
pub async fn look_away(
    table: &Table,
    push: &Push,
    actor: &Actor,
    connection: &ConnectionId,
    id: &ConversationId,
) -> Result<()> {
    presence::look_away(table, &actor.user, connection, id).await?;
    push.answer(connection, &Event::ConversationLeft { conversation_id: id.to_string() }).await
}

/// Notes what a person says of being there, and tells it to their friends, to the people they share a conversation with,
/// and to their own other devices.
pub async fn say(table: &Table, push: &Push, actor: &Actor, availability: Availability, now: Timestamp) -> Result<()> {
    let noted = presence::set_availability(table, &actor.user, availability, now).await?;
    let presence = noted.ok_or(Error::Unauthorized("the account is gone"))?;
    tell(table, push, &actor.user, (presence.availability(now), presence.seen_at), true, now).await
}

/// Tells that somebody has come, after the first connection was opened. Without a request if it is no news; never a reason
/// to refuse the connection.
pub(crate) async fn arrived(table: &Table, push: &Push, user: &UserId, presence: &Presence, now: Timestamp) {
    if presence.is_told(now) {
        return;
    }
    let telling = async {
        if !presence::take_telling(table, user, true, now).await? {
            return Ok(());
        }
        // Not to the connection that is being opened: it cannot be reached yet.
        tell(table, push, user, (Availability::Online, presence.seen_at), false, now).await
    };
    match tokio::time::timeout(TELLING, telling).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(error = &error as &dyn std::error::Error, "not everybody was told"),
        Err(_) => tracing::warn!("telling that somebody has come took too long"),
    }
}

/// Tells that somebody has gone, after the last connection was closed; later, and by one of all who would, where others
/// were told of them a moment ago. Without a request if it is no news.
///
/// Somebody who went sooner than `settled` after others were last told of them is often back at once: so long their
/// going is waited with. It bounds what somebody costs whose connection comes and goes, and is itself paid for.
pub async fn departed(
    table: &Table,
    push: &Push,
    user: &UserId,
    presence: &Presence,
    settled: Duration,
    now: Timestamp,
) -> Result<()> {
    if presence.is_connected(now) || presence.is_told(now) {
        return Ok(());
    }
    // What has outlived its end without a goodbye is no connection any more.
    let ended = presence.oldest_first();
    let end = async |connection: &Live| {
        push.close(&connection.id).await;
        presence::disconnect(table, user, connection, now).await
    };
    try_join_all(ended.iter().map(end)).await?;
    let then = Timestamp::from_millis(presence.told_at.unwrap_or_default()).plus(settled);
    let wait = u64::try_from(then.millis() - now.millis()).unwrap_or_default();
    let wait = Duration::from_millis(wait).min(settled);
    if !wait.is_zero() {
        if !presence::take_waiting(table, user, now.plus(wait), now).await? {
            return Ok(());
        }
        tokio::time::sleep(wait).await;
    }
    if !presence::take_telling(table, user, false, now.plus(wait)).await? {
        return Ok(());
    }
    tell(table, push, user, (Availability::Offline, presence.seen_at), false, now).await
}

/// Looks whether somebody has gone without a goodbye: whose last connection has outlived its end, or was found to be gone,
/// is told of now (ADR 24). 1 read unit where there is nothing to tell.
pub(crate) async fn faded(table: &Table, push: &Push, user: &UserId, now: Timestamp) -> Result<()> {
    let known = presence::of(table, [user], Consistency::Strong).await?;
    match known.get(user) {
        Some(presence) => departed(table, push, user, presence, Duration::ZERO, now).await,
        None => Ok(()),
    }
}

/// Tells that somebody has gone whose account is gone, if others were told that they are there.
pub(crate) async fn vanished(
    table: &Table,
    push: &Push,
    user: &UserId,
    presence: &Presence,
    now: Timestamp,
) -> Result<()> {
    if presence.told.as_deref().is_none_or(|told| told == Availability::Offline.as_str()) {
        return Ok(());
    }
    tell(table, push, user, (Availability::Offline, None), false, now).await
}

/// Tells somebody's friends, and the people they share a conversation with, how much that person is there. However many
/// that are, it costs at most: the person's friends (a query) and places (one query for some thousands), their
/// conversations (a read for each), the members of 20 of them, the blocks around that person (a query), and the presence
/// of 300 people.
async fn tell(
    table: &Table,
    push: &Push,
    user: &UserId,
    (availability, seen_at): (Availability, Option<i64>),
    themselves: bool,
    now: Timestamp,
) -> Result<()> {
    let event = Event::PresenceChanged {
        user_id: user.to_string(),
        status: availability.as_str().to_owned(),
        is_online: availability != Availability::Offline,
        last_seen: seen_at.map(|at| Timestamp::from_millis(at).to_string()),
    };
    let mut acquaintances = acquaintances(table, user).await?;
    let apart = blocks::among(table, user, &acquaintances).await?;
    acquaintances.retain(|person| !apart.contains_key(person));
    if themselves {
        acquaintances.insert(user.clone());
    } else {
        acquaintances.remove(user);
    }
    let people = presence::of(table, &acquaintances, Consistency::Eventual).await?;
    to_people(table, push, &people, &event, now).await
}

async fn acquaintances(table: &Table, user: &UserId) -> Result<BTreeSet<UserId>> {
    let ((friends, _), places) =
        tokio::try_join!(friends::page(table, user, &[Tie::Friends], None, PEOPLE), members::of_user(table, user),)?;
    // Friends first: who they are was chosen.
    let mut people = friends.iter().map(FriendRecord::user).collect::<std::result::Result<BTreeSet<_>, _>>()?;
    let ids = places
        .iter()
        .filter(|place| !place.is_cut_off())
        .map(MemberRecord::conversation)
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let mut rooms: Vec<(ConversationId, ConversationRecord)> =
        conversations::by_ids(table, &ids).await?.into_iter().filter(|(_, room)| room.member_count <= GROUP).collect();
    rooms.sort_by_key(|(_, room)| std::cmp::Reverse(room.updated_at));
    rooms.truncate(CONVERSATIONS);
    let found: Vec<Vec<UserId>> =
        stream::iter(rooms).map(|room| people_of(table, room)).buffered(AT_ONCE).try_collect().await?;
    for person in found.into_iter().flatten() {
        if people.len() >= PEOPLE {
            break;
        }
        people.insert(person);
    }
    Ok(people)
}

async fn people_of(table: &Table, (id, room): (ConversationId, ConversationRecord)) -> Result<Vec<UserId>> {
    let pair = room.pair();
    if !pair.is_empty() {
        return Ok(pair);
    }
    let places = members::of_conversation(table, &id, GROUP as usize, Consistency::Eventual).await?;
    Ok(places.iter().map(MemberRecord::user).collect::<std::result::Result<Vec<_>, _>>()?)
}
