//! Sign-ins: one session per device, the family of its refresh tokens.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::table::{Consistency, Item, Table, attributes, decode, decode_all, encode, number, text};

/// A sign-in on one device, item `USER#u` / `SESSION#s`; it goes by itself when its refresh token has expired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    /// `sess_…`
    pub id: String,
    /// SHA-256 of what all refresh tokens of this session share, in hex: whoever has it had one of them.
    #[serde(default)]
    pub family_hash: String,
    /// SHA-256 of the refresh token that works next, in hex: the token itself is kept nowhere.
    pub refresh_hash: String,
    /// The refresh token that was used last, and how the one that works now was made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Rotation>,
    /// Whether it was asked to last for longer.
    pub remembered: bool,
    /// What the device calls itself (`User-Agent`, at most 200 characters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub last_used_at: i64,
    /// When it ends, in seconds since the epoch (DynamoDB's TTL).
    pub expires_at: i64,
}

/// The last exchange of a refresh token for the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rotation {
    /// SHA-256 of the token that was given in, in hex.
    pub used_hash: String,
    /// What was mixed with it to make the next: of no use without that token. Hex.
    pub salt: String,
    /// When, in milliseconds since the epoch.
    pub at: i64,
}

impl SessionRecord {
    pub(crate) fn item(&self, user: &UserId) -> Result<Item, StoreError> {
        let id = SessionId::parse(&self.id).map_err(StoreError::unreadable)?;
        encode(&keys::session(user, &id), self)
    }

    /// When it ends unless it is used before.
    pub fn expires(&self) -> Timestamp {
        Timestamp::from_millis(self.expires_at.saturating_mul(1000))
    }

    /// Whether it still is one at this time: DynamoDB deletes late.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.expires() > now
    }
}

/// Stores a new session. 1 write unit.
pub async fn put(table: &Table, user: &UserId, session: &SessionRecord) -> Result<(), StoreError> {
    let put = table.client().put_item().table_name(table.name()).set_item(Some(session.item(user)?));
    put.send().await.map(drop).map_err(StoreError::unavailable("PutItem"))
}

/// A session, if it has not ended. 1 read unit.
pub async fn get(
    table: &Table,
    user: &UserId,
    session: &SessionId,
    now: Timestamp,
) -> Result<Option<SessionRecord>, StoreError> {
    let found: Option<SessionRecord> = table.get(&keys::session(user, session), Consistency::Strong).await?;
    Ok(found.filter(|session| session.lives(now)))
}

/// The sessions of a person that have not ended. A read unit for about a dozen.
pub async fn of_user(table: &Table, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
    let items = table.query_all(usize::MAX, |query| {
        query
            .key_condition_expression("PK = :person AND begins_with(SK, :session)")
            .expression_attribute_values(":person", text(keys::person(user)))
            .expression_attribute_values(":session", text(keys::SESSION_PREFIX))
            .consistent_read(true)
    });
    let mut sessions: Vec<SessionRecord> = decode_all(items.await?)?;
    sessions.retain(|session| session.lives(now));
    Ok(sessions)
}

/// How an exchange of refresh tokens ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchanged {
    /// The next token works now, and the one that was given in no longer does.
    Done,
    /// The one that was given in is not the one that works; the session as it is.
    Refused(Box<SessionRecord>),
    /// There is no such session (any more).
    Unknown,
}

/// Exchanges the token that works for the next one, if it is the one given: of any number at once, one does it.
/// 1 write unit.
pub async fn exchange(
    table: &Table,
    user: &UserId,
    session: &SessionId,
    rotation: &Rotation,
    next_hash: &str,
    expires_at: i64,
) -> Result<Exchanged, StoreError> {
    let answer = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::session(user, session))))
        .update_expression("SET refreshHash = :next, rotation = :rotation, lastUsedAt = :now, expiresAt = :end")
        .condition_expression("refreshHash = :used AND expiresAt > :seconds")
        .expression_attribute_values(":seconds", number(Timestamp::from_millis(rotation.at).seconds()))
        .expression_attribute_values(":used", text(&rotation.used_hash))
        .expression_attribute_values(":next", text(next_hash))
        .expression_attribute_values(
            ":rotation",
            serde_dynamo::to_attribute_value(rotation).map_err(StoreError::unreadable)?,
        )
        .expression_attribute_values(":now", number(rotation.at))
        .expression_attribute_values(":end", number(expires_at))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match answer {
        Ok(_) => Ok(Exchanged::Done),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => match refused.item() {
                Some(item) => Ok(Exchanged::Refused(Box::new(decode(item.clone())?))),
                None => Ok(Exchanged::Unknown),
            },
            _ => Err(StoreError::unavailable("UpdateItem")(error)),
        },
    }
}

/// Ends a session: its refresh tokens work no more. Whether there was one. 1 write unit.
pub async fn delete(table: &Table, user: &UserId, session: &SessionId) -> Result<bool, StoreError> {
    let answer = table
        .client()
        .delete_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::session(user, session))))
        .condition_expression("attribute_exists(PK)")
        .send()
        .await;
    match answer {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(StoreError::unavailable("DeleteItem")(error)),
        },
    }
}
