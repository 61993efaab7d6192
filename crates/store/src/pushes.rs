//! What was pushed to which device: so that nothing is pushed twice.

use std::time::Duration;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::device::DeviceToken;
use domain::{MessageId, Timestamp, UserId};
use serde::Serialize;

use crate::error::StoreError;
use crate::keys;
use crate::rates::{self, Counter};
use crate::table::{Table, encode, number};

/// Scope of the counts, which are kept under a person's id.
pub const SCOPE: &str = "push";
/// How long it is remembered: longer than the stream keeps what it tells.
const REMEMBERED: Duration = Duration::from_hours(25);

/// That a message goes to a device, or went: item `USER#u` / `PUSHED#` message `#` hash of the device's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PushRecord {
    expires_at: i64,
}

/// Takes it upon the caller to push a message to a device, before anything is sent; false if somebody has done so. 1 write
/// unit.
pub async fn claim(
    table: &Table,
    user: &UserId,
    message: MessageId,
    token: &DeviceToken,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let record = PushRecord { expires_at: now.plus(REMEMBERED).seconds() };
    let put = table
        .client()
        .put_item()
        .table_name(table.name())
        .set_item(Some(encode(&keys::pushed(user, message, token), &record)?))
        // TTL deletes late, so what has expired counts as gone.
        .condition_expression("attribute_not_exists(PK) OR expiresAt < :now")
        .expression_attribute_values(":now", number(now.seconds()));
    match put.send().await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(StoreError::unavailable("PutItem")(error)),
        },
    }
}

/// Counts a push to a device of somebody, unless there have been as many as there may be in this hour (security G8); whether
/// it was counted. One that is tried again counts again. 1 write unit, also when refused.
pub async fn count(
    table: &Table,
    user: &UserId,
    token: &DeviceToken,
    per_hour: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let counter = Counter { name: keys::hashed(token), limit: per_hour };
    rates::take_in_hour(table, SCOPE, &user.to_string(), &counter, now).await
}

/// Takes that back: it was certainly not pushed, and is to be tried again. 1 write unit.
pub async fn release(table: &Table, user: &UserId, message: MessageId, token: &DeviceToken) -> Result<(), StoreError> {
    table.remove(&keys::pushed(user, message, token)).await
}
