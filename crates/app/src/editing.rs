//! Changing and deleting messages that were sent.

use std::collections::BTreeSet;

use domain::{MessageId, Timestamp};
use store::changes::{self, Change, OwnChange};
use store::edits::{self, Edited, Words};
use store::messages::{self, MessageRecord};
use store::{Table, hidden, members};
use wire::actions::{Deletion, Edit, MessagePlace};
use wire::frame::Event;
use wire::message::{DeletedBody, MessageView};

use crate::audience::{Audience, Shown};
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::membership::{Gathering, enter, gather};
use crate::sending::{self, Asker, Outbox};
use crate::tokens::Actor;
use crate::{attachments, telling, views};

/// Changes the words of a message, which its sender alone can: everybody gets `message:edited`, in their language.
pub async fn edit(
    outbox: &Outbox,
    actor: &Actor,
    asker: Asker<'_>,
    edit: &Edit,
    now: Timestamp,
) -> Result<MessageView> {
    let table = &outbox.table;
    let MessagePlace { conversation, message } = &edit.place;
    let (counted, gathering) = tokio::join!(
        sending::count(outbox, actor, asker, conversation, now),
        gather(table, actor, conversation.clone()),
    );
    counted?;
    let gathering = gathering?.to_speak()?;
    let audience = Audience::of(table, &gathering).await?;
    let content = edit.content.as_str();
    let language = domain::language::detect(content, audience.sender_language());
    let mentions = audience.mentioned(content);
    let words = Words { content, language: language.as_str(), mentions: &mentions };
    let edited = match edits::rewrite(table, (conversation, *message), &actor.user, &words, now).await? {
        Edited::Done(message) => message,
        Edited::NotTheSender => return Err(Error::Forbidden("only the sender can edit a message")),
        Edited::Deleted(_) => return Err(Error::Conflict("the message was deleted")),
        Edited::Missing => return Err(Error::NotFound("Message")),
    };
    note(table, &gathering, *message, &edited, now).await?;

    let answered = match views::answered_id(&edited) {
        Some(id) => messages::by_id(table, conversation, id).await?,
        None => None,
    };
    let shown = Shown { conversation, message: &edited, answered: answered.as_ref(), members: gathering.records() };
    let own = audience.own_view(&shown);
    let event = |message| Event::MessageEdited { message };
    let words = telling::Words { shown, own: event(Box::new(own.clone())), event: &event };
    telling::tell(outbox, &audience, &words, asker.patience(), now).await?;
    Ok(own)
}

/// Deletes a message: for everybody, which its sender alone can, or for the caller. Deleting it again changes nothing.
pub async fn delete(
    (table, push, files): (&Table, &Push, &Files),
    actor: &Actor,
    deletion: &Deletion,
    now: Timestamp,
) -> Result<DeletedBody> {
    if deletion.for_everyone {
        delete_for_everyone((table, push, files), actor, &deletion.place, now).await
    } else {
        hide(table, actor, &deletion.place, now).await
    }
}

async fn delete_for_everyone(
    (table, push, files): (&Table, &Push, &Files),
    actor: &Actor,
    MessagePlace { conversation, message }: &MessagePlace,
    now: Timestamp,
) -> Result<DeletedBody> {
    let gathering = gather(table, actor, conversation.clone()).await?;
    let answer = |at: i64| DeletedBody {
        success: true,
        message_id: message.to_string(),
        conversation_id: conversation.to_string(),
        deleted_at: Some(Timestamp::from_millis(at).to_string()),
        deleted_for_everyone: Some(true),
        deleted_for_me: None,
        participant_ids: Some(gathering.members().iter().map(ToString::to_string).collect()),
    };
    let before = match edits::delete(table, (conversation, *message), &actor.user, now).await? {
        Edited::Done(before) => before,
        Edited::NotTheSender => return Err(Error::Forbidden("only the sender can delete a message for everyone")),
        Edited::Deleted(earlier) => return Ok(answer(earlier.deleted_at.unwrap_or_default())),
        Edited::Missing => return Err(Error::NotFound("Message")),
    };
    if let Some(attached) = &before.attachment {
        attachments::remove(table, files, attached).await?;
    }
    // Nothing of the old words is written anywhere any more (security D6).
    let after = MessageRecord {
        content: String::new(),
        reply_to: None,
        edited_at: None,
        deleted_at: Some(now.millis()),
        attachment: None,
        mentions: BTreeSet::new(),
        ..before
    };
    note(table, &gathering, *message, &after, now).await?;
    let event = Event::MessageDeleted {
        conversation_id: conversation.to_string(),
        message_id: message.to_string(),
        deleted_by: actor.user.to_string(),
        deleted_at: now.to_string(),
    };
    let audience = Audience::of(table, &gathering).await?;
    push.deliver(table, audience.to_all(&event)?, now).await?;
    Ok(answer(now.millis()))
}

/// Takes a message out of the caller's own view.
async fn hide(
    table: &Table,
    actor: &Actor,
    MessagePlace { conversation, message }: &MessagePlace,
    now: Timestamp,
) -> Result<DeletedBody> {
    let membership = enter(table, actor, conversation.clone()).await?;
    messages::by_id(table, conversation, *message).await?.ok_or(Error::NotFound("Message"))?;
    let change = OwnChange::Hidden(conversation.clone(), *message);
    hidden::hide(table, &actor.user, conversation, *message, now).await?;
    changes::note_for(table, &actor.user, &change, now).await?;
    if membership.conversation().seq == message.sequence() {
        members::hide_latest(table, conversation, &actor.user, message.sequence(), now).await?;
    }
    Ok(DeletedBody {
        success: true,
        message_id: message.to_string(),
        conversation_id: conversation.to_string(),
        deleted_at: None,
        deleted_for_everyone: None,
        deleted_for_me: Some(true),
        participant_ids: None,
    })
}

/// Notes the change for those who are away, and where the conversation shows the message as its latest.
async fn note(
    table: &Table,
    gathering: &Gathering,
    id: MessageId,
    message: &MessageRecord,
    now: Timestamp,
) -> Result<()> {
    let latest = sending::latest(message, id.random());
    tokio::try_join!(
        changes::note(table, gathering.id(), Change::Message(id), now),
        edits::show_as_latest(table, gathering.id(), id, &latest),
    )?;
    Ok(())
}
