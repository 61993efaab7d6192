//! Who has blocked whom. Each of the two holds an item about the other while there is a block, whosever it is, so that
//! either side is one read by key; both, and the marks in the direct conversation that the two have, change in one
//! transaction.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::conversation::pair;
use domain::{ConversationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::conversations::find_direct;
use crate::error::StoreError;
use crate::keys::{self, BLOCK_PREFIX, Key};
use crate::parts::{self, Change};
use crate::table::{Consistency, Table, Written, attributes, decode, text};

/// How often a change is tried anew that another one came before.
const TRIES: u32 = 5;
/// Blocks that one query reads, about 20 read units; whoever is in more of them is asked about by key.
const AT_ONCE: usize = 1_000;
/// Queries that one page of those somebody has blocked costs at most.
const QUERIES: usize = 5;

/// What lies between somebody and `user`: item `USER#u` / `BLOCK#v`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockRecord {
    /// The other one, `user_…`.
    pub user: String,
    /// When whoever holds this blocked the other one; milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_at: Option<i64>,
    /// When the other one blocked whoever holds this; milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by_at: Option<i64>,
}

impl BlockRecord {
    /// The other one.
    pub fn user(&self) -> Result<UserId, StoreError> {
        UserId::parse(&self.user).map_err(StoreError::unreadable)
    }
}

/// Blocks somebody, which ends a friendship; who is blocked already stays so, since when they were. A read, and 10 write units; 10 more where the
/// two have a direct conversation.
pub async fn block(table: &Table, user: &UserId, other: &UserId, now: Timestamp) -> Result<(), StoreError> {
    let noted = |holder: &UserId, about: &UserId, since: &str| {
        Change::of(&keys::block(holder, about))
            .set(&format!("#user = :user, {since} = if_not_exists({since}, :now)"))
            .name("#user", "user")
            .text(":user", &about.to_string())
            .number(":now", now.millis())
    };
    for _ in 0..TRIES {
        let mut writes =
            vec![noted(user, other, "blockedAt").part(table)?, noted(other, user, "blockedByAt").part(table)?];
        // Whoever is blocked is no friend any more, and has asked for nothing.
        for (one, another) in [(user, other), (other, user)] {
            writes.push(parts::gone(table, &keys::friend(one, another))?);
        }
        let direct = find_direct(table, user, other).await?;
        writes.extend(marks(table, (user, other), direct.as_ref(), true)?);
        if table.write_all(&writes).await? == Written::Done {
            return Ok(());
        }
        // A direct conversation of the two has begun or ended meanwhile.
    }
    Err(StoreError::Unprocessed("TransactWriteItems"))
}

/// Blocks somebody no more; harmless for who is not blocked. Two reads, and 6 write units; 10
/// more where the two have a direct conversation.
pub async fn unblock(table: &Table, user: &UserId, other: &UserId) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let Some(before) = between(table, user, other).await?.filter(|block| block.blocked_at.is_some()) else {
            return Ok(());
        };
        let (own, theirs) = (keys::block(user, other), keys::block(other, user));
        let mut writes = if before.blocked_by_at.is_some() {
            vec![
                less(&own, "blockedAt", "blockedByAt").part(table)?,
                less(&theirs, "blockedByAt", "blockedAt").part(table)?,
            ]
        } else {
            let nothing_else = |name| format!("attribute_not_exists({name})");
            vec![
                parts::delete(table, &own, &nothing_else("blockedByAt"))?,
                parts::delete(table, &theirs, &nothing_else("blockedAt"))?,
            ]
        };
        let direct = find_direct(table, user, other).await?;
        writes.extend(marks(table, (user, other), direct.as_ref(), false)?);
        if table.write_all(&writes).await? == Written::Done {
            return Ok(());
        }
    }
    Err(StoreError::Unprocessed("TransactWriteItems"))
}

/// A block without one of its sides, if it has the other.
fn less(key: &Key, gone: &str, kept: &str) -> Change {
    Change::of(key).remove(gone).when(&format!("attribute_exists({kept})"))
}

/// The marks in both places of a direct conversation, and that it is the one of these two; that there is none otherwise.
fn marks(
    table: &Table,
    (user, other): (&UserId, &UserId),
    direct: Option<&ConversationId>,
    is_blocked: bool,
) -> Result<Vec<TransactWriteItem>, StoreError> {
    let claim = keys::direct(&pair(user, other));
    let Some(direct) = direct else { return Ok(vec![parts::absent(table, &claim)?]) };
    let mark = |member: &UserId, name: &str| {
        let change = Change::of(&keys::member(direct, member)).when("attribute_exists(PK)");
        if is_blocked { change.set(&format!("{name} = :true")).yes(":true") } else { change.remove(name) }
    };
    Ok(vec![
        parts::is(table, &claim, "conversationId", &direct.to_string())?,
        mark(user, "blocks").part(table)?,
        mark(other, "blocked").part(table)?,
    ])
}

/// What lies between two people, if one has blocked the other. 1 read unit.
pub async fn between(table: &Table, user: &UserId, other: &UserId) -> Result<Option<BlockRecord>, StoreError> {
    table.get(&keys::block(user, other), Consistency::Strong).await
}

/// Everybody with whom there is a block, whosever it is.
#[derive(Debug, Clone, Default)]
pub struct Around {
    people: HashMap<UserId, BlockRecord>,
    /// Whether these are all.
    whole: bool,
}

impl Around {
    /// Whether somebody's coming and going is kept from this person: there is a block, or there are so many that it is
    /// not known.
    pub fn hides(&self, user: &UserId) -> bool {
        !self.whole || self.people.contains_key(user)
    }
}

/// The blocks around somebody: one query, at most a thousand of them. Half a read unit where there are none.
pub async fn around(table: &Table, user: &UserId) -> Result<Around, StoreError> {
    let (items, next) = table
        .query_page(AT_ONCE, None, |query| {
            query
                .key_condition_expression("PK = :person AND begins_with(SK, :block)")
                .expression_attribute_values(":person", text(keys::person(user)))
                .expression_attribute_values(":block", text(BLOCK_PREFIX))
        })
        .await?;
    let blocks = items.into_iter().map(|item| {
        let block: BlockRecord = decode(item)?;
        Ok((block.user()?, block))
    });
    Ok(Around { people: blocks.collect::<Result<_, StoreError>>()?, whole: next.is_none() })
}

/// With whom of these people there is a block: one query, and a read for each hundred of them where somebody is in more
/// than a thousand blocks.
pub async fn among(
    table: &Table,
    user: &UserId,
    people: impl IntoIterator<Item = &UserId>,
) -> Result<HashMap<UserId, BlockRecord>, StoreError> {
    let people: Vec<_> = people.into_iter().collect();
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let around = around(table, user).await?;
    let people = people.into_iter();
    if around.whole {
        return Ok(people.filter_map(|user: &UserId| Some((user.clone(), around.people.get(user)?.clone()))).collect());
    }
    let keys = people.map(|other| keys::block(user, other)).collect();
    let blocks = table.get_items(keys, Consistency::Eventual).await?.into_values().map(|item| {
        let block: BlockRecord = decode(item)?;
        Ok((block.user()?, block))
    });
    blocks.collect()
}

/// One page of those that somebody has blocked, in the order of their ids, and after whom the next one begins.
pub async fn page(
    table: &Table,
    user: &UserId,
    after: Option<&UserId>,
    size: usize,
) -> Result<(Vec<BlockRecord>, Option<UserId>), StoreError> {
    let mut start = after.map(|other| attributes(&keys::block(user, other)));
    let mut found = Vec::new();
    for _ in 0..QUERIES {
        let (items, next) = table
            .query_page(size, start, |query| {
                query
                    .key_condition_expression("PK = :person AND begins_with(SK, :block)")
                    .expression_attribute_values(":person", text(keys::person(user)))
                    .expression_attribute_values(":block", text(BLOCK_PREFIX))
            })
            .await?;
        for item in items {
            let block: BlockRecord = decode(item)?;
            if block.blocked_at.is_some() {
                found.push(block);
            }
            if found.len() > size {
                break;
            }
        }
        start = next;
        if start.is_none() || found.len() > size {
            break;
        }
    }
    let more = found.len() > size;
    found.truncate(size);
    let border = match (more, start) {
        (true, _) => found.last().map(BlockRecord::user).transpose()?,
        (false, Some(key)) => border(&key)?,
        (false, None) => None,
    };
    Ok((found, border))
}

/// Whom the key of a block is about.
fn border(key: &crate::table::Item) -> Result<Option<UserId>, StoreError> {
    let other = key.get("SK").and_then(|sk| sk.as_s().ok()?.strip_prefix(BLOCK_PREFIX));
    other.map(|id| UserId::parse(id).map_err(StoreError::unreadable)).transpose()
}
