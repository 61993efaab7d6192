//! Groups: what they are called, and who is in them as what.
//!
//! Every change of members and roles is one transaction with the counts of the conversation, so a group is never fuller
//! than it takes and never without an admin, whatever happens at once (security D5, K5). What a transaction refuses is
//! looked at anew and then told, or tried again.

use std::collections::{BTreeSet, HashMap};

use domain::conversation::{Line, PictureUrl, Role};
use domain::{ConversationId, Timestamp, UserId};
use store::changes::{self, OwnChange};
use store::conversations::{self, ConversationRecord, Facts};
use store::members::{self, MemberRecord};
use store::places::{self, Changed};
use store::presence::{self, Presence};
use store::{Consistency, Table};
use wire::conversation::ConversationView;
use wire::frame::Event;
use wire::group::{DepartedBody, GroupChange, ParticipantBody, ParticipantsBody};

use crate::audit::{Deed, did};
use crate::broadcast::{everybody, to_people};
use crate::conversations::SHOWN_PARTICIPANTS;
use crate::delivery::Push;
use crate::ending::{self, Cleaner};
use crate::error::{Error, Result};
use crate::membership::{Administration, GroupMembership, administer, enter_for};
use crate::tokens::Actor;
use crate::{blocking, listing, passwords, views};

/// How often a change is tried anew that somebody else's came before.
pub(crate) const TRIES: u32 = 8;

const NOBODY: Error = Error::NotFound("Participant");
const LAST_ADMIN: Error = Error::Conflict("a group keeps at least one admin: make somebody else one first");
pub(crate) const BUSY: Error = Error::Conflict("the group is being changed by others right now: try again");

/// Changes what a group is called, shows, takes and asks for; everybody in it is told.
pub async fn update(
    table: &Table,
    push: &Push,
    administration: &Administration,
    change: GroupChange,
    now: Timestamp,
) -> Result<ConversationView> {
    let text = |line: Line| line.as_str().to_owned();
    let facts = Facts {
        name: change.name.map(text),
        description: change.description.map(|line| line.map(text)),
        avatar_url: change.avatar_url.map(|url| url.map(|url: PictureUrl| url.as_str().to_owned())),
        password_hash: change.password.map(|word| word.as_ref().map(passwords::hash).transpose()).transpose()?,
        max_members: change.max_members,
    };
    let changed = conversations::set_facts(table, administration.id(), &facts, now).await?;
    let record = changed.ok_or(Error::Conflict("the group has more members than it would take"))?;
    let people = everybody(table, administration.id()).await?;
    to_people(table, push, &people, &updated(administration.user(), &record, None), now).await?;
    let membership = administration.with(record);
    Ok(listing::conversation(table, &membership, None, now).await?.conversation)
}

/// Brings people into a group, all of them or nobody. They get `conversation:new`, everybody else `participant:joined`.
pub async fn add(
    table: &Table,
    push: &Push,
    actor: &Actor,
    id: &ConversationId,
    users: &BTreeSet<UserId>,
    now: Timestamp,
) -> Result<ParticipantsBody> {
    let newcomers = async { Ok(presence::of(table, users, Consistency::Strong).await?) };
    let (newcomers, apart) = tokio::join!(newcomers, blocking::refuse_among(table, actor, users));
    let newcomers: HashMap<UserId, Presence> = newcomers.map_err(|error: Error| error)?;
    // Told to admins of the group alone.
    let mut apart = Some(apart);
    for _ in 0..TRIES {
        let administration = administer(table, actor, id.clone()).await?;
        if !users.iter().all(|user| newcomers.contains_key(user)) {
            return Err(Error::NotFound("User"));
        }
        apart.take().unwrap_or(Ok(()))?;
        let record = administration.conversation();
        let count = u32::try_from(users.len()).unwrap_or(u32::MAX);
        if record.member_count.saturating_add(count) > record.max_members {
            return Err(Error::Conflict("the group is full"));
        }
        let place = |user| MemberRecord::new(id, user, Role::Member, record.seq, now);
        let new: Vec<_> = users.iter().map(place).collect();
        match places::bring(table, id, &new, &actor.user, record.max_members, now).await? {
            Changed::Done => return welcome(table, push, (id, record), &actor.user, &new, &newcomers, now).await,
            Changed::Stale => return Err(Error::Conflict("somebody of these is in the group already")),
            Changed::Refused => {}
        }
    }
    Err(BUSY)
}

/// Tells everybody in a group, and those who have just come into it, of their coming: the group is what it was before.
pub(crate) async fn welcome(
    table: &Table,
    push: &Push,
    (id, before): (&ConversationId, &ConversationRecord),
    by: &UserId,
    new: &[MemberRecord],
    newcomers: &HashMap<UserId, Presence>,
    now: Timestamp,
) -> Result<ParticipantsBody> {
    let count = before.member_count + u32::try_from(new.len()).unwrap_or(u32::MAX);
    let record = ConversationRecord { member_count: count, ..before.clone() };
    let mut others = everybody(table, id).await?;
    let shown: Vec<UserId> = others.keys().take(SHOWN_PARTICIPANTS).cloned().collect();
    let faces = shown.iter().map(|user| views::participant(&user.to_string(), others.get(user))).collect();
    let first = new.first().ok_or_else(|| Error::internal("nobody came"))?;
    let view = views::conversation(&record, first, faces, None, now);
    others.retain(|user, _| !newcomers.contains_key(user));
    to_people(table, push, newcomers, &Event::ConversationNew { conversation: Box::new(view) }, now).await?;

    let mut participants = Vec::new();
    for place in new {
        let participant = views::newcomer(place, newcomers.get(&place.user()?));
        let event = Event::ParticipantJoined {
            conversation_id: id.to_string(),
            participant: Box::new(participant.clone()),
            participant_count: count,
            added_by: by.to_string(),
        };
        to_people(table, push, &others, &event, now).await?;
        participants.push(participant);
    }
    Ok(ParticipantsBody { conversation_id: id.to_string(), participants, participant_count: count })
}

/// Takes somebody out of a group. From the next message on they get nothing more (security C5).
pub async fn remove(
    table: &Table,
    push: &Push,
    actor: &Actor,
    id: &ConversationId,
    user: &UserId,
    now: Timestamp,
) -> Result<DepartedBody> {
    for _ in 0..TRIES {
        let administration = administer(table, actor, id.clone()).await?;
        let place = members::get_now(table, id, user).await?.ok_or(NOBODY)?;
        match places::remove(table, id, user, place.role(), now).await? {
            Changed::Done => {
                did(Some(&actor.user), Deed::MemberRemoved).to(user).at(id).note();
                let by = (actor.user != *user).then_some(&actor.user);
                return farewell(table, push, administration.conversation(), id, user, by, now).await;
            }
            Changed::Refused => return Err(LAST_ADMIN),
            Changed::Stale => {}
        }
    }
    Err(BUSY)
}

/// Gives a member another role; everybody is told. The role one has already changes nothing.
pub async fn set_role(
    table: &Table,
    push: &Push,
    actor: &Actor,
    id: &ConversationId,
    (user, role): (&UserId, Role),
    now: Timestamp,
) -> Result<ParticipantBody> {
    for _ in 0..TRIES {
        let administration = administer(table, actor, id.clone()).await?;
        let place = members::get_now(table, id, user).await?.ok_or(NOBODY)?;
        let record = administration.conversation();
        if place.role() == role {
            let face = presence::of(table, [user], Consistency::Eventual).await?;
            let participant = views::newcomer(&place, face.get(user));
            return Ok(ParticipantBody { conversation_id: id.to_string(), participant });
        }
        match places::set_role(table, id, user, role, now).await? {
            Changed::Done => {
                let deed = if role == Role::Admin { Deed::MadeAdmin } else { Deed::MadeMember };
                did(Some(&actor.user), deed).to(user).at(id).note();
                let place = MemberRecord { role: role.as_str().to_owned(), ..place };
                let people = everybody(table, id).await?;
                let participant = views::newcomer(&place, people.get(user));
                let event = updated(&actor.user, record, Some(participant.clone()));
                to_people(table, push, &people, &event, now).await?;
                return Ok(ParticipantBody { conversation_id: id.to_string(), participant });
            }
            Changed::Refused => return Err(LAST_ADMIN),
            Changed::Stale => {}
        }
    }
    Err(BUSY)
}

/// Leaves a group. The last admin's leaving makes the longest-standing member one; with the last member the group ends.
pub async fn leave(
    table: &Table,
    push: &Push,
    cleaner: &Cleaner,
    actor: &Actor,
    id: &ConversationId,
    now: Timestamp,
) -> Result<DepartedBody> {
    take_out(table, push, cleaner, &actor.user, id, now).await
}

/// The same for somebody who does not come themselves: whose account is gone.
pub(crate) async fn take_out(
    table: &Table,
    push: &Push,
    cleaner: &Cleaner,
    user: &UserId,
    id: &ConversationId,
    now: Timestamp,
) -> Result<DepartedBody> {
    for _ in 0..TRIES {
        let group = enter_for(table, user, id.clone()).await?.of_group()?;
        if let Some(heir) = depart(table, cleaner, &group, now).await? {
            let body = farewell(table, push, group.conversation(), id, user, None, now).await?;
            if let Heir::Promoted(place) = heir {
                let people = everybody(table, id).await?;
                let participant = views::newcomer(&place, people.get(&place.user()?));
                let record = ConversationRecord {
                    member_count: group.conversation().member_count.saturating_sub(1),
                    ..group.conversation().clone()
                };
                to_people(table, push, &people, &updated(user, &record, Some(participant)), now).await?;
            }
            return Ok(body);
        }
    }
    Err(BUSY)
}

/// Who is an admin after somebody left that was none before.
enum Heir {
    Nobody,
    Promoted(Box<MemberRecord>),
}

/// One try to leave; nothing if somebody else's change came before.
async fn depart(table: &Table, cleaner: &Cleaner, group: &GroupMembership, now: Timestamp) -> Result<Option<Heir>> {
    let (id, user, role) = (group.id(), group.user(), group.place().role());
    match places::remove(table, id, user, role, now).await? {
        Changed::Done => return Ok(Some(Heir::Nobody)),
        Changed::Stale => return Ok(None),
        Changed::Refused => {}
    }
    let others = members::of_conversation(table, id, usize::MAX, Consistency::Strong).await?;
    let others = others.into_iter().filter(|member| member.user != group.place().user);
    let Some(heir) = others.min_by(|one, other| (one.joined_at, &one.user).cmp(&(other.joined_at, &other.user))) else {
        let ended = ending::close(table, cleaner, group.conversation(), true, now).await?;
        return Ok(ended.then_some(Heir::Nobody));
    };
    let done = places::hand_over(table, id, (user, &heir.user()?), now).await? == Changed::Done;
    let heir = MemberRecord { role: Role::Admin.as_str().to_owned(), ..heir };
    Ok(done.then(|| Heir::Promoted(Box::new(heir))))
}

/// Tells everybody that somebody is in the group no more, that person too: it is the last they get from it.
async fn farewell(
    table: &Table,
    push: &Push,
    record: &ConversationRecord,
    id: &ConversationId,
    user: &UserId,
    removed_by: Option<&UserId>,
    now: Timestamp,
) -> Result<DepartedBody> {
    changes::note_for(table, user, &OwnChange::Gone(id.clone()), now).await?;
    let mut people = everybody(table, id).await?;
    people.extend(presence::of(table, [user], Consistency::Eventual).await?);
    let event = Event::ParticipantLeft {
        conversation_id: id.to_string(),
        user_id: user.to_string(),
        username: views::participant(&user.to_string(), people.get(user)).username,
        participant_count: record.member_count.saturating_sub(1),
        removed_by: removed_by.map(ToString::to_string),
    };
    to_people(table, push, &people, &event, now).await?;
    Ok(DepartedBody { success: true, conversation_id: id.to_string(), user_id: user.to_string() })
}

fn updated(by: &UserId, record: &ConversationRecord, participant: Option<wire::user::Participant>) -> Event {
    Event::ConversationUpdated {
        conversation_id: record.id.clone(),
        updated_by: by.to_string(),
        conversation: views::facts(record),
        participant: participant.map(Box::new),
    }
}
