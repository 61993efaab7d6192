//! Starting conversations.

use domain::conversation::{Kind, NewConversation, NewGroup, Role, TokenSpendingMode};
use domain::{ConversationId, Timestamp, UserId};
use std::collections::HashMap;
use store::conversations::{ConversationRecord, Started, create_direct, create_group, find_direct};
use store::members::MemberRecord;
use store::presence::Presence;
use store::{Consistency, Table, blocks, conversations, presence};
use wire::conversation::ConversationView;
use wire::frame::Event;

use crate::delivery::{Parcel, Push, packed};
use crate::error::{Error, Result};
use crate::tokens::Actor;
use crate::{blocking, fresh, passwords, views};

/// Participants that a view of a conversation shows at most.
pub(crate) const SHOWN_PARTICIPANTS: usize = 100;

/// A conversation that was asked for.
#[derive(Debug, Clone)]
pub struct Opened {
    /// As the caller sees it.
    pub view: ConversationView,
    /// Whether it is new; two people who have one get that one.
    pub is_new: bool,
}

type People = HashMap<UserId, Presence>;

/// Starts a conversation and tells everybody in it. Between the same two people there is one, whoever starts it and
/// however often (security K3).
pub async fn create(
    table: &Table,
    push: &Push,
    actor: &Actor,
    wish: NewConversation,
    now: Timestamp,
) -> Result<Opened> {
    match wish {
        NewConversation::Direct(other) => open_direct(table, push, actor, &other, now).await,
        NewConversation::Group(group) => start_group(table, push, actor, *group, now).await,
    }
}

async fn open_direct(table: &Table, push: &Push, actor: &Actor, other: &UserId, now: Timestamp) -> Result<Opened> {
    let both = [actor.user.clone(), other.clone()];
    let people = everyone(table, &both).await?;
    // Opening a chat mostly means one that is there: a read is a tenth of the price of a transaction that fails.
    if let Some(existing) = find_direct(table, &actor.user, other).await? {
        return existing_direct(table, actor, &existing, &people, now).await;
    }
    let id = fresh::conversation();
    let record = ConversationRecord {
        pair: both.iter().map(ToString::to_string).collect(),
        ..blank(&id, Kind::Direct, actor, 2, now)
    };
    let members: Vec<_> = both.iter().map(|user| MemberRecord::new(&id, user, Role::Member, 0, now)).collect();
    match create_direct(table, (&actor.user, other), &record, &members).await? {
        Started::New => announce(table, push, &record, &members, &people, now).await,
        Started::Existing(existing) => existing_direct(table, actor, &existing, &people, now).await,
        Started::Blocked => {
            let block = blocks::between(table, &actor.user, other).await?;
            // Gone again meanwhile: then asking once more will do.
            Err(block.as_ref().map_or(Error::Conflict("this was just unblocked: try again"), blocking::refusal))
        }
    }
}

async fn existing_direct(
    table: &Table,
    actor: &Actor,
    id: &ConversationId,
    people: &People,
    now: Timestamp,
) -> Result<Opened> {
    let (record, place) = conversations::with_member(table, id, &actor.user)
        .await?
        .ok_or_else(|| Error::internal("a direct conversation without its members"))?;
    let participants = shown(people, &record.pair());
    Ok(Opened { view: views::conversation(&record, &place, participants, None, now), is_new: false })
}

async fn start_group(table: &Table, push: &Push, actor: &Actor, group: NewGroup, now: Timestamp) -> Result<Opened> {
    let mut all = vec![actor.user.clone()];
    all.extend(group.members);
    let others = all.iter().skip(1);
    let (people, apart) = tokio::join!(everyone(table, &all), blocking::refuse_among(table, actor, others));
    let people = people?;
    apart?;
    let id = fresh::conversation();
    let text = |line: Option<domain::conversation::Line>| line.map(|line| line.as_str().to_owned());
    let code = |language: Option<domain::Language>| language.map(|language| language.as_str().to_owned());
    let record = ConversationRecord {
        name: text(group.name),
        description: text(group.description),
        avatar_url: group.avatar_url.map(|url| url.as_str().to_owned()),
        is_private: group.is_private,
        password_hash: group.password.as_ref().map(passwords::hash).transpose()?,
        max_members: group.max_members,
        source_language: code(group.source_language),
        target_language: code(group.target_language),
        token_spending_mode: group.token_spending_mode.as_str().to_owned(),
        member_count: u32::try_from(all.len()).unwrap_or(u32::MAX),
        ..blank(&id, Kind::Group, actor, 0, now)
    };
    let role = |user: &UserId| if *user == actor.user { Role::Admin } else { Role::Member };
    let members: Vec<_> = all.iter().map(|user| MemberRecord::new(&id, user, role(user), 0, now)).collect();
    create_group(table, &record, &members).await?;
    announce(table, push, &record, &members, &people, now).await
}

/// Tells everybody in a new conversation on all their connections, the creator's other devices too.
async fn announce(
    table: &Table,
    push: &Push,
    record: &ConversationRecord,
    members: &[MemberRecord],
    people: &People,
    now: Timestamp,
) -> Result<Opened> {
    let ids = members.iter().map(MemberRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    let own = members.iter().find(|member| member.user == record.creator);
    let own = own.ok_or_else(|| Error::internal("a conversation without its creator"))?;
    let view = views::conversation(record, own, shown(people, &ids), None, now);
    let event = packed(&Event::ConversationNew { conversation: Box::new(view.clone()) })?;
    let parcels = people.iter().flat_map(|(user, presence)| {
        let to = |connection| Parcel { user: user.clone(), connection, event: event.clone() };
        presence.oldest_first().into_iter().map(to).collect::<Vec<_>>()
    });
    push.deliver(table, parcels.collect(), now).await?;
    Ok(Opened { view, is_new: true })
}

/// What is known of these people; 404 when one of them does not exist.
async fn everyone(table: &Table, ids: &[UserId]) -> Result<People> {
    let people = presence::of(table, ids, Consistency::Strong).await?;
    if ids.iter().all(|id| people.contains_key(id)) { Ok(people) } else { Err(Error::NotFound("User")) }
}

fn shown(people: &People, ids: &[UserId]) -> Vec<wire::user::Participant> {
    let show = |id: &UserId| views::participant(&id.to_string(), people.get(id));
    ids.iter().take(SHOWN_PARTICIPANTS).map(show).collect()
}

fn blank(id: &ConversationId, kind: Kind, actor: &Actor, people: u32, now: Timestamp) -> ConversationRecord {
    ConversationRecord {
        id: id.to_string(),
        kind: kind.as_str().to_owned(),
        pair: Vec::new(),
        name: None,
        description: None,
        avatar_url: None,
        is_private: kind == Kind::Direct,
        password_hash: None,
        invite_code: None,
        invite_expires_at: None,
        max_members: people,
        source_language: None,
        target_language: None,
        token_spending_mode: TokenSpendingMode::Own.as_str().to_owned(),
        creator: actor.user.to_string(),
        member_count: people,
        admin_count: (kind == Kind::Group).then_some(1),
        seq: 0,
        last_message: None,
        created_at: now.millis(),
        updated_at: now.millis(),
        changed_at: None,
    }
}
