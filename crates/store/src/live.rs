//! A live connection, and whose its id is: API Gateway promises nowhere that it never gives one out again.

use std::time::Duration;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{ConnectionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::table::{Table, attributes, decode, encode, text};

/// How long a connection lives at most (gateway fact W-34), and a minute for clocks that differ.
const LONGEST: Duration = Duration::from_mins(121);
/// For how long it is known whose an id was after nothing is posted to it any more.
const CLAIMED: Duration = Duration::from_mins(1);

/// A connection of somebody, told apart from an earlier or later one with the same id by when it was opened (security
/// C12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Its id.
    pub id: ConnectionId,
    /// When it was opened, as API Gateway says in each of its events (`connectedAt`).
    pub since: Timestamp,
    /// From when on nothing is told over it: its token has ended, or API Gateway has (security C7).
    pub until: Timestamp,
}

impl Live {
    /// A connection that was opened then, with a token that ends `until`, if that is known.
    pub fn new(id: ConnectionId, since: Timestamp, until: Option<Timestamp>) -> Self {
        let longest = since.plus(LONGEST);
        Self { id, since, until: until.map_or(longest, |until| until.min(longest)) }
    }

    /// Whether nothing may be told over it any more.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.until <= now
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    user_id: String,
    /// Milliseconds since the epoch.
    since: i64,
    /// Seconds since the epoch (DynamoDB's TTL).
    expires_at: i64,
}

/// Notes whose a connection id is from now on, until its end. Whose it was before, and since when, if that has not ended
/// long ago. 1 write unit.
pub async fn claim(table: &Table, user: &UserId, connection: &Live) -> Result<Option<(UserId, Live)>, StoreError> {
    let claim = Claim {
        user_id: user.to_string(),
        since: connection.since.millis(),
        // When it is gone, the table's stream tells of it: a connection that has not said goodbye by then never will (ADR
        // 24).
        expires_at: connection.until.plus(CLAIMED).seconds(),
    };
    let item = encode(&keys::connection(&connection.id), &claim)?;
    let put = table.client().put_item().table_name(table.name()).set_item(Some(item));
    let answer = put.return_values(ReturnValue::AllOld).send().await.map_err(StoreError::unavailable("PutItem"))?;
    let Some(before) = answer.attributes.map(decode::<Claim>).transpose()? else { return Ok(None) };
    let owner = UserId::parse(&before.user_id).map_err(StoreError::unreadable)?;
    Ok(Some((owner, Live::new(connection.id.clone(), Timestamp::from_millis(before.since), None))))
}

/// Forgets that this person had a connection. 1 write unit.
pub async fn forget(table: &Table, user: &UserId, connection: &ConnectionId) -> Result<(), StoreError> {
    let delete = table.client().delete_item().table_name(table.name());
    let delete = delete
        .set_key(Some(attributes(&keys::connection(connection))))
        .condition_expression("userId = :user")
        .expression_attribute_values(":user", text(user.to_string()));
    match delete.send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.as_service_error() {
            // It is somebody else's, or nobody's.
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(StoreError::unavailable("DeleteItem")(error)),
        },
    }
}
