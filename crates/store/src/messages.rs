//! Messages, in the order of their ids.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::attachment::FileState;
use domain::{ConversationId, MessageId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::{self, MESSAGE_PREFIX};
use crate::reactions::{self, Reactions};
use crate::table::{Consistency, Item, Table, decode, encode, number, text};

/// A message, item `CONV#c` / `MSG#` + its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageRecord {
    /// `msg_…`
    pub id: String,
    /// Who sent it.
    pub sender: String,
    /// Its type.
    pub kind: String,
    /// Its words.
    pub content: String,
    /// Language of its words.
    pub language: String,
    /// Whether its words are translated for readers of other languages.
    pub translate: bool,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyRecord>,
    /// The file that was sent with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<AttachedRecord>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// When its words were last changed, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// When it was deleted for everybody, in milliseconds since the epoch: then nothing of it is left but this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
    /// Who is mentioned in its words. A string set, so that the stream's filters see whether there is anybody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "serde_dynamo::string_set")]
    pub mentions: BTreeSet<String>,
    /// Emoji to the people who reacted with it; a set attribute for each emoji ([`crate::reactions`]).
    #[serde(skip)]
    pub reactions: Reactions,
}

/// A file that was sent with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachedRecord {
    /// `att_…`
    pub id: String,
    /// Its key.
    pub key: String,
    /// Its name.
    pub file_name: String,
    /// Its type.
    pub content_type: String,
    /// Its length in bytes.
    pub file_size: u64,
    /// When its upload was allowed, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<i64>,
    /// How far it has been inspected; absent is `ready`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl AttachedRecord {
    /// How far it has been inspected.
    pub fn state(&self) -> FileState {
        FileState::stored(self.state.as_deref())
    }
}

/// What is kept of an answered message: not its words, which may be changed or deleted after this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplyRecord {
    /// `msg_…`
    pub id: String,
    /// Who sent it.
    pub sender: String,
    /// That person's name then.
    pub sender_name: String,
    /// Its type.
    pub kind: String,
}

impl MessageRecord {
    /// The record in an item, with the reactions that are in attributes of their own.
    pub(crate) fn read(item: Item) -> Result<Self, StoreError> {
        let reactions = reactions::of(&item);
        Ok(Self { reactions, ..decode(item)? })
    }

    /// The id, which carries the order.
    pub fn id(&self) -> Result<MessageId, StoreError> {
        MessageId::parse(&self.id).map_err(StoreError::unreadable)
    }

    /// When it was sent.
    pub fn created(&self) -> Timestamp {
        Timestamp::from_millis(self.created_at)
    }
}

/// Stores a message under its id. Putting the same one again changes nothing, whatever became of it meanwhile. 1 write
/// unit for each KB.
pub async fn put(
    table: &Table,
    conversation: &ConversationId,
    id: MessageId,
    message: &MessageRecord,
) -> Result<(), StoreError> {
    let item = encode(&keys::message(conversation, id), message)?;
    let put = table.client().put_item().table_name(table.name()).set_item(Some(item));
    match put.condition_expression("attribute_not_exists(PK)").send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(StoreError::unavailable("PutItem")(error)),
        },
    }
}

/// Shows what became of a message's file that was inspected, unless it is shown already or the file is gone from it. The
/// message as it is then. 1 write unit for each KB of the message.
pub async fn settle_file(
    table: &Table,
    conversation: &ConversationId,
    id: MessageId,
    (state, size): (FileState, u64),
) -> Result<Option<MessageRecord>, StoreError> {
    let key = keys::message(conversation, id);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET attachment.#state = :state, attachment.fileSize = :size")
            .condition_expression("attachment.#state = :pending")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.as_str()))
            .expression_attribute_values(":pending", text(FileState::Pending.as_str()))
            .expression_attribute_values(":size", number(size))
    });
    update.await?.map(MessageRecord::read).transpose()
}

/// A message by its id.
pub async fn by_id(
    table: &Table,
    conversation: &ConversationId,
    id: MessageId,
) -> Result<Option<MessageRecord>, StoreError> {
    let item = table.get_item(&keys::message(conversation, id), Consistency::Strong).await?;
    item.map(MessageRecord::read).transpose()
}

/// Messages of a conversation by their ids, a hundred a call; those that do not exist are not in the answer.
pub async fn by_ids(
    table: &Table,
    conversation: &ConversationId,
    ids: impl IntoIterator<Item = MessageId>,
) -> Result<HashMap<MessageId, MessageRecord>, StoreError> {
    let wanted: HashMap<_, _> = ids.into_iter().map(|id| (keys::message(conversation, id), id)).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let items = table.get_items(wanted.keys().cloned().collect(), Consistency::Eventual).await?;
    let known = items.into_iter().filter_map(|(key, item)| wanted.get(&key).map(|id| (*id, item)));
    known.map(|(id, item)| Ok((id, MessageRecord::read(item)?))).collect()
}

/// Which messages a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The latest.
    Latest,
    /// The latest before this one.
    Before(MessageId),
    /// The earliest after this one.
    After(MessageId),
}

/// One page, oldest first, and whether there are more in its direction. Messages that arrive meanwhile move nothing:
/// a page is bounded by an id, not by a count. About 0.5 read units for each 4 KB.
pub async fn page(
    table: &Table,
    conversation: &ConversationId,
    span: Span,
    size: usize,
) -> Result<(Vec<MessageRecord>, bool), StoreError> {
    let room = keys::room(conversation);
    let (condition, border, forward) = match span {
        Span::Latest => ("PK = :room AND begins_with(SK, :border)", MESSAGE_PREFIX.to_owned(), false),
        // The borders belong to the range in DynamoDB's BETWEEN, so the id itself is cut off by its neighbour: the
        // shortest key after it, or the message prefix below it.
        Span::Before(id) => ("PK = :room AND SK BETWEEN :first AND :border", keys::message(conversation, id).sk, false),
        Span::After(id) => ("PK = :room AND SK BETWEEN :border AND :last", keys::message(conversation, id).sk, true),
    };
    // One more than asked for tells whether there are more, and one for the border itself.
    let wanted = size + 1 + usize::from(span != Span::Latest);
    let items = table.query_all(wanted, |query| {
        let query = query
            .key_condition_expression(condition)
            .expression_attribute_values(":room", text(&room))
            .expression_attribute_values(":border", text(&border))
            .scan_index_forward(forward);
        match span {
            Span::Latest => query,
            Span::Before(_) => query.expression_attribute_values(":first", text(MESSAGE_PREFIX)),
            Span::After(_) => query.expression_attribute_values(":last", text(format!("{MESSAGE_PREFIX}~"))),
        }
    });
    let mut messages = items.await?.into_iter().map(MessageRecord::read).collect::<Result<Vec<_>, _>>()?;
    if let Span::Before(id) | Span::After(id) = span {
        let id = id.to_string();
        messages.retain(|message| message.id != id);
    }
    let more = messages.len() > size;
    messages.truncate(size);
    if !forward {
        messages.reverse();
    }
    Ok((messages, more))
}

/// Where the messages that came since a time begin. Of somebody who was away for a while they are among the last hundred:
/// one query; further back it is looked for like [`border_at`].
pub async fn border_since(
    table: &Table,
    conversation: &ConversationId,
    latest: u64,
    from: Timestamp,
) -> Result<MessageId, StoreError> {
    let (last, more) = page(table, conversation, Span::Latest, 100).await?;
    // Times may differ a little from the order, so the first that is new enough counts and not the last that is not.
    match last.iter().position(|message| message.created() >= from) {
        Some(0) if more => border_at(table, conversation, latest, from).await,
        Some(first) => Ok(MessageId::floor(last[first].id()?.sequence())),
        None => Ok(MessageId::floor(latest + 1)),
    }
}

/// The border below which every message is older than a time: ids carry the order, not the time, so it is looked for by
/// halves (about one small query for every power of two of messages).
pub async fn border_at(
    table: &Table,
    conversation: &ConversationId,
    latest: u64,
    time: Timestamp,
) -> Result<MessageId, StoreError> {
    let (mut low, mut high) = (1, latest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = page(table, conversation, Span::After(MessageId::floor(middle)), 1).await?.0;
        match next.first() {
            Some(message) if message.created() < time => low = message.id()?.sequence() + 1,
            _ => high = middle,
        }
    }
    Ok(MessageId::floor(low))
}
