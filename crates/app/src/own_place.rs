//! What a member does with a conversation for themselves: read it, set it, delete it.

use std::collections::HashMap;

use domain::{MessageId, Timestamp, UserId};
use store::changes::{self, OwnChange};
use store::members::{self, Marker, MemberRecord, Settings};
use store::{Consistency, Table, messages, presence};
use wire::frame::Event;
use wire::place::{ConversationSettingsBody, OwnSettings, ReadBody};

use crate::broadcast::{everybody, to_people};
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::membership::Membership;
use crate::views;

/// Marks a conversation as read up to a message, or up to its latest. The marker only grows (security K6). If it moved,
/// the others get `message:read`: all of them, or in a large group whoever sent the message.
pub async fn read(
    table: &Table,
    push: &Push,
    membership: &Membership,
    up_to: Option<MessageId>,
    now: Timestamp,
) -> Result<ReadBody> {
    let id = membership.id();
    if let Some((message, sent, sender)) = last_read(table, membership, up_to).await?
        && members::move_marker(table, (id, membership.user()), Marker::Read, message.sequence(), now).await?
        && !membership.place().is_cut_off()
    {
        let user = membership.user().to_string();
        let event = Event::MessageRead {
            conversation_id: id.to_string(),
            message_id: message.to_string(),
            message_timestamp: sent.to_string(),
            read_by: user.clone(),
            user_id: user,
            read_at: now.to_string(),
        };
        let large = membership.conversation().member_count as usize > views::RECEIPTS_UP_TO;
        let mut people = match sender {
            // Who is in it no more is told nothing of it (security C5).
            sender if large && members::get_now(table, id, &sender).await?.is_none() => HashMap::new(),
            sender if large => presence::of(table, [&sender], Consistency::Eventual).await?,
            _ => everybody(table, id).await?,
        };
        people.remove(membership.user());
        to_people(table, push, &people, &event, now).await?;
    }
    Ok(ReadBody { success: true, conversation_id: id.to_string(), last_read_at: now.to_string() })
}

/// The message that is read up to, when it was sent and by whom; nothing where there is no message.
async fn last_read(
    table: &Table,
    membership: &Membership,
    up_to: Option<MessageId>,
) -> Result<Option<(MessageId, Timestamp, UserId)>> {
    let sender = |id: &str| UserId::parse(id).map_err(|problem| Error::internal(problem.0));
    if let Some(id) = up_to {
        let message = messages::by_id(table, membership.id(), id).await?.ok_or(Error::NotFound("Message"))?;
        return Ok(Some((id, message.created(), sender(&message.sender)?)));
    }
    let record = membership.conversation();
    let Some((id, last)) = record.last_message_id().zip(record.last_message.as_ref()) else { return Ok(None) };
    Ok(Some((id, Timestamp::from_millis(last.created_at), sender(&last.sender)?)))
}

/// Changes the member's own settings.
pub async fn set(
    table: &Table,
    membership: &Membership,
    settings: OwnSettings,
    now: Timestamp,
) -> Result<ConversationSettingsBody> {
    let OwnSettings { muted_until, pinned, archived } = settings;
    let settings = Settings { muted_until, pinned, archived };
    let place = members::set(table, membership.id(), membership.user(), settings, now).await?;
    let place: MemberRecord = place.ok_or(Error::NotFound("Conversation"))?;
    let muted_until = place.muted(now).map(|until| until.to_string());
    Ok(ConversationSettingsBody {
        conversation_id: place.conversation,
        muted: muted_until.is_some(),
        muted_until,
        pinned: place.pinned,
        archived: place.archived,
    })
}

/// Deletes a conversation for one member: it is back with the next message, without those until now.
pub async fn hide(table: &Table, membership: &Membership, now: Timestamp) -> Result<()> {
    let (id, user) = (membership.id(), membership.user());
    members::hide_up_to(table, id, user, membership.conversation().seq, now).await?;
    Ok(changes::note_for(table, user, &OwnChange::Gone(id.clone()), now).await?)
}
