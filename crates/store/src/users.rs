//! People and the unique names they hold.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, TransactWriteItem, Update};
use domain::person::{Email, Theme, Username};
use domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::access;
use crate::error::StoreError;
use crate::keys;
use crate::presence::Presence;
use crate::search;
use crate::sessions::SessionRecord;
use crate::table::{Consistency, Table, attributes, encode, text};

/// A person's account, item `USER#u` / `PROFILE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    /// `user_…`
    pub id: String,
    /// Address to sign in with, as typed.
    pub email: String,
    /// Unique name, as typed.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// Language messages are translated into.
    pub language: String,
    /// Country.
    pub country: String,
    /// Argon2id, in PHC form; none for accounts that only sign in elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Whether a provider has verified that the address is this person's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub email_verified: bool,
    /// Where else this person signs in; at most one subject of each issuer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
    /// Picture elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Address of the uploaded picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_picture: Option<String>,
    /// Key of the uploaded picture in the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_key: Option<String>,
    /// What this person says about themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<String>,
    /// How this person's clients behave.
    #[serde(default)]
    pub settings: SettingsRecord,
    /// Milliseconds since the epoch.
    pub created_at: i64,
}

/// How a person's clients behave: kept for them, read by them alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsRecord {
    /// Whether notifications are wanted.
    pub notifications_enabled: bool,
    /// Whether they make a sound.
    pub sound_enabled: bool,
    /// `light`, `dark` or `system`.
    pub theme: String,
}

impl Default for SettingsRecord {
    fn default() -> Self {
        Self { notifications_enabled: true, sound_enabled: true, theme: Theme::default().as_str().to_owned() }
    }
}

/// A person as an issuer of ID tokens names them: the one key of a sign-in elsewhere (security A4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The issuer, as the settings name it.
    pub issuer: String,
    /// What the issuer calls the person.
    pub subject: String,
}

impl UserRecord {
    /// When the account was made.
    pub fn created(&self) -> Timestamp {
        Timestamp::from_millis(self.created_at)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    user_id: String,
}

/// How a registration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The account stands.
    Done,
    /// The address has an account already.
    EmailTaken,
    /// The name is somebody else's.
    UsernameTaken,
    /// The person signs in elsewhere to another account.
    IdentityTaken,
}

/// Writes account, presence, access, first session, all claims (address, username, identities) and what the person is
/// found by, all or nothing: six items in one transaction (12 write units and more for large profiles), one more for an account
/// from elsewhere, and one for each phrase, mostly two or three (at most 40).
pub async fn register(
    table: &Table,
    user: &UserId,
    (email, username): (&Email, &Username),
    record: &UserRecord,
    session: &SessionRecord,
) -> Result<Registered, StoreError> {
    let claim = Claim { user_id: user.to_string() };
    let mut items = vec![
        encode(&keys::email(email), &claim)?,
        encode(&keys::username(username), &claim)?,
        encode(&keys::profile(user), record)?,
        encode(&keys::presence(user), &Presence::new(record))?,
        session.item(user)?,
    ];
    for Identity { issuer, subject } in &record.identities {
        items.push(encode(&keys::identity(issuer, subject), &claim)?);
    }
    items.extend(search::items(user, record)?);
    items.push(access::new(user));
    let mut transaction = table.client().transact_write_items();
    for item in items {
        transaction = transaction.transact_items(TransactWriteItem::builder().put(table.put_new(item)?).build());
    }
    match transaction.send().await {
        Ok(_) => Ok(Registered::Done),
        Err(error) => match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                // A conflict means that somebody else is registering the very same name now; whoever is told that it is
                // taken is told the truth a moment early.
                let taken = |place: usize| {
                    let reason = canceled.cancellation_reasons().get(place).and_then(CancellationReason::code);
                    matches!(reason, Some("ConditionalCheckFailed" | "TransactionConflict"))
                };
                match () {
                    () if !record.identities.is_empty() && taken(5) => Ok(Registered::IdentityTaken),
                    () if taken(0) => Ok(Registered::EmailTaken),
                    () if taken(1) => Ok(Registered::UsernameTaken),
                    () => Err(StoreError::unavailable("TransactWriteItems")(error)),
                }
            }
            _ => Err(StoreError::unavailable("TransactWriteItems")(error)),
        },
    }
}

/// The account with this id.
pub async fn by_id(table: &Table, user: &UserId) -> Result<Option<UserRecord>, StoreError> {
    table.get(&keys::profile(user), Consistency::Strong).await
}

/// The account with this address: two reads.
pub async fn by_email(table: &Table, email: &Email) -> Result<Option<UserRecord>, StoreError> {
    by_claim(table, &keys::email(email)).await
}

/// The account with this username: two reads.
pub async fn by_username(table: &Table, username: &Username) -> Result<Option<UserRecord>, StoreError> {
    by_claim(table, &keys::username(username)).await
}

/// The account that this identity opens: two reads.
pub async fn by_identity(table: &Table, identity: &Identity) -> Result<Option<UserRecord>, StoreError> {
    by_claim(table, &keys::identity(&identity.issuer, &identity.subject)).await
}

/// Whether the address has an account. 1 read unit, either way.
pub async fn has_email(table: &Table, email: &Email) -> Result<bool, StoreError> {
    let claim: Option<Claim> = table.get(&keys::email(email), Consistency::Strong).await?;
    Ok(claim.is_some())
}

/// Gives a person another password if the old one still is the old one. Whether it was. 1 write unit for each KB.
pub async fn change_password(table: &Table, user: &UserId, old_hash: &str, new_hash: &str) -> Result<bool, StoreError> {
    let answer = table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::profile(user))))
        .update_expression("SET passwordHash = :new")
        .condition_expression("passwordHash = :old")
        .expression_attribute_values(":new", text(new_hash))
        .expression_attribute_values(":old", text(old_hash))
        .send()
        .await;
    match answer {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(StoreError::unavailable("UpdateItem")(error)),
        },
    }
}

/// What becomes of an account's password when somebody signs in to it from elsewhere for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldPassword {
    /// It was given: whoever has it is who comes now.
    Keep,
    /// It was not, so it may be somebody else's.
    Drop,
}

/// Lets an identity open an account, whose address the issuer has verified: claim and account in one transaction (4
/// write units and more). Whether it was done; not if the account is another than the given one by now, or the identity
/// opens an account already.
pub async fn link(
    table: &Table,
    user: &UserId,
    account: &UserRecord,
    identity: &Identity,
    password: OldPassword,
) -> Result<bool, StoreError> {
    let claim = encode(&keys::identity(&identity.issuer, &identity.subject), &Claim { user_id: user.to_string() })?;
    let mut identities = account.identities.clone();
    identities.push(identity.clone());
    let listed = |identities: &[Identity]| serde_dynamo::to_attribute_value(identities).map_err(StoreError::unreadable);
    let mut conditions = vec!["attribute_exists(PK)"];
    let mut update = Update::builder()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::profile(user))))
        .update_expression(match password {
            OldPassword::Keep => "SET identities = :identities, emailVerified = :yes",
            OldPassword::Drop => "SET identities = :identities, emailVerified = :yes REMOVE passwordHash",
        })
        .expression_attribute_values(":identities", listed(&identities)?)
        .expression_attribute_values(":yes", AttributeValue::Bool(true));
    if account.identities.is_empty() {
        conditions.push("attribute_not_exists(identities)");
    } else {
        conditions.push("identities = :before");
        update = update.expression_attribute_values(":before", listed(&account.identities)?);
    }
    if let Some(hash) = &account.password_hash {
        conditions.push("passwordHash = :hash");
        update = update.expression_attribute_values(":hash", text(hash));
    } else {
        conditions.push("attribute_not_exists(passwordHash)");
    }
    let update = update.condition_expression(conditions.join(" AND ")).build().map_err(StoreError::unreadable)?;
    let answer = table
        .client()
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(table.put_new(claim)?).build())
        .transact_items(TransactWriteItem::builder().update(update).build())
        .send()
        .await;
    match answer {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(_)) => Ok(false),
            _ => Err(StoreError::unavailable("TransactWriteItems")(error)),
        },
    }
}

async fn by_claim(table: &Table, claim: &keys::Key) -> Result<Option<UserRecord>, StoreError> {
    let Some(Claim { user_id }) = table.get(claim, Consistency::Strong).await? else { return Ok(None) };
    let user = UserId::parse(&user_id).map_err(StoreError::unreadable)?;
    by_id(table, &user).await
}
