//! What is left of conversations that have ended, until it is cleared: items, and the names of files.
//!
//! Ending a conversation leaves a mark in the same transaction, which goes last: whatever interrupts the clearing, it is
//! found again.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ConversationId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::erasing::deletion;
use crate::error::StoreError;
use crate::keys;
use crate::table::{Consistency, Item, Table, decode_all, encode, text};

/// Items that are looked at together.
const PAGE: usize = 1000;

/// Item `ENDED` / `conv_…`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    id: String,
    /// Milliseconds since the epoch.
    ended_at: i64,
}

/// The mark of a conversation that ends now.
pub(crate) fn mark(id: &ConversationId, now: Timestamp) -> Result<Item, StoreError> {
    encode(&keys::ended(id), &Mark { id: id.to_string(), ended_at: now.millis() })
}

/// Whether a conversation has ended, or never was. 1 read unit.
pub async fn is_gone(table: &Table, id: &ConversationId) -> Result<bool, StoreError> {
    Ok(table.get_item(&keys::conversation(id), Consistency::Strong).await?.is_none())
}

/// Some of what is left of a conversation.
#[derive(Debug, Default)]
pub struct Remains {
    keys: Vec<Item>,
    /// Keys of its files in the bucket.
    pub files: Vec<String>,
}

impl Remains {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Up to a thousand items that are left of a conversation. 0.5 read units for each 4 KB of them.
pub async fn remains(table: &Table, id: &ConversationId) -> Result<Remains, StoreError> {
    let page = table.query_page(PAGE, None, |query| {
        query
            .key_condition_expression("PK = :room")
            .expression_attribute_values(":room", text(keys::room(id)))
            .expression_attribute_names("#file", "key")
            .projection_expression("PK, SK, #file")
            .consistent_read(true)
    });
    let mut remains = Remains::default();
    for mut item in page.await?.0 {
        // Only files have a `key`.
        if let Some(AttributeValue::S(file)) = item.remove("key") {
            remains.files.push(file);
        }
        remains.keys.push(item);
    }
    Ok(remains)
}

/// Deletes these items. 1 write unit for each KB of each.
pub async fn forget(table: &Table, remains: Remains) -> Result<(), StoreError> {
    table.write_many(remains.keys.into_iter().map(deletion).collect::<Result<_, _>>()?).await
}

/// Takes the mark of a conversation away: nothing is left of it. 1 write unit.
pub async fn unmark(table: &Table, id: &ConversationId) -> Result<(), StoreError> {
    table.remove(&keys::ended(id)).await
}

/// Conversations that ended before a time and are not cleared yet, at most so many. 0.5 read units for about 40.
pub async fn left_over(table: &Table, before: Timestamp, most: usize) -> Result<Vec<ConversationId>, StoreError> {
    let items = table.query_all(most, |query| {
        query.key_condition_expression("PK = :ended").expression_attribute_values(":ended", text(keys::ENDED))
    });
    let marks: Vec<Mark> = decode_all(items.await?)?;
    let old = marks.into_iter().filter(|mark| mark.ended_at < before.millis());
    old.map(|mark| ConversationId::parse(&mark.id).map_err(StoreError::unreadable)).collect()
}
