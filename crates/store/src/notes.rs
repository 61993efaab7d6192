//! Notifications of somebody. Whatever they are of writes them: in its own transaction where it has one, else from the
//! table's stream (ADR 0021). The stream tells of each that is new.

use aws_sdk_dynamodb::types::{Put, Select, TransactWriteItem};
use domain::notification::Kind;
use domain::{ConversationId, MessageId, NotificationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::erasing::delete_all;
use crate::error::StoreError;
use crate::keys::{self, NOTE_PREFIX};
use crate::table::{Consistency, Item, Table, attributes, decode, decode_all, encode, number, text};

/// How long a notification is kept.
const KEPT: std::time::Duration = std::time::Duration::from_hours(24 * 90);
/// Unread notifications that are counted at most.
pub const MOST_COUNTED: usize = 1_000;

/// A notification, item `USER#u` / `NOTE#` + its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoteRecord {
    /// `note_…`
    pub id: String,
    /// Of what it is.
    pub kind: String,
    /// `user_…`: who did it.
    pub actor: String,
    /// Where, unless it is about the person alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// The message it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The reaction it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// When it was read by itself; milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<i64>,
    /// Seconds since the epoch (DynamoDB's TTL).
    pub expires_at: i64,
}

/// What a notification is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion<'a> {
    /// What happened.
    pub kind: Kind,
    /// Who did it.
    pub actor: &'a UserId,
    /// Where.
    pub conversation: Option<&'a ConversationId>,
    /// To which message.
    pub message: Option<MessageId>,
    /// With which emoji.
    pub emoji: Option<&'a str>,
}

impl NoteRecord {
    /// The notification of an occasion. The same occasion at the same time is the same notification, however often it is
    /// written.
    pub fn of(occasion: &Occasion<'_>, at: Timestamp) -> Self {
        let Occasion { kind, actor, conversation, message, emoji } = occasion;
        let (conversation, message) = (conversation.map(ToString::to_string), message.map(|id| id.to_string()));
        let emoji = emoji.map(str::to_owned);
        let mut digest = Sha256::new();
        let parts = [conversation.as_deref(), message.as_deref(), emoji.as_deref()].map(Option::unwrap_or_default);
        for part in [kind.as_str(), &actor.to_string()].into_iter().chain(parts) {
            digest.update(part);
            digest.update([0]);
        }
        let mut random = [0; 10];
        random.copy_from_slice(&digest.finalize()[..10]);
        Self {
            id: NotificationId::new(at, random).to_string(),
            kind: kind.as_str().to_owned(),
            actor: actor.to_string(),
            conversation,
            message,
            emoji,
            created_at: at.millis(),
            read_at: None,
            expires_at: at.plus(KEPT).seconds(),
        }
    }

    /// The notification of being brought into a group.
    pub(crate) fn added(conversation: &ConversationId, by: &UserId, at: Timestamp) -> Self {
        let kind = Kind::ConversationAdded;
        Self::of(&Occasion { kind, actor: by, conversation: Some(conversation), message: None, emoji: None }, at)
    }

    /// Its id.
    pub fn id(&self) -> Result<NotificationId, StoreError> {
        NotificationId::parse(&self.id).map_err(StoreError::unreadable)
    }

    /// Who did it.
    pub fn actor(&self) -> Result<UserId, StoreError> {
        UserId::parse(&self.actor).map_err(StoreError::unreadable)
    }

    pub(crate) fn item(&self, user: &UserId) -> Result<Item, StoreError> {
        encode(&keys::note(user, self.id()?), self)
    }

    /// Part of a transaction that writes it: 2 write units.
    pub(crate) fn part(&self, table: &Table, user: &UserId) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(table.name()).set_item(Some(self.item(user)?));
        Ok(TransactWriteItem::builder().put(put.build().map_err(StoreError::unreadable)?).build())
    }
}

/// Writes notifications of many people, each for itself; one that is there is not written again. 1 write unit each.
pub async fn put_new(table: &Table, user: &UserId, note: &NoteRecord) -> Result<(), StoreError> {
    use aws_sdk_dynamodb::operation::put_item::PutItemError;
    let put = table.client().put_item().table_name(table.name()).set_item(Some(note.item(user)?));
    match put.condition_expression("attribute_not_exists(PK)").send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(StoreError::unavailable("PutItem")(error)),
        },
    }
}

/// Deletes what somebody's notifications say of a person. 0.5 read units for each 4 KB of them, about 12, and 1 write
/// unit for each of the person's.
pub(crate) async fn forget_actor(table: &Table, user: &UserId, actor: &UserId) -> Result<(), StoreError> {
    let items = table.query_all(usize::MAX, |query| {
        query
            .key_condition_expression("PK = :person AND begins_with(SK, :note)")
            .filter_expression("actor = :actor")
            .projection_expression("PK, SK")
            .expression_attribute_values(":person", text(keys::person(user)))
            .expression_attribute_values(":note", text(NOTE_PREFIX))
            .expression_attribute_values(":actor", text(actor.to_string()))
    });
    delete_all(table, items.await?).await
}

/// Up to which notification somebody has read all of them, item `USER#u` / `NOTES`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    read_up_to: String,
}

/// Up to which notification somebody has read all, if ever. 1 read unit.
pub async fn read_up_to(table: &Table, user: &UserId) -> Result<Option<NotificationId>, StoreError> {
    let mark: Option<Mark> = table.get(&keys::notes_read(user), Consistency::Strong).await?;
    mark.map(|mark| NotificationId::parse(&mark.read_up_to).map_err(StoreError::unreadable)).transpose()
}

/// One page of somebody's notifications, the latest first, those before one of them, and whether there may be more. 0.5
/// read units for each 4 KB, about 12 of them.
pub async fn page(
    table: &Table,
    user: &UserId,
    before: Option<NotificationId>,
    size: usize,
) -> Result<(Vec<NoteRecord>, bool), StoreError> {
    let start = before.map(|id| attributes(&keys::note(user, id)));
    let (items, next) = table
        .query_page(size + 1, start, |query| {
            query
                .key_condition_expression("PK = :person AND begins_with(SK, :note)")
                .expression_attribute_values(":person", text(keys::person(user)))
                .expression_attribute_values(":note", text(NOTE_PREFIX))
                .scan_index_forward(false)
        })
        .await?;
    let mut found: Vec<NoteRecord> = decode_all(items)?;
    let more = found.len() > size || next.is_some();
    found.truncate(size);
    Ok((found, more))
}

/// How many notifications after one of them are unread, of the first [`MOST_COUNTED`] after it. 0.5 read units for each
/// 4 KB of those, about 12.
pub async fn unread(table: &Table, user: &UserId, after: Option<NotificationId>) -> Result<usize, StoreError> {
    let from = after.map_or_else(|| NOTE_PREFIX.to_owned(), |id| keys::note(user, id).sk + "~");
    let query = table
        .client()
        .query()
        .table_name(table.name())
        .select(Select::Count)
        .limit(i32::try_from(MOST_COUNTED).unwrap_or(i32::MAX))
        .key_condition_expression("PK = :person AND SK BETWEEN :from AND :to")
        .filter_expression("attribute_not_exists(readAt)")
        .expression_attribute_values(":person", text(keys::person(user)))
        .expression_attribute_values(":from", text(from))
        .expression_attribute_values(":to", text(format!("{NOTE_PREFIX}~")));
    let counted = query.send().await.map_err(StoreError::unavailable("Query"))?;
    Ok(usize::try_from(counted.count).unwrap_or_default())
}

/// Notes that somebody has read a notification; it as it is then, nothing if there is no such one. Reading it again
/// changes nothing. 1 write unit.
pub async fn read(
    table: &Table,
    user: &UserId,
    id: NotificationId,
    now: Timestamp,
) -> Result<Option<NoteRecord>, StoreError> {
    let key = keys::note(user, id);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET readAt = if_not_exists(readAt, :now)")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await?.map(decode).transpose()
}

/// Notes that somebody has read everything up to a notification; the mark only grows. 1 write unit.
pub async fn read_all(table: &Table, user: &UserId, up_to: NotificationId) -> Result<(), StoreError> {
    let key = keys::notes_read(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET readUpTo = :id")
            .condition_expression("attribute_not_exists(readUpTo) OR readUpTo < :id")
            .expression_attribute_values(":id", text(up_to.to_string()))
    });
    update.await.map(drop)
}
