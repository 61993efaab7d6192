//! How far somebody has come: received and read, by markers that only grow.

use domain::{Timestamp, UserId};
use store::members::{self, Marker};
use store::messages;
use store::presence;
use store::{Consistency, Table};
use wire::actions::MessagePlace;
use wire::frame::Event;

use crate::delivery::{Parcel, Push, packed};
use crate::error::{Error, Result};
use crate::membership::enter;
use crate::tokens::Actor;

/// Notes that the caller has come so far: up to this message, and all before it. Its sender gets `message:read` or
/// `message:delivered`, once.
pub async fn come_to(
    table: &Table,
    push: &Push,
    actor: &Actor,
    MessagePlace { conversation, message: id }: &MessagePlace,
    marker: Marker,
    now: Timestamp,
) -> Result<()> {
    let (membership, message) =
        tokio::join!(enter(table, actor, conversation.clone()), messages::by_id(table, conversation, *id));
    let membership = membership?;
    let message = message?.ok_or(Error::NotFound("Message"))?;
    let moved = members::move_marker(table, (conversation, &actor.user), marker, id.sequence(), now).await?;
    // Between two of whom one has blocked the other, nobody learns how far the other has come (security D7).
    if !moved || message.sender == actor.user.to_string() || membership.place().is_cut_off() {
        return Ok(());
    }
    let (conversation_id, message_id) = (conversation.to_string(), id.to_string());
    let (message_timestamp, user, at) = (message.created().to_string(), actor.user.to_string(), now.to_string());
    let event = match marker {
        Marker::Read => Event::MessageRead {
            conversation_id,
            message_id,
            message_timestamp,
            read_by: user.clone(),
            user_id: user,
            read_at: at,
        },
        Marker::Delivered => Event::MessageDelivered {
            conversation_id,
            message_id,
            message_timestamp,
            delivered_to: user,
            delivered_at: at,
        },
    };
    let sender = UserId::parse(&message.sender).map_err(|problem| Error::internal(problem.0))?;
    let (place, people) = tokio::try_join!(
        members::get_now(table, conversation, &sender),
        presence::of(table, [&sender], Consistency::Eventual),
    )?;
    // Who is in the conversation no more is told nothing of it, of their own messages neither (security C5).
    if place.is_none() {
        return Ok(());
    }
    let event = packed(&event)?;
    let to = |connection| Parcel { user: sender.clone(), connection, event: event.clone() };
    let parcels = people.get(&sender).into_iter().flat_map(presence::Presence::oldest_first).map(to).collect();
    push.deliver(table, parcels, now).await
}
