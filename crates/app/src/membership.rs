//! Being in a conversation: to be allowed is to hold one of these.

use std::ops::Deref;

use domain::conversation::{Kind, Role};
use domain::{ConversationId, UserId};
use store::conversations::{self, ConversationRecord};
use store::members::{self, MemberRecord};
use store::{Consistency, Table};

use crate::error::{Error, Result};
use crate::tokens::Actor;

/// Between two people of whom one has blocked the other. Both get the same answer, and it does not say whose block it is
/// ([decision 19](../../../docs/adr/0019-blocks.md)).
pub(crate) const SILENCE: Error = Error::Forbidden("nothing can be sent in this conversation");

/// Proof that somebody is in a conversation. It comes only from [`enter`]: reading asks for one.
#[derive(Debug, Clone)]
pub struct Membership {
    id: ConversationId,
    conversation: ConversationRecord,
    user: UserId,
    place: MemberRecord,
}

impl Membership {
    /// The conversation's id.
    pub fn id(&self) -> &ConversationId {
        &self.id
    }

    /// The conversation.
    pub fn conversation(&self) -> &ConversationRecord {
        &self.conversation
    }

    /// Whose membership it is.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// That person's place in it, with markers and own settings.
    pub fn place(&self) -> &MemberRecord {
        &self.place
    }

    /// The same membership of the conversation as it is after a change.
    pub(crate) fn with(&self, conversation: ConversationRecord) -> Self {
        Self { conversation, ..self.clone() }
    }

    /// Proof that it is a group: a direct conversation has two people and no roles (security D5).
    pub fn of_group(self) -> Result<GroupMembership> {
        if self.conversation.kind == Kind::Group.as_str() {
            Ok(GroupMembership(self))
        } else {
            Err(Error::Conflict("a direct conversation has two people and no roles"))
        }
    }

    /// The same, where something may be said: in a direct conversation one of whose two has blocked the other, nothing
    /// (security D7).
    pub fn to_speak(self) -> Result<Self> {
        if self.place.is_cut_off() { Err(SILENCE) } else { Ok(self) }
    }

    /// Proof that this person may end the conversation for all: whoever made it may.
    pub fn of_creator(self) -> Result<Ownership> {
        if self.conversation.creator == self.user.to_string() {
            Ok(Ownership(self))
        } else {
            Err(Error::Forbidden("only who made the conversation can delete it for everyone"))
        }
    }
}

/// Proof that somebody is in a group.
#[derive(Debug, Clone)]
pub struct GroupMembership(Membership);

impl GroupMembership {
    /// Proof that this person may change the group and who is in it.
    pub fn of_admin(self) -> Result<Administration> {
        match self.0.place.role() {
            Role::Admin => Ok(Administration(self.0)),
            Role::Member => Err(Error::Forbidden("only an admin of the group can do this")),
        }
    }
}

impl Deref for GroupMembership {
    type Target = Membership;

    fn deref(&self) -> &Membership {
        &self.0
    }
}

/// Proof that somebody is an admin of a group.
#[derive(Debug, Clone)]
pub struct Administration(Membership);

impl Deref for Administration {
    type Target = Membership;

    fn deref(&self) -> &Membership {
        &self.0
    }
}

/// Proof that somebody may end a conversation.
#[derive(Debug, Clone)]
pub struct Ownership(Membership);

impl Deref for Ownership {
    type Target = Membership;

    fn deref(&self) -> &Membership {
        &self.0
    }
}

/// Enters a conversation that the caller is in. Anybody else learns nothing of it: 404, as if there were none.
pub async fn enter(table: &Table, actor: &Actor, id: ConversationId) -> Result<Membership> {
    enter_for(table, &actor.user, id).await
}

/// The same for somebody who does not come themselves: whose account is gone.
pub(crate) async fn enter_for(table: &Table, user: &UserId, id: ConversationId) -> Result<Membership> {
    let (conversation, place) =
        conversations::with_member(table, &id, user).await?.ok_or(Error::NotFound("Conversation"))?;
    Ok(Membership { id, conversation, user: user.clone(), place })
}

/// Enters a group as one of its admins; 403 for its other members, 409 for a direct conversation.
pub async fn administer(table: &Table, actor: &Actor, id: ConversationId) -> Result<Administration> {
    enter(table, actor, id).await?.of_group()?.of_admin()
}

/// Proof that somebody is in a conversation, with everybody else in it: what sending needs, by one query. It comes only
/// from [`gather`].
#[derive(Debug, Clone)]
pub struct Gathering {
    id: ConversationId,
    sender: UserId,
    members: Vec<UserId>,
    records: Vec<MemberRecord>,
}

impl Gathering {
    /// The conversation's id.
    pub fn id(&self) -> &ConversationId {
        &self.id
    }

    /// Who gathered them, and is one of them.
    pub fn sender(&self) -> &UserId {
        &self.sender
    }

    /// Everybody in the conversation.
    pub fn members(&self) -> &[UserId] {
        &self.members
    }

    /// Everybody's place in it.
    pub fn records(&self) -> &[MemberRecord] {
        &self.records
    }

    /// The same, where something may be said, as [`Membership::to_speak`] has it. Without a request: each of the two has a
    /// mark in their place.
    pub fn to_speak(self) -> Result<Self> {
        if self.records.iter().any(MemberRecord::is_cut_off) { Err(SILENCE) } else { Ok(self) }
    }
}

/// Gathers everybody in a conversation that the caller is in; for anybody else there is none.
pub async fn gather(table: &Table, actor: &Actor, id: ConversationId) -> Result<Gathering> {
    let records = members::of_conversation(table, &id, usize::MAX, Consistency::Strong).await?;
    let members = records.iter().map(MemberRecord::user).collect::<std::result::Result<Vec<_>, _>>()?;
    if members.contains(&actor.user) {
        Ok(Gathering { id, sender: actor.user.clone(), members, records })
    } else {
        Err(Error::NotFound("Conversation"))
    }
}
