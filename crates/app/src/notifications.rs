//! Notifications: what somebody is told of later, or again.
//!
//! What writes in a transaction of its own (friends, places in groups) writes them there; what must stay cheap (messages,
//! reactions) leaves it to the table's stream. Whoever wrote it, the stream tells of it (ADR 0021).

use std::collections::HashMap;

use domain::notification::Kind;
use domain::{ConversationId, NotificationId, Timestamp, UserId};
use store::notes::{self, NoteRecord};
use store::presence::Presence;
use store::stream::{Happened, Said};
use store::{Consistency, Table, members, presence};
use wire::frame::Event;
use wire::notification::{NotificationView, NotificationsBody, NotificationsReadBody};
use wire::page::PageQuery;

use crate::attendance;
use crate::broadcast::to_person;
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::tokens::Actor;
use crate::views;

/// One page of the caller's notifications, the latest first.
pub async fn list(table: &Table, actor: &Actor, query: &PageQuery) -> Result<NotificationsBody> {
    let (size, before) = query.check(|text| NotificationId::parse(text).ok())?;
    let ((found, more), read_up_to) =
        tokio::try_join!(notes::page(table, &actor.user, before, size), notes::read_up_to(table, &actor.user))?;
    let actors = found.iter().map(NoteRecord::actor).collect::<std::result::Result<Vec<_>, _>>()?;
    let (faces, unread_count) = tokio::try_join!(
        presence::of(table, &actors, Consistency::Eventual),
        notes::unread(table, &actor.user, read_up_to),
    )?;
    Ok(NotificationsBody {
        next_cursor: found.last().filter(|_| more).map(|note| note.id.clone()),
        notifications: found.iter().map(|note| view(note, &faces, read_up_to)).collect::<Result<_>>()?,
        unread_count,
    })
}

/// Notes that the caller has read a notification. Reading it again changes nothing; 404 for one that is not the caller's.
pub async fn read(table: &Table, actor: &Actor, id: NotificationId, now: Timestamp) -> Result<NotificationsReadBody> {
    notes::read(table, &actor.user, id, now).await?.ok_or(Error::NotFound("Notification"))?;
    let read_up_to = notes::read_up_to(table, &actor.user).await?;
    let unread_count = notes::unread(table, &actor.user, read_up_to).await?;
    Ok(NotificationsReadBody { success: true, unread_count })
}

/// Notes that the caller has read all notifications there are: one write, however many.
pub async fn read_all(table: &Table, actor: &Actor) -> Result<NotificationsReadBody> {
    let (latest, _) = notes::page(table, &actor.user, None, 1).await?;
    let Some(latest) = latest.first() else { return Ok(NotificationsReadBody { success: true, unread_count: 0 }) };
    let id = latest.id()?;
    notes::read_all(table, &actor.user, id).await?;
    let unread_count = notes::unread(table, &actor.user, Some(id)).await?;
    Ok(NotificationsReadBody { success: true, unread_count })
}

fn view(
    note: &NoteRecord,
    faces: &HashMap<UserId, Presence>,
    read_up_to: Option<NotificationId>,
) -> Result<NotificationView> {
    let kind = Kind::parse(&note.kind).map_err(|problem| Error::internal(problem.0))?;
    let actor = views::participant(&note.actor, faces.get(&note.actor()?));
    let id = note.id()?;
    Ok(NotificationView {
        id: note.id.clone(),
        r#type: note.kind.clone(),
        content: kind.sentence(&actor.display_name, note.emoji.as_deref()),
        actor,
        conversation_id: note.conversation.clone(),
        message_id: note.message.clone(),
        emoji: note.emoji.clone(),
        is_read: note.read_at.is_some() || read_up_to.is_some_and(|read| id <= read),
        created_at: Timestamp::from_millis(note.created_at).to_string(),
    })
}

/// Does what follows from a change of the table. The same change again, as the stream tells it after a failure, writes
/// nothing twice.
pub async fn follow(table: &Table, push: &Push, happened: &Happened, now: Timestamp) -> Result<()> {
    match happened {
        Happened::Faded(user) => attendance::faded(table, push, user, now).await,
        Happened::Notified(user, note) => announce(table, push, user, note, now).await,
        Happened::Said(said) => write(table, said).await,
        Happened::Unregistered(_) | Happened::Nothing => Ok(()),
    }
}

/// Tells somebody who is there of a notification, unless they have muted what it is about: then it waits in the list.
async fn announce(table: &Table, push: &Push, user: &UserId, note: &NoteRecord, now: Timestamp) -> Result<()> {
    let actor = note.actor()?;
    let faces = presence::of(table, [user, &actor], Consistency::Eventual).await?;
    let Some(own) = faces.get(user).filter(|own| !own.connections.is_empty()) else { return Ok(()) };
    if is_muted(table, user, note, now).await? {
        return Ok(());
    }
    let read_up_to = notes::read_up_to(table, user).await?;
    let unread_count = notes::unread(table, user, read_up_to).await?;
    let notification = Box::new(view(note, &faces, read_up_to)?);
    let event = Event::NotificationNew { notification, unread_count };
    to_person(table, push, (user, own), &event, now).await
}

/// Whether somebody wants to hear nothing of it now. Half a read unit for what is about a conversation.
async fn is_muted(table: &Table, user: &UserId, note: &NoteRecord, now: Timestamp) -> Result<bool> {
    let kind = Kind::parse(&note.kind).map_err(|problem| Error::internal(problem.0))?;
    let Some(conversation) = note.conversation.as_deref().filter(|_| !kind.goes_through_mute()) else {
        return Ok(false);
    };
    let conversation = ConversationId::parse(conversation).map_err(|problem| Error::internal(problem.0))?;
    let place = members::get(table, &conversation, user).await?;
    Ok(place.is_some_and(|place| place.muted(now).is_some()))
}

/// Writes the notifications that a message is a reason for: of whom it mentions, and of its sender when somebody reacted.
async fn write(table: &Table, said: &Said) -> Result<()> {
    let Said { conversation, message, before, at, .. } = said;
    if message.deleted_at.is_some() {
        return Ok(());
    }
    let sender = UserId::parse(&message.sender).map_err(|problem| Error::internal(problem.0))?;
    let mut wanted: Vec<(UserId, UserId, NoteRecord)> = Vec::new();
    for mentioned in &message.mentions {
        let is_new = before.as_ref().is_none_or(|before| !before.mentions.contains(mentioned));
        if is_new && *mentioned != message.sender {
            let user = UserId::parse(mentioned).map_err(|problem| Error::internal(problem.0))?;
            // By the message's own time: mentioned twice by one message, notified once.
            let note = NoteRecord::of(&said.occasion(Kind::Mention, &sender, None), message.created());
            wanted.push((user, sender.clone(), note));
        }
    }
    // A message that is new has no reactions yet.
    for (emoji, people) in message.reactions.iter().filter(|_| before.is_some()) {
        let known = before.as_ref().and_then(|before| before.reactions.get(emoji));
        for person in people.iter().filter(|person| known.is_none_or(|known| !known.contains(*person))) {
            if *person != message.sender {
                let actor = UserId::parse(person).map_err(|problem| Error::internal(problem.0))?;
                let note = NoteRecord::of(&said.occasion(Kind::Reaction, &actor, Some(emoji)), *at);
                wanted.push((sender.clone(), actor, note));
            }
        }
    }
    for (user, actor, note) in &wanted {
        // Nobody hears of a conversation they are in no more (security C5), nor of somebody with whom there is a block
        // (D7).
        if members::may_hear_of(table, conversation, user, actor).await? {
            notes::put_new(table, user, note).await?;
        }
    }
    Ok(())
}
