//! Devices that notifications go to.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::device::{DeviceToken, Platform};
use domain::web_push::BrowserKeys;
use domain::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::{self, DEVICE_PREFIX};
use crate::presence;
use crate::table::{Consistency, Table, Written, attributes, decode_all, encode, text};

/// How often a device is taken over again when its owner changes under one's hands: each time somebody else has it.
const TRIES: usize = 10;
/// Devices of one person that are looked at when something is pushed, and how many of them, the latest, it goes to
/// (security G8).
const LOOKED_AT: usize = 60;
const PUSHED_TO: usize = 20;

/// A device of somebody, item `USER#u` / `DEVICE#` hash of its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceRecord {
    /// What the push service knows it by; of a browser the endpoint.
    pub token: String,
    /// `ios`, `android` or `web`.
    pub platform: String,
    /// A browser's public key, in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p256dh: Option<String>,
    /// A browser's secret, in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// A phone's endpoint at Amazon SNS, made when something is first pushed to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The session that registered it: it ends with that session.
    pub session: String,
    /// Milliseconds since the epoch.
    pub registered_at: i64,
}

impl DeviceRecord {
    /// The token.
    pub fn token(&self) -> Result<DeviceToken, StoreError> {
        DeviceToken::parse(&self.token).map_err(StoreError::unreadable)
    }

    /// What it runs.
    pub fn platform(&self) -> Result<Platform, StoreError> {
        Platform::stored(&self.platform).map_err(StoreError::unreadable)
    }

    /// With what is pushed to it encrypted: of a browser.
    pub fn keys(&self) -> Result<BrowserKeys, StoreError> {
        let (p256dh, auth) = (self.p256dh.as_deref(), self.auth.as_deref());
        BrowserKeys::parse(p256dh.unwrap_or_default(), auth.unwrap_or_default()).map_err(StoreError::unreadable)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    user_id: String,
}

/// Registers a device for somebody; whoever had it before has it no more, in the same transaction. A read, and 5 write
/// units (7 when it changes hands).
pub async fn register(
    table: &Table,
    (user, session): (&UserId, &SessionId),
    token: &DeviceToken,
    (platform, keys): (Platform, Option<&BrowserKeys>),
    now: Timestamp,
) -> Result<(), StoreError> {
    // Before there is anything to push to: whoever pushes looks for devices only of people who may have one.
    presence::may_be_pushed_to(table, user, now).await?;
    let record = DeviceRecord {
        token: token.as_str().to_owned(),
        platform: platform.as_str().to_owned(),
        p256dh: keys.map(BrowserKeys::p256dh_text),
        auth: keys.map(BrowserKeys::auth_text),
        arn: None,
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

/// The devices of somebody that something is pushed to: the latest, if there are many. Read eventually consistent: 0.5 read
/// units for each 4 KB.
pub async fn to_push_to(table: &Table, user: &UserId) -> Result<Vec<DeviceRecord>, StoreError> {
    let items = table.query_all(LOOKED_AT, |query| {
        query
            .key_condition_expression("PK = :person AND begins_with(SK, :device)")
            .expression_attribute_values(":person", text(keys::person(user)))
            .expression_attribute_values(":device", text(DEVICE_PREFIX))
    });
    let mut devices: Vec<DeviceRecord> = decode_all(items.await?)?;
    devices.sort_by_key(|device| std::cmp::Reverse(device.registered_at));
    devices.truncate(PUSHED_TO);
    Ok(devices)
}

/// Notes which endpoint at Amazon SNS a device has; harmless when it is registered no more. 1 write unit.
pub async fn enrolled(table: &Table, user: &UserId, token: &DeviceToken, arn: &str) -> Result<(), StoreError> {
    let key = keys::device(user, token);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET arn = :arn")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":arn", text(arn))
    });
    update.await.map(drop)
}

/// Whether a device is anybody's. 1 read unit.
pub async fn has_owner(table: &Table, token: &DeviceToken) -> Result<bool, StoreError> {
    Ok(table.get_item(&keys::device_owner(token), Consistency::Strong).await?.is_some())
}
