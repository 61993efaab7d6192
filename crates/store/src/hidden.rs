//! Messages that somebody deleted for themselves: the message stays, and this person does not see it.

use std::collections::HashSet;

use domain::{ConversationId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::table::{Item, Table, decode, encode, text};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message: String,
    hidden_at: i64,
}

/// Hides a message from somebody. Hiding it again changes nothing. 1 write unit.
pub async fn hide(
    table: &Table,
    user: &UserId,
    conversation: &ConversationId,
    message: MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let record = Record { message: message.to_string(), hidden_at: now.millis() };
    let item = encode(&keys::hidden(user, conversation, message), &record)?;
    let put = table.client().put_item().table_name(table.name()).set_item(Some(item));
    put.send().await.map(drop).map_err(StoreError::unavailable("PutItem"))
}

/// Which messages from one to another of a conversation are hidden from somebody. Half a read unit for about 30.
pub async fn between(
    table: &Table,
    user: &UserId,
    conversation: &ConversationId,
    (first, last): (MessageId, MessageId),
) -> Result<HashSet<MessageId>, StoreError> {
    let (first, last) = (keys::hidden(user, conversation, first), keys::hidden(user, conversation, last));
    let items = table.query_all(usize::MAX, |query| {
        query
            .key_condition_expression("PK = :person AND SK BETWEEN :first AND :last")
            .expression_attribute_values(":person", text(&first.pk))
            .expression_attribute_values(":first", text(&first.sk))
            .expression_attribute_values(":last", text(&last.sk))
    });
    ids(items.await?)
}

/// Of these messages, by their conversations, those that are hidden from somebody: one call for a hundred.
pub async fn among(
    table: &Table,
    user: &UserId,
    messages: impl IntoIterator<Item = (&ConversationId, MessageId)>,
) -> Result<HashSet<MessageId>, StoreError> {
    let wanted: Vec<_> = messages.into_iter().map(|(conversation, id)| keys::hidden(user, conversation, id)).collect();
    if wanted.is_empty() {
        return Ok(HashSet::new());
    }
    let items = table.get_items(wanted, crate::Consistency::Eventual).await?;
    ids(items.into_values())
}

fn ids(items: impl IntoIterator<Item = Item>) -> Result<HashSet<MessageId>, StoreError> {
    let ids = items.into_iter().map(|item| {
        let record: Record = decode(item)?;
        MessageId::parse(&record.message).map_err(StoreError::unreadable)
    });
    ids.collect()
}
