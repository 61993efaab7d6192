//! What changed besides new messages: what a client that was away asks for (contract, `messages-sync`).
//!
//! Each change is a small item under the time it happened at, so that "since then" is one query. It says what changed
//! and not how: the reader is shown how it stands now, and the same change twice does no harm. Changes are kept for 35
//! days; whoever was away for longer begins anew.

use std::time::Duration;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use domain::{ConversationId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::table::{Table, decode_all, encode, number, text};

/// How long a change is kept.
pub const KEPT: Duration = Duration::from_hours(35 * 24);

/// What changed in a conversation, for everybody in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A message: edited, deleted for everybody, or reacted to.
    Message(MessageId),
    /// The conversation itself: its settings, its members and their roles.
    Conversation,
}

/// What changed for one person alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnChange {
    /// This person deleted a message for themselves.
    Hidden(ConversationId, MessageId),
    /// This person is no longer in a conversation: left, removed, deleted it for themselves, or it ended for all.
    Gone(ConversationId),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conversation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    at: i64,
    expires_at: i64,
}

impl Record {
    fn new(conversation: Option<&ConversationId>, message: Option<MessageId>, now: Timestamp) -> Self {
        Self {
            conversation: conversation.map(ToString::to_string),
            message: message.map(|id| id.to_string()),
            at: now.millis(),
            expires_at: now.plus(KEPT).seconds(),
        }
    }

    fn message(&self) -> Result<Option<MessageId>, StoreError> {
        let id = self.message.as_ref().map(|id| MessageId::parse(id).map_err(StoreError::unreadable));
        id.transpose()
    }
}

/// Notes a change in a conversation, after it was made: the conversation's `changedAt` says that there is something to
/// look for. 1 write unit for a message's change, and 1 for each KB of the conversation.
pub async fn note(
    table: &Table,
    conversation: &ConversationId,
    change: Change,
    now: Timestamp,
) -> Result<(), StoreError> {
    let key = keys::conversation(conversation);
    // One that is noted already is later than this one: times only grow.
    let changed = table.update(&key, |update| {
        update
            .update_expression("SET changedAt = :now")
            .condition_expression("attribute_exists(PK) AND (attribute_not_exists(changedAt) OR changedAt < :now)")
            .expression_attribute_values(":now", number(now.millis()))
    });
    let noted = async {
        let Change::Message(id) = change else { return Ok(()) };
        put(table, &keys::change(conversation, now, id), &Record::new(None, Some(id), now)).await
    };
    tokio::try_join!(changed, noted).map(drop)
}

/// Notes a change for one person alone. 1 write unit.
pub async fn note_for(table: &Table, user: &UserId, change: &OwnChange, now: Timestamp) -> Result<(), StoreError> {
    let (key, record) = own(user, change, now);
    put(table, &key, &record).await
}

/// Notes the same change for each of these people, 25 a call. 1 write unit for each.
pub async fn note_for_all(
    table: &Table,
    users: impl Iterator<Item = &UserId>,
    change: &OwnChange,
    now: Timestamp,
) -> Result<(), StoreError> {
    let put = |user| {
        let (key, record) = own(user, change, now);
        let put =
            PutRequest::builder().set_item(Some(encode(&key, &record)?)).build().map_err(StoreError::unreadable)?;
        Ok(WriteRequest::builder().put_request(put).build())
    };
    table.write_many(users.map(put).collect::<Result<_, StoreError>>()?).await
}

fn own(user: &UserId, change: &OwnChange, now: Timestamp) -> (Key, Record) {
    let (conversation, message) = match change {
        OwnChange::Hidden(conversation, message) => (conversation, Some(*message)),
        OwnChange::Gone(conversation) => (conversation, None),
    };
    (keys::own_change(user, now, conversation, message), Record::new(Some(conversation), message, now))
}

/// Messages that changed in a conversation since a time, the earliest change first, each once; at most so many. Half a
/// read unit for about 20.
pub async fn since(
    table: &Table,
    conversation: &ConversationId,
    from: Timestamp,
    limit: usize,
) -> Result<Vec<(Timestamp, MessageId)>, StoreError> {
    let mut found = Vec::new();
    for record in query(table, &keys::changes_since(conversation, from), limit).await? {
        if let Some(id) = record.message()? {
            found.push((Timestamp::from_millis(record.at), id));
        }
    }
    Ok(found)
}

/// What changed for one person alone since a time, the earliest first. Half a read unit for about 20.
pub async fn own_since(
    table: &Table,
    user: &UserId,
    from: Timestamp,
    limit: usize,
) -> Result<Vec<(Timestamp, OwnChange)>, StoreError> {
    let mut found = Vec::new();
    for record in query(table, &keys::own_changes_since(user, from), limit).await? {
        let Some(conversation) = &record.conversation else { continue };
        let conversation = ConversationId::parse(conversation).map_err(StoreError::unreadable)?;
        let change = match record.message()? {
            Some(message) => OwnChange::Hidden(conversation, message),
            None => OwnChange::Gone(conversation),
        };
        found.push((Timestamp::from_millis(record.at), change));
    }
    Ok(found)
}

async fn put(table: &Table, key: &Key, record: &Record) -> Result<(), StoreError> {
    let put = table.client().put_item().table_name(table.name()).set_item(Some(encode(key, record)?));
    put.send().await.map(drop).map_err(StoreError::unavailable("PutItem"))
}

async fn query(table: &Table, from: &Key, limit: usize) -> Result<Vec<Record>, StoreError> {
    let items = table.query_all(limit, |query| {
        query
            .key_condition_expression("PK = :where AND SK BETWEEN :from AND :last")
            .expression_attribute_values(":where", text(&from.pk))
            .expression_attribute_values(":from", text(&from.sk))
            .expression_attribute_values(":last", text(format!("{}~", keys::CHANGE_PREFIX)))
    });
    decode_all(items.await?)
}
