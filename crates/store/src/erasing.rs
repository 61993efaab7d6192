//! The end of an account, and what is left of its owner until it is erased.
//!
//! Ending an account leaves a mark in the same transaction, which goes last: whatever interrupts the erasure, it is found
//! again. Everything that names a person is found by keys: in their own partition, from there in the partitions of other
//! people and of what they own, and in the conversations that they are or were in ([`crate::redaction`]).

use aws_sdk_dynamodb::types::{AttributeValue, Delete, DeleteRequest, Put, TransactWriteItem, Update, WriteRequest};
use domain::conversation::pair;
use domain::device::DeviceToken;
use domain::person::{Email, Username};
use domain::{ConversationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::conversations::ConversationRecord;
use crate::devices::{self, DeviceRecord};
use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::members::MemberRecord;
use crate::notes;
use crate::places;
use crate::reports;
use crate::search;
use crate::table::{Consistency, Item, Table, Written, attributes, decode, decode_all, encode, key_of, number, text};
use crate::users::{Identity, UserRecord};

/// Items of a person that are looked at together.
const PAGE: usize = 500;

/// Sort keys under which two people have an item about each other.
const MIRRORED: [&str; 2] = ["FRIEND#", "BLOCK#"];

/// That an account is gone and something of its owner may be left, item `ERASING` / `user_…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// `user_…`
    pub id: String,
    /// When the account ended, in milliseconds since the epoch.
    pub at: i64,
    /// Names under which the person's use was counted.
    pub names: Vec<String>,
    /// The conversation, and the sort key in it, up to which messages are nobody's already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Place>,
}

/// A place in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// `conv_…`
    pub conversation: String,
    /// Sort key; absent when all of it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Mark {
    /// Whose account it was.
    pub fn user(&self) -> Result<UserId, StoreError> {
        UserId::parse(&self.id).map_err(StoreError::unreadable)
    }

    /// When it ended.
    pub fn ended(&self) -> Timestamp {
        Timestamp::from_millis(self.at)
    }
}

/// Ends an account if it is as it was read: from this moment nobody signs in to it, its tokens are void, nobody finds it,
/// and its address, its name and its identities are free. Whether this call did it. One transaction: 2 write units for
/// the account (each KB), the mark, each claim and each phrase.
pub async fn begin(table: &Table, user: &UserId, account: &UserRecord, now: Timestamp) -> Result<bool, StoreError> {
    let email = Email::parse(&account.email).map_err(StoreError::unreadable)?;
    let username = Username::parse(&account.username).map_err(StoreError::unreadable)?;
    let names = vec![user.to_string(), email.folded(), username.folded()];
    let mark = Mark { id: user.to_string(), at: now.millis(), names, done: None };
    let mark = Put::builder().table_name(table.name()).set_item(Some(encode(&keys::erasing(user), &mark)?));
    // Whatever claims or phrases go by must be what it is now.
    let identities = match account.identities.as_slice() {
        [] => "attribute_not_exists(identities)",
        _ => "identities = :identities",
    };
    let mut profile = Delete::builder()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::profile(user))))
        .condition_expression(format!(
            "email = :email AND username = :username AND displayName = :name AND {identities}"
        ))
        .expression_attribute_values(":email", text(&account.email))
        .expression_attribute_values(":username", text(&account.username))
        .expression_attribute_values(":name", text(&account.display_name));
    if !account.identities.is_empty() {
        let listed = serde_dynamo::to_attribute_value(&account.identities).map_err(StoreError::unreadable)?;
        profile = profile.expression_attribute_values(":identities", listed);
    }
    let mut parts = vec![
        TransactWriteItem::builder().delete(profile.build().map_err(StoreError::unreadable)?).build(),
        TransactWriteItem::builder().put(mark.build().map_err(StoreError::unreadable)?).build(),
        gone(table, &keys::access(user))?,
        gone(table, &keys::email(&email))?,
        gone(table, &keys::username(&username))?,
    ];
    for Identity { issuer, subject } in &account.identities {
        parts.push(gone(table, &keys::identity(issuer, subject))?);
    }
    for phrase in search::phrases_of(account) {
        parts.push(gone(table, &keys::search(&phrase, user))?);
    }
    Ok(table.write_all(&parts).await? == Written::Done)
}

/// The mark of somebody. 1 read unit.
pub async fn mark(table: &Table, user: &UserId) -> Result<Option<Mark>, StoreError> {
    table.get(&keys::erasing(user), Consistency::Strong).await
}

/// Notes how far the conversations are done. 1 write unit.
pub async fn note(table: &Table, user: &UserId, done: &Place) -> Result<(), StoreError> {
    let done: Item = serde_dynamo::to_item(done).map_err(StoreError::unreadable)?;
    let key = keys::erasing(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET done = :done")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":done", AttributeValue::M(done.clone()))
    });
    update.await.map(drop)
}

/// Takes the mark away: nothing is left of the person. 1 write unit.
pub async fn unmark(table: &Table, user: &UserId) -> Result<(), StoreError> {
    table.remove(&keys::erasing(user)).await
}

/// Accounts that ended before a time and are not erased yet, at most so many. 0.5 read units for about 20, however many of
/// them ended later.
pub async fn left_over(table: &Table, before: Timestamp, most: usize) -> Result<Vec<UserId>, StoreError> {
    let items = table.query_all(most, |query| {
        query
            .key_condition_expression("PK = :erasing")
            .filter_expression("#at < :before")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":erasing", text(keys::ERASING))
            .expression_attribute_values(":before", number(before.millis()))
    });
    let marks: Vec<Mark> = decode_all(items.await?)?;
    marks.iter().take(most).map(Mark::user).collect()
}

/// Puts nobody in somebody's place in a direct conversation, which stays for the other one. One transaction of five
/// items, 12 write units and more. Not done if the conversation ended or the place is nobody's already.
pub async fn vacate(
    table: &Table,
    record: &ConversationRecord,
    place: &MemberRecord,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (id, user) = (place.conversation()?, place.user()?);
    let people = record.pair();
    let Some(other) = people.iter().find(|person| **person != user) else { return Ok(()) };
    let (one, two) = pair(other, &UserId::ERASED);
    let left = vec![text(one.to_string()), text(two.to_string())];
    let conversation = Update::builder()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::conversation(&id))))
        .update_expression("SET pair = :pair, changedAt = :now")
        .condition_expression("attribute_exists(PK)")
        .expression_attribute_values(":pair", AttributeValue::L(left))
        .expression_attribute_values(":now", number(now.millis()));
    let nobody = MemberRecord { user: UserId::ERASED.to_string(), ..place.clone() };
    // It is found from the conversation alone: nobody asks for the conversations of nobody.
    let nobody = encode(&keys::member(&id, &UserId::ERASED), &nobody)?;
    let nobody = Put::builder().table_name(table.name()).set_item(Some(nobody));
    let own = Delete::builder()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::member(&id, &user))))
        .condition_expression("attribute_exists(PK)");
    let parts = [
        TransactWriteItem::builder().update(conversation.build().map_err(StoreError::unreadable)?).build(),
        TransactWriteItem::builder().put(nobody.build().map_err(StoreError::unreadable)?).build(),
        TransactWriteItem::builder().delete(own.build().map_err(StoreError::unreadable)?).build(),
        gone(table, &keys::direct(&pair(&user, other)))?,
        places::was_here(table, &id, &user, now)?,
    ];
    table.write_all(&parts).await.map(drop)
}

/// Some of what is left of a person in their own partition.
#[derive(Debug)]
pub struct Remains {
    items: Vec<Item>,
    next: Option<Item>,
}

impl Remains {
    /// Nothing yet: what comes behind this sort key.
    pub(crate) fn before(user: &UserId, sk: &str) -> Self {
        let key = Key { pk: keys::person(user), sk: sk.to_owned() };
        Self { items: Vec::new(), next: Some(attributes(&key)) }
    }

    /// The items, and the sort key behind which there may be more.
    pub(crate) fn into_parts(self) -> Result<(Vec<Item>, Option<String>), StoreError> {
        let next = self.next.as_ref().map(key_of).transpose()?;
        Ok((self.items, next.map(|key| key.sk)))
    }
}

/// What is left of a person, from behind an earlier page on. 0.5 read units for each 4 KB of it.
pub async fn remains(table: &Table, user: &UserId, after: Option<Remains>) -> Result<Remains, StoreError> {
    let page = table.query_page(PAGE, after.and_then(|page| page.next), |query| {
        query
            .key_condition_expression("PK = :person")
            .expression_attribute_values(":person", text(keys::person(user)))
            .consistent_read(true)
    });
    let (items, next) = page.await?;
    Ok(Remains { items, next })
}

impl Remains {
    /// Whether there may be more behind this page.
    pub fn goes_on(&self) -> bool {
        self.next.is_some()
    }

    /// Conversations that anything here names.
    pub fn conversations(&self) -> impl Iterator<Item = ConversationId> {
        self.sort_keys().flat_map(|key| key.split('#')).filter_map(|part| ConversationId::parse(part).ok())
    }

    fn sort_keys(&self) -> impl Iterator<Item = &String> {
        self.items.iter().filter_map(|item| item.get("SK")?.as_s().ok())
    }

    /// What leads to reports about and by the person.
    fn leads(&self) -> impl Iterator<Item = &Item> {
        let items = self.items.iter().zip(self.sort_keys());
        items.filter(|(_, key)| key.starts_with(keys::REPORT_PREFIX)).map(|(item, _)| item)
    }

    /// Devices of the person.
    fn devices(&self) -> Result<Vec<DeviceToken>, StoreError> {
        let devices = self.items.iter().zip(self.sort_keys()).filter(|(_, key)| key.starts_with(keys::DEVICE_PREFIX));
        let token = |item: &Item| {
            let device: DeviceRecord = decode(item.clone())?;
            DeviceToken::parse(&device.token).map_err(StoreError::unreadable)
        };
        devices.map(|(item, _)| token(item)).collect()
    }

    /// People whom this one has an item about, and under which prefix.
    fn ties(&self) -> impl Iterator<Item = (&'static str, UserId)> {
        let tie = |key: &String| {
            let (prefix, other) = MIRRORED.iter().find_map(|prefix| Some((*prefix, key.strip_prefix(prefix)?)))?;
            Some((prefix, UserId::parse(other).ok()?))
        };
        self.sort_keys().filter_map(tie)
    }

    /// Items of other people about this one.
    fn mirrored(&self, user: &UserId) -> impl Iterator<Item = Key> {
        self.ties().map(move |(prefix, other)| Key { pk: keys::person(&other), sk: format!("{prefix}{user}") })
    }
}

/// Deletes what is left of a person, and first what stands elsewhere because of it, for without the one nobody would
/// know of the other. 1 write unit for each KB of each item.
pub async fn forget(table: &Table, user: &UserId, remains: Remains) -> Result<(), StoreError> {
    for token in remains.devices()? {
        devices::unregister(table, user, &token).await?;
    }
    for (_, other) in remains.ties() {
        notes::forget_actor(table, &other, user).await?;
    }
    reports::forget(table, remains.leads()).await?;
    let mirrored = remains.mirrored(user).map(|key| deletion(attributes(&key)));
    table.write_many(mirrored.collect::<Result<_, _>>()?).await?;
    delete_all(table, remains.items).await
}

/// Deletes the windows in which somebody's use of something was counted under a name. 0.5 read units for each pair, and
/// 1 write unit for each window of the last hour.
pub async fn forget_rates(table: &Table, scope: &str, who: &str) -> Result<(), StoreError> {
    let items = table.query_all(usize::MAX, |query| {
        query
            .key_condition_expression("PK = :rates")
            .expression_attribute_values(":rates", text(keys::rates(scope, who)))
            .projection_expression("PK, SK")
    });
    delete_all(table, items.await?).await
}

pub(crate) async fn delete_all(table: &Table, items: Vec<Item>) -> Result<(), StoreError> {
    let keys = items.into_iter().map(|mut item| {
        item.retain(|name, _| name == "PK" || name == "SK");
        deletion(item)
    });
    table.write_many(keys.collect::<Result<_, _>>()?).await
}

pub(crate) fn deletion(key: Item) -> Result<WriteRequest, StoreError> {
    let delete = DeleteRequest::builder().set_key(Some(key)).build().map_err(StoreError::unreadable)?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

fn gone(table: &Table, key: &Key) -> Result<TransactWriteItem, StoreError> {
    let delete = Delete::builder().table_name(table.name()).set_key(Some(attributes(key))).build();
    Ok(TransactWriteItem::builder().delete(delete.map_err(StoreError::unreadable)?).build())
}
