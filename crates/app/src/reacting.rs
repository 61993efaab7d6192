//! Reactions.

use domain::Timestamp;
use store::Table;
use store::changes::{self, Change};
use store::reactions::{self, Reacted};
use wire::actions::{MessagePlace, Reaction};
use wire::frame::Event;

use crate::audience::Audience;
use crate::delivery::Push;
use crate::error::{Error, Result};
use crate::membership::gather;
use crate::tokens::Actor;
use crate::views;

/// Adds the caller's reaction to a message, or takes it back: everybody gets `message:reaction` with all reactions.
pub async fn react(table: &Table, push: &Push, actor: &Actor, reaction: &Reaction, now: Timestamp) -> Result<()> {
    let Reaction { place: MessagePlace { conversation, message: id }, emoji } = reaction;
    let gathering = gather(table, actor, conversation.clone()).await?.to_speak()?;
    let message = match reactions::toggle(table, conversation, *id, &actor.user, emoji).await? {
        Reacted::Added(message) | Reacted::Removed(message) => message,
        Reacted::TooMany => return Err(Error::Conflict("this message has as many different reactions as it takes")),
        Reacted::Deleted => return Err(Error::Conflict("the message was deleted")),
        Reacted::Missing => return Err(Error::NotFound("Message")),
    };
    let (noted, audience) =
        tokio::join!(changes::note(table, conversation, Change::Message(*id), now), Audience::of(table, &gathering),);
    noted?;
    let event = Event::MessageReaction {
        conversation_id: conversation.to_string(),
        message_id: id.to_string(),
        message_timestamp: message.created().to_string(),
        reactions: views::reactions(&message),
        user_id: actor.user.to_string(),
        emoji: emoji.as_str().to_owned(),
    };
    push.deliver(table, audience?.to_all(&event)?, now).await
}
