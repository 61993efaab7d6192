//! Sends seen before: what makes a client's retry harmless (contract, `message:send`).

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use domain::message::TempId;
use domain::{ConversationId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::table::{Consistency, Table, attributes, encode, number, text};

/// How long a send is remembered.
pub const REMEMBERED: Duration = Duration::from_hours(24);

/// After this long without a message the send was interrupted, and a retry takes it over. Longer than any function runs.
const INTERRUPTED: Duration = Duration::from_secs(35);

/// A send, item `CONV#c` / `SENT#u#hash`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SendRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    claimed_at: i64,
    expires_at: i64,
}

/// A send as its client names it: where, who, and the client's own name for it.
pub type Send<'a> = (&'a ConversationId, &'a UserId, &'a TempId);

/// What a send may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Go on: this is the only one.
    Mine,
    /// It became this message before.
    Sent(MessageId),
    /// Another try is at it right now.
    Busy,
}

/// Claims a send for its client name before anything else is written, so that of many tries at once only one counts
/// `seq` up. 1 write unit; a retry reads one item more.
pub async fn claim(
    table: &Table,
    (conversation, sender, temp_id): Send<'_>,
    now: Timestamp,
) -> Result<Claim, StoreError> {
    let key = keys::send(conversation, sender, temp_id);
    let expires_at = now.plus(REMEMBERED).seconds();
    let record = SendRecord { message: None, claimed_at: now.millis(), expires_at };
    let stale = now.millis() - i64::try_from(INTERRUPTED.as_millis()).unwrap_or(i64::MAX);
    let put = table
        .client()
        .put_item()
        .table_name(table.name())
        .set_item(Some(encode(&key, &record)?))
        // TTL deletes late, so what has expired counts as gone; an interrupted try is taken over.
        .condition_expression(
            "attribute_not_exists(PK) OR expiresAt < :now OR (attribute_not_exists(message) AND claimedAt < :stale)",
        )
        .expression_attribute_values(":now", number(now.seconds()))
        .expression_attribute_values(":stale", number(stale));
    match put.send().await {
        Ok(_) => Ok(Claim::Mine),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => {
                Ok(look(table, &key).await?.map_or(Claim::Busy, Claim::Sent))
            }
            _ => Err(StoreError::unavailable("PutItem")(error)),
        },
    }
}

/// Which message a send became, if it has become one. 1 read unit.
pub async fn became(table: &Table, (conversation, sender, temp_id): Send<'_>) -> Result<Option<MessageId>, StoreError> {
    look(table, &keys::send(conversation, sender, temp_id)).await
}

async fn look(table: &Table, key: &Key) -> Result<Option<MessageId>, StoreError> {
    let record: Option<SendRecord> = table.get(key, Consistency::Strong).await?;
    let id = record.and_then(|record| record.message);
    id.map(|id| MessageId::parse(&id).map_err(StoreError::unreadable)).transpose()
}

/// Notes which message a claimed send became, before the message itself is stored: whoever finds the note without the
/// message stores it. 1 write unit. False when another try has taken the send over meanwhile.
pub async fn settle(
    table: &Table,
    (conversation, sender, temp_id): Send<'_>,
    claimed: Timestamp,
    message: MessageId,
) -> Result<bool, StoreError> {
    let update = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::send(conversation, sender, temp_id))))
        .update_expression("SET message = :message")
        .condition_expression("claimedAt = :claimed AND attribute_not_exists(message)")
        .expression_attribute_values(":message", text(message.to_string()))
        .expression_attribute_values(":claimed", number(claimed.millis()));
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(StoreError::unavailable("UpdateItem")(error)),
        },
    }
}
