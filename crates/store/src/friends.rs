//! Friends, and who has asked whom. Each side has an item of its own; both change in one transaction, so that two people
//! never have different ideas of what they are to each other.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update};
use domain::friendship::Tie;
use domain::notification::Kind;
use domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::{self, FRIEND_PREFIX, Key};
use crate::notes::{NoteRecord, Occasion};
use crate::parts;
use crate::presence::Presence;
use crate::table::{Consistency, Item, Table, Written, attributes, decode, decode_all, encode, number, text};

/// Queries that one page takes at most: between friends there may be many requests, and the reverse.
const QUERIES: usize = 20;

/// What somebody is to a person, item `USER#u` / `FRIEND#v`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendRecord {
    /// `user_…`: who it is.
    pub user: String,
    /// `friends`, `outgoing` or `incoming`.
    pub tie: String,
    /// Since when, in milliseconds since the epoch.
    pub since: i64,
}

impl FriendRecord {
    /// Who it is.
    pub fn user(&self) -> Result<UserId, StoreError> {
        UserId::parse(&self.user).map_err(StoreError::unreadable)
    }

    /// What they are.
    pub fn tie(&self) -> Result<Tie, StoreError> {
        Tie::parse(&self.tie).map_err(StoreError::unreadable)
    }
}

/// How two people stand to each other: what a step between them is decided by.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What the other one is to this person.
    pub friend: Option<FriendRecord>,
    /// Whose block lies between them, if there is one.
    pub block: Option<Block>,
    /// What is known of this person.
    pub own: Option<Presence>,
    /// What is known of the other one, if there is such a person.
    pub other: Option<Presence>,
}

/// Whose block lies between somebody and another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// That person's own, whoever else blocks.
    Own,
    /// The other one's alone.
    Theirs,
}

/// How somebody stands to another one, as it is now: one call, 1 read unit for each of four items.
pub async fn standing(table: &Table, user: &UserId, other: &UserId) -> Result<Standing, StoreError> {
    let (friend, own, theirs) = (keys::friend(user, other), keys::presence(user), keys::presence(other));
    let block = keys::block(user, other);
    let wanted = [&friend, &own, &theirs, &block].map(Clone::clone).to_vec();
    let mut found: HashMap<Key, Item> = table.get_items(wanted, Consistency::Strong).await?;
    Ok(Standing {
        friend: found.remove(&friend).map(decode).transpose()?,
        block: found.get(&block).map(|item| if item.contains_key("blockedAt") { Block::Own } else { Block::Theirs }),
        own: found.remove(&own).map(decode).transpose()?,
        other: found.remove(&theirs).map(decode).transpose()?,
    })
}

/// Notes that somebody asks another one for friendship, if they are nothing to each other and neither blocks the other;
/// whether it did. 2 write units for each of three items (the other one's notification is the third), and 2 for a check.
pub async fn ask(table: &Table, user: &UserId, other: &UserId, now: Timestamp) -> Result<bool, StoreError> {
    let mut writes = vec![no_block(table, user, other)?];
    for (one, another, tie) in [(user, other, Tie::Outgoing), (other, user, Tie::Incoming)] {
        let record = FriendRecord { user: another.to_string(), tie: tie.as_str().to_owned(), since: now.millis() };
        let item = encode(&keys::friend(one, another), &record)?;
        writes.push(TransactWriteItem::builder().put(table.put_new(item)?).build());
    }
    writes.push(note(table, (user, other), Kind::FriendRequest, now)?);
    Ok(table.write_all(&writes).await? == Written::Done)
}

/// Makes friends of somebody and of who has asked for it, unless one blocks the other; whether it did. 2 write units for
/// each of three items (the other one's notification is the third), and 2 for a check.
pub async fn accept(table: &Table, user: &UserId, other: &UserId, now: Timestamp) -> Result<bool, StoreError> {
    let mut writes = vec![no_block(table, user, other)?];
    for (one, another, tie) in [(user, other, Tie::Incoming), (other, user, Tie::Outgoing)] {
        let update = Update::builder()
            .table_name(table.name())
            .set_key(Some(attributes(&keys::friend(one, another))))
            .update_expression("SET tie = :friends, since = :now")
            .condition_expression("tie = :tie")
            .expression_attribute_values(":friends", text(Tie::Friends.as_str()))
            .expression_attribute_values(":tie", text(tie.as_str()))
            .expression_attribute_values(":now", number(now.millis()))
            .build()
            .map_err(StoreError::unreadable)?;
        writes.push(TransactWriteItem::builder().update(update).build());
    }
    writes.push(note(table, (user, other), Kind::FriendAccepted, now)?);
    Ok(table.write_all(&writes).await? == Written::Done)
}

/// The notification of the other one, of what somebody does.
fn note(
    table: &Table,
    (user, other): (&UserId, &UserId),
    kind: Kind,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let occasion = Occasion { kind, actor: user, conversation: None, message: None, emoji: None };
    NoteRecord::of(&occasion, now).part(table, other)
}

/// Ends what two people are to each other, if it is still this to the first of them; whether it did. 2 write units for
/// each of two items.
pub async fn part(table: &Table, user: &UserId, other: &UserId, tie: Tie) -> Result<bool, StoreError> {
    let writes = parting(table, user, other, tie)?;
    Ok(table.write_all(&writes).await? == Written::Done)
}

/// The parts of a transaction that ends what two people are to each other.
fn parting(table: &Table, user: &UserId, other: &UserId, tie: Tie) -> Result<Vec<TransactWriteItem>, StoreError> {
    let delete = |one: &UserId, another: &UserId, tie: Tie| {
        let delete = Delete::builder()
            .table_name(table.name())
            .set_key(Some(attributes(&keys::friend(one, another))))
            .condition_expression("tie = :tie")
            .expression_attribute_values(":tie", text(tie.as_str()))
            .build()
            .map_err(StoreError::unreadable)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    };
    Ok(vec![delete(user, other, tie)?, delete(other, user, tie.mirrored())?])
}

/// One page of what people are to somebody, of these ties alone, in the order of their ids, after one of them; and
/// whether there may be more. 0.5 read units for each 4 KB, about 25 of them.
pub async fn page(
    table: &Table,
    user: &UserId,
    ties: &[Tie],
    after: Option<&UserId>,
    size: usize,
) -> Result<(Vec<FriendRecord>, bool), StoreError> {
    let mut start = after.map(|other| attributes(&keys::friend(user, other)));
    let mut found: Vec<FriendRecord> = Vec::with_capacity(size + 1);
    for _ in 0..QUERIES {
        let (items, next) = table
            .query_page(size.max(100) + 1, start, |query| {
                query
                    .key_condition_expression("PK = :person AND begins_with(SK, :friend)")
                    .expression_attribute_values(":person", text(keys::person(user)))
                    .expression_attribute_values(":friend", text(FRIEND_PREFIX))
            })
            .await?;
        for record in decode_all::<FriendRecord>(items)? {
            if ties.contains(&record.tie()?) {
                found.push(record);
            }
        }
        start = next;
        if start.is_none() || found.len() > size {
            break;
        }
    }
    let more = found.len() > size || start.is_some();
    found.truncate(size);
    Ok((found, more))
}

/// The condition that neither blocks the other, as a part of a transaction (security D7). Whosever block it is, both hold
/// an item of it.
fn no_block(table: &Table, user: &UserId, other: &UserId) -> Result<TransactWriteItem, StoreError> {
    parts::absent(table, &keys::block(user, other))
}
