//! Files of conversations: what was allowed to be uploaded, and what was sent.

use domain::attachment::FileState;
use domain::{AttachmentId, ConversationId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::error::StoreError;
use crate::keys;
use crate::table::{Consistency, Table, attributes, decode, encode, number, text};

/// How long an upload waits for its message.
pub const UNSENT: Duration = Duration::from_hours(24);

/// A file, item `CONV#c` / `ATT#a`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentRecord {
    /// `att_…`
    pub id: String,
    /// Who uploads it.
    pub uploader: String,
    /// Its key once it is sent.
    pub key: String,
    /// Its name.
    pub file_name: String,
    /// Its type.
    pub content_type: String,
    /// Its length in bytes.
    pub file_size: u64,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// What was found when it was sent, and is kept: the store's own mark of those bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
    /// The send that it went with: a file goes with one message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_as: Option<String>,
    /// How far it has been inspected ([`domain::attachment::FileState`]); absent is `ready`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The message that it was sent with, where it is inspected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When it goes unless it is sent, in seconds since the epoch (DynamoDB's TTL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl AttachmentRecord {
    /// How far it has been inspected.
    pub fn state(&self) -> FileState {
        FileState::stored(self.state.as_deref())
    }

    /// Whether it is still there: DynamoDB deletes late.
    fn is_there(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now.seconds())
    }
}

/// Notes that a file may be uploaded. 1 write unit.
pub async fn put(
    table: &Table,
    conversation: &ConversationId,
    id: &AttachmentId,
    record: &AttachmentRecord,
) -> Result<(), StoreError> {
    let item = encode(&keys::attachment(conversation, id), record)?;
    let put = table.client().put_item().table_name(table.name()).set_item(Some(item));
    put.send().await.map(drop).map_err(StoreError::unavailable("PutItem"))
}

/// A file of a conversation. 1 read unit.
pub async fn get(
    table: &Table,
    conversation: &ConversationId,
    id: &AttachmentId,
    now: Timestamp,
) -> Result<Option<AttachmentRecord>, StoreError> {
    let found: Option<AttachmentRecord> = table.get(&keys::attachment(conversation, id), Consistency::Strong).await?;
    Ok(found.filter(|record| record.is_there(now)))
}

/// Takes a file for a send, with what was found of it, unless another send took it first; from here on it stays. 1 write
/// unit. The file as it is now, nothing if it is another's.
pub async fn take(
    table: &Table,
    conversation: &ConversationId,
    id: &AttachmentId,
    (uploader, sent_as): (&UserId, &str),
    e_tag: &str,
    state: FileState,
) -> Result<Option<AttachmentRecord>, StoreError> {
    let updated = table
        .update(&keys::attachment(conversation, id), |update| {
            update
                .update_expression("SET sentAs = :sent, eTag = :tag, #state = :state REMOVE expiresAt")
                .condition_expression("uploader = :uploader AND attribute_not_exists(sentAs)")
                .expression_attribute_values(":sent", text(sent_as))
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":state", text(state.as_str()))
                .expression_attribute_values(":tag", text(e_tag))
                .expression_attribute_values(":uploader", text(uploader.to_string()))
        })
        .await?;
    updated.map(decode).transpose()
}

/// Notes which message a file was sent with, for when it has been inspected. 1 write unit.
pub async fn sent_with(
    table: &Table,
    conversation: &ConversationId,
    id: &AttachmentId,
    message: MessageId,
) -> Result<(), StoreError> {
    let key = keys::attachment(conversation, id);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET #message = :message")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_names("#message", "message")
            .expression_attribute_values(":message", text(message.to_string()))
    });
    update.await.map(drop)
}

/// Notes what became of a file that was inspected, and how long what can be downloaded is, unless that is noted already or
/// the file is gone. 1 write unit. Whether it is noted now.
pub async fn settle(
    table: &Table,
    conversation: &ConversationId,
    id: &AttachmentId,
    (state, size): (FileState, u64),
) -> Result<bool, StoreError> {
    let key = keys::attachment(conversation, id);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET #state = :state, fileSize = :size")
            .condition_expression("#state = :pending")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.as_str()))
            .expression_attribute_values(":pending", text(FileState::Pending.as_str()))
            .expression_attribute_values(":size", number(size))
    });
    Ok(update.await?.is_some())
}

/// Forgets a file. 1 write unit.
pub async fn remove(table: &Table, conversation: &ConversationId, id: &AttachmentId) -> Result<(), StoreError> {
    let delete = table.client().delete_item().table_name(table.name());
    let delete = delete.set_key(Some(attributes(&keys::attachment(conversation, id))));
    delete.send().await.map(drop).map_err(StoreError::unavailable("DeleteItem"))
}
