//! Tickets: good once, for one socket, for seconds.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::table::{Table, attributes, decode, encode, number};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticket {
    session_id: String,
    /// Milliseconds since the epoch.
    valid_until: i64,
    /// Until when the socket it opens may be used, in milliseconds since the epoch.
    admits_until: i64,
    /// Seconds since the epoch (DynamoDB's TTL).
    expires_at: i64,
}

/// Keeps a ticket under its hash: the ticket itself is kept nowhere. 1 write unit.
pub async fn put(
    table: &Table,
    hash: &str,
    (user, session): (&UserId, &SessionId),
    admits_until: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    let ticket = Ticket {
        session_id: session.to_string(),
        valid_until: until.millis(),
        admits_until: admits_until.millis(),
        expires_at: until.seconds() + 60,
    };
    let item = encode(&keys::ticket(user, hash), &ticket)?;
    let put = table.client().put_item().table_name(table.name()).set_item(Some(item));
    put.send().await.map(drop).map_err(StoreError::unavailable("PutItem"))
}

/// Takes a ticket: of two who come with the same one, one gets it. Nothing for one that is unknown, used or too old.
/// Through which session it was asked for, and until when the socket may be used. 1 write unit.
pub async fn take(
    table: &Table,
    user: &UserId,
    hash: &str,
    now: Timestamp,
) -> Result<Option<(SessionId, Timestamp)>, StoreError> {
    let answer = table
        .client()
        .delete_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::ticket(user, hash))))
        .condition_expression("validUntil > :now")
        .expression_attribute_values(":now", number(now.millis()))
        .return_values(ReturnValue::AllOld)
        .send()
        .await;
    let taken = match answer {
        Ok(answer) => answer.attributes,
        Err(error) => match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => None,
            _ => return Err(StoreError::unavailable("DeleteItem")(error)),
        },
    };
    let Some(ticket) = taken.map(decode::<Ticket>).transpose()? else { return Ok(None) };
    let session = SessionId::parse(&ticket.session_id).map_err(StoreError::unreadable)?;
    Ok(Some((session, Timestamp::from_millis(ticket.admits_until))))
}
