//! Devices that notifications go to.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::device::{DeviceToken, Platform};
use domain::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::{self, DEVICE_PREFIX};
use crate::table::{Consistency, Table, Written, attributes, decode_all, encode, text};

/// How often a device is taken over again when its owner changes under one's hands: each time somebody else has it.
const TRIES: usize = 10;

/// A device of somebody, item `USER#u` / `DEVICE#` hash of its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceRecord {
    /// What the push service knows it by.
    pub token: String,
    /// `ios` or `android`.
    pub platform: String,
    /// The session that registered it: it ends with that session.
    pub session: String,
    /// Milliseconds since the epoch.
    pub registered_at: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    user_id: String,
}

/// Registers a device for somebody; whoever had it before has it no more, in the same transaction. A read, and 4 write
/// units (6 when it changes hands).
pub async fn register(
    table: &Table,
    (user, session): (&UserId, &SessionId),
    token: &DeviceToken,
    platform: Platform,
    now: Timestamp,
) -> Result<(), StoreError> {
    let record = DeviceRecord {
        token: token.as_str().to_owned(),
        platform: platform.as_str().to_owned(),
        session: session.to_string(),
        registered_at: now.millis(),
    };
    let device = encode(&keys::device(user, token), &record)?;
    let owner = encode(&keys::device_owner(token), &Owner { user_id: user.to_string() })?;
    for _ in 0..TRIES {
        let before: Option<Owner> = table.get(&keys::device_owner(token), Consistency::Strong).await?;
        let claim = Put::builder().table_name(table.name()).set_item(Some(owner.clone()));
        let claim = match &before {
            Some(before) => claim
                .condition_expression("userId = :before")
                .expression_attribute_values(":before", text(&before.user_id)),
            None => claim.condition_expression("attribute_not_exists(PK)"),
        };
        let put = Put::builder().table_name(table.name()).set_item(Some(device.clone()));
        let mut writes = vec![
            TransactWriteItem::builder().put(claim.build().map_err(StoreError::unreadable)?).build(),
            TransactWriteItem::builder().put(put.build().map_err(StoreError::unreadable)?).build(),
        ];
        if let Some(before) = before.filter(|before| before.user_id != user.to_string()) {
            let before = UserId::parse(&before.user_id).map_err(StoreError::unreadable)?;
            let delete = Delete::builder().table_name(table.name());
            let delete = delete.set_key(Some(attributes(&keys::device(&before, token))));
            let delete = delete.build().map_err(StoreError::unreadable)?;
            writes.push(TransactWriteItem::builder().delete(delete).build());
        }
        if table.write_all(&writes).await? == Written::Done {
            return Ok(());
        }
    }
    Err(StoreError::Unprocessed("TransactWriteItems"))
}

/// Ends a device of somebody; that of anybody else stays. 4 write units.
pub async fn unregister(table: &Table, user: &UserId, token: &DeviceToken) -> Result<(), StoreError> {
    let owner = Delete::builder()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::device_owner(token))))
        .condition_expression("userId = :user")
        .expression_attribute_values(":user", text(user.to_string()))
        .build()
        .map_err(StoreError::unreadable)?;
    let device = Delete::builder().table_name(table.name()).set_key(Some(attributes(&keys::device(user, token))));
    let device = device.build().map_err(StoreError::unreadable)?;
    let writes =
        [TransactWriteItem::builder().delete(owner).build(), TransactWriteItem::builder().delete(device).build()];
    // Not theirs (any more): there is nothing to end.
    table.write_all(&writes).await.map(drop)
}

/// The devices of somebody. 1 read unit for each 4 KB.
pub async fn of_user(table: &Table, user: &UserId) -> Result<Vec<DeviceRecord>, StoreError> {
    let items = table.query_all(usize::MAX, |query| {
        query
            .key_condition_expression("PK = :person AND begins_with(SK, :device)")
            .expression_attribute_values(":person", text(keys::person(user)))
            .expression_attribute_values(":device", text(DEVICE_PREFIX))
            .consistent_read(true)
    });
    decode_all(items.await?)
}
