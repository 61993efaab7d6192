//! Who is in a conversation, and how far each has come.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::conversation::Role;
use domain::message::Progress;
use domain::{ConversationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::{self, MEMBER_PREFIX};
use crate::table::{Consistency, Item, Table, attributes, decode, decode_all, encode, number, text};

/// All places in a conversation.
const MEMBERS: &str = "PK = :room AND begins_with(SK, :member)";

/// Somebody's place in a conversation, item `CONV#c` / `MEMBER#u`, in `GSI1` as `USER#u` / `CONV#c`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "attributes of an item, each a fact of its own")]
pub struct MemberRecord {
    /// `conv_…`
    pub conversation: String,
    /// `user_…`
    pub user: String,
    /// `admin` or `member`.
    pub role: String,
    /// Sequence number of the last message this member has read: it only grows.
    #[serde(default)]
    pub last_read_seq: u64,
    /// Sequence number of the last message on one of this member's devices: it only grows.
    #[serde(default)]
    pub last_delivered_seq: u64,
    /// Until when notifications are off, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<i64>,
    /// Whether this member keeps it at the top of the list.
    #[serde(default)]
    pub pinned: bool,
    /// Whether this member has put it away.
    #[serde(default)]
    pub archived: bool,
    /// This member has deleted the conversation when it had come so far: it is back with the next message, without
    /// those up to here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_up_to_seq: Option<u64>,
    /// Sequence number of the message that this member deleted for themselves while it was the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_seq: Option<u64>,
    /// In a direct conversation: this member has blocked the other one ([`crate::blocks`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocks: bool,
    /// In a direct conversation: the other one has blocked this member.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
    /// Milliseconds since the epoch.
    pub joined_at: i64,
    /// When the markers or this member's own settings last changed, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

impl MemberRecord {
    /// A new place. Whoever comes later has nothing to catch up on: everything up to `sequence` counts as read.
    pub fn new(conversation: &ConversationId, user: &UserId, role: Role, sequence: u64, now: Timestamp) -> Self {
        Self {
            conversation: conversation.to_string(),
            user: user.to_string(),
            role: role.as_str().to_owned(),
            last_read_seq: sequence,
            last_delivered_seq: sequence,
            muted_until: None,
            pinned: false,
            archived: false,
            hidden_up_to_seq: None,
            hidden_seq: None,
            blocks: false,
            blocked: false,
            joined_at: now.millis(),
            updated_at: None,
        }
    }

    pub(crate) fn item(&self) -> Result<Item, StoreError> {
        let (conversation, user) = (self.conversation()?, self.user()?);
        let mut item = encode(&keys::member(&conversation, &user), self)?;
        let turned = keys::membership(&conversation, &user);
        item.extend([("GSI1PK".to_owned(), text(turned.pk)), ("GSI1SK".to_owned(), text(turned.sk))]);
        Ok(item)
    }

    /// The conversation this is a place in.
    pub fn conversation(&self) -> Result<ConversationId, StoreError> {
        ConversationId::parse(&self.conversation).map_err(StoreError::unreadable)
    }

    /// Whose place this is.
    pub fn user(&self) -> Result<UserId, StoreError> {
        UserId::parse(&self.user).map_err(StoreError::unreadable)
    }

    /// What this member may do. What cannot be read is a member like any other.
    pub fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or(Role::Member)
    }

    /// Until when this member wants to hear nothing of it, if that is so now.
    pub fn muted(&self, now: Timestamp) -> Option<Timestamp> {
        self.muted_until.map(Timestamp::from_millis).filter(|until| *until > now)
    }

    /// When this member came.
    pub fn joined(&self) -> Timestamp {
        Timestamp::from_millis(self.joined_at)
    }

    /// Whether this member does not see what has this place: a message, or a conversation that has come so far.
    pub fn hides(&self, sequence: u64) -> bool {
        self.hidden_up_to_seq.is_some_and(|hidden| sequence <= hidden)
    }

    /// Whether nothing passes between the two of a direct conversation: one of them has blocked the other.
    pub fn is_cut_off(&self) -> bool {
        self.blocks || self.blocked
    }

    /// How far this member has come.
    pub fn progress(&self) -> Progress {
        Progress { delivered: self.last_delivered_seq.max(self.last_read_seq), read: self.last_read_seq }
    }
}

/// The members of a conversation, at most `limit` of them: about 0.5 read units for every 12, double with
/// [`Consistency::Strong`].
pub async fn of_conversation(
    table: &Table,
    conversation: &ConversationId,
    limit: usize,
    consistency: Consistency,
) -> Result<Vec<MemberRecord>, StoreError> {
    let items = table.query_all(limit, |query| {
        query
            .key_condition_expression(MEMBERS)
            .expression_attribute_values(":room", text(keys::room(conversation)))
            .expression_attribute_values(":member", text(MEMBER_PREFIX))
            .consistent_read(consistency == Consistency::Strong)
    });
    decode_all(items.await?)
}

/// Somebody's place in a conversation. Read eventually consistent: 0.5 read units.
pub async fn get(
    table: &Table,
    conversation: &ConversationId,
    user: &UserId,
) -> Result<Option<MemberRecord>, StoreError> {
    table.get(&keys::member(conversation, user), Consistency::Eventual).await
}

/// Somebody's place in a conversation as it is now. 1 read unit.
pub async fn get_now(
    table: &Table,
    conversation: &ConversationId,
    user: &UserId,
) -> Result<Option<MemberRecord>, StoreError> {
    table.get(&keys::member(conversation, user), Consistency::Strong).await
}

/// The places of these people in a conversation as they are now, a hundred a call. 1 read unit for each.
pub async fn of_people(
    table: &Table,
    conversation: &ConversationId,
    people: impl IntoIterator<Item = &UserId>,
) -> Result<HashMap<UserId, MemberRecord>, StoreError> {
    let wanted: Vec<_> = people.into_iter().map(|user| keys::member(conversation, user)).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let places = table.get_items(wanted, Consistency::Strong).await?.into_values().map(|item| {
        let place: MemberRecord = decode(item)?;
        Ok((place.user()?, place))
    });
    places.collect()
}

/// Whether somebody may hear of what another one did in a conversation: is in it, and no block is between the two. One
/// call, 1 read unit for each of two items.
pub async fn may_hear_of(
    table: &Table,
    conversation: &ConversationId,
    user: &UserId,
    actor: &UserId,
) -> Result<bool, StoreError> {
    let (place, block) = (keys::member(conversation, user), keys::block(user, actor));
    let found = table.get_items(vec![place.clone(), block.clone()], Consistency::Strong).await?;
    Ok(found.contains_key(&place) && !found.contains_key(&block))
}

/// Every place this person has, in no order that means anything. Read from the index: a place given in the last second
/// may be missing.
pub async fn of_user(table: &Table, user: &UserId) -> Result<Vec<MemberRecord>, StoreError> {
    let items = table.query_all(usize::MAX, |query| {
        query
            .index_name("GSI1")
            .key_condition_expression("GSI1PK = :person")
            .expression_attribute_values(":person", text(keys::person(user)))
    });
    decode_all(items.await?)
}

/// How far a marker tells that a member has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// The messages up to there are on one of the member's devices.
    Delivered,
    /// The member has read them.
    Read,
}

/// Moves a member's marker up to a message; one that is further already stays (security K6). Whether it moved. 1 write
/// unit, and 1 in the index.
pub async fn move_marker(
    table: &Table,
    (conversation, user): (&ConversationId, &UserId),
    marker: Marker,
    sequence: u64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let name = match marker {
        Marker::Delivered => "lastDeliveredSeq",
        Marker::Read => "lastReadSeq",
    };
    let key = keys::member(conversation, user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET #marker = :seq, updatedAt = :now")
            .condition_expression("#marker < :seq")
            .expression_attribute_names("#marker", name)
            .expression_attribute_values(":seq", number(sequence))
            .expression_attribute_values(":now", number(now.millis()))
    });
    Ok(update.await?.is_some())
}

/// What a member sets for themselves; what is absent stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// Notifications are off until then; `Some(None)` turns them on.
    pub muted_until: Option<Option<Timestamp>>,
    /// Kept at the top of the list.
    pub pinned: Option<bool>,
    /// Put away.
    pub archived: Option<bool>,
}

/// Changes a member's own settings and returns the place with them; nothing for somebody who is no member (any more).
/// 1 write unit, and 1 in the index.
pub async fn set(
    table: &Table,
    conversation: &ConversationId,
    user: &UserId,
    settings: Settings,
    now: Timestamp,
) -> Result<Option<MemberRecord>, StoreError> {
    let key = keys::member(conversation, user);
    let update = table.update(&key, |mut update| {
        let mut sets = vec!["updatedAt = :now"];
        if let Some(Some(until)) = settings.muted_until {
            sets.push("mutedUntil = :muted");
            update = update.expression_attribute_values(":muted", number(until.millis()));
        }
        if let Some(pinned) = settings.pinned {
            sets.push("pinned = :pinned");
            update = update.expression_attribute_values(":pinned", AttributeValue::Bool(pinned));
        }
        if let Some(archived) = settings.archived {
            sets.push("archived = :archived");
            update = update.expression_attribute_values(":archived", AttributeValue::Bool(archived));
        }
        let unmute = if settings.muted_until == Some(None) { " REMOVE mutedUntil" } else { "" };
        update
            .update_expression(format!("SET {}{unmute}", sets.join(", ")))
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await?.map(decode).transpose()
}

/// Notes that a member deleted the latest message of the conversation for themselves, so that lists need not look for it.
/// 1 write unit, and 1 in the index.
pub async fn hide_latest(
    table: &Table,
    conversation: &ConversationId,
    user: &UserId,
    sequence: u64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let key = keys::member(conversation, user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET hiddenSeq = :seq, updatedAt = :now")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":seq", number(sequence))
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await.map(drop)
}

/// Hides everything up to a message from a member: the conversation is back with the next one. Never moves back; harmless
/// for somebody who is no member. 1 write unit, and 1 in the index.
pub async fn hide_up_to(
    table: &Table,
    conversation: &ConversationId,
    user: &UserId,
    sequence: u64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let key = keys::member(conversation, user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET hiddenUpToSeq = :seq, updatedAt = :now")
            .condition_expression(
                "attribute_exists(PK) AND (attribute_not_exists(hiddenUpToSeq) OR hiddenUpToSeq <= :seq)",
            )
            .expression_attribute_values(":seq", number(sequence))
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await.map(drop)
}

/// Members in the order of their ids: at most `limit`, those after one of them. About 0.5 read units for every 12.
pub async fn page(
    table: &Table,
    conversation: &ConversationId,
    after: Option<&UserId>,
    limit: usize,
) -> Result<Vec<MemberRecord>, StoreError> {
    let start = after.map(|user| attributes(&keys::member(conversation, user)));
    let page = table.query_page(limit, start, |query| {
        query
            .key_condition_expression(MEMBERS)
            .expression_attribute_values(":room", text(keys::room(conversation)))
            .expression_attribute_values(":member", text(MEMBER_PREFIX))
    });
    decode_all(page.await?.0)
}
