//! Telling that somebody types. Nothing of it is kept but, within the minute's count of events, when it was last told.

use domain::{Timestamp, UserId};
use store::members::{self, MemberRecord};
use store::presence::{self, Presence};
use store::{Consistency, Table};
use wire::actions::Typing;
use wire::frame::Event;

use crate::delivery::{Parcel, Push, packed};
use crate::error::{Error, Result};
use crate::membership::SILENCE;
use crate::tokens::Actor;
use crate::{limits, views};

/// In conversations of more people nobody is told: there somebody always types, and each time costs a read for everybody.
pub const TOLD_UP_TO: usize = 100;

/// Tells the others who look at the conversation. What was told a moment ago is not told again.
pub async fn tell(
    table: &Table,
    push: &Push,
    actor: &Actor,
    typing: &Typing,
    per_minute: u32,
    now: Timestamp,
) -> Result<()> {
    let Typing { conversation, is_typing } = typing;
    let (is_news, members) = tokio::join!(
        limits::typing(table, actor, per_minute, (conversation, *is_typing), now),
        members::of_conversation(table, conversation, TOLD_UP_TO + 1, Consistency::Strong),
    );
    let (is_news, members) = (is_news?, members?);
    let own = actor.user.to_string();
    if members.len() > TOLD_UP_TO {
        members::get(table, conversation, &actor.user).await?.ok_or(Error::NotFound("Conversation"))?;
        return Ok(());
    }
    if !members.iter().any(|member| member.user == own) {
        return Err(Error::NotFound("Conversation"));
    }
    if members.iter().any(MemberRecord::is_cut_off) {
        return Err(SILENCE);
    }
    if !is_news {
        return Ok(());
    }
    let members = members.iter().map(MemberRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    let mut people = presence::of(table, &members, Consistency::Eventual).await?;
    let event = Event::MessageTyping {
        conversation_id: conversation.to_string(),
        user_id: own.clone(),
        user_name: views::participant(&own, people.remove(&actor.user).as_ref()).display_name,
        is_typing: *is_typing,
    };
    let event = packed(&event)?;
    let to = |(user, presence): (&UserId, &Presence)| -> Vec<Parcel> {
        let connections = presence.watching(conversation).into_iter();
        connections.map(|connection| Parcel { user: user.clone(), connection, event: event.clone() }).collect()
    };
    push.deliver(table, people.iter().flat_map(to).collect(), now).await
}
