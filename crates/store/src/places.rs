//! Changes of who is in a conversation and as what. Each is one transaction over the conversation and the places in it,
//! so that the counts of members and admins are exact whatever happens at once (security D5, K5).
//!
//! A transaction costs twice what its writes cost: 2 write units for the conversation (each KB of it), 4 for a place
//! (with the index), 2 for what remembers that somebody was there.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::conversation::{Role, pair};
use domain::{ConversationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::conversations::ConversationRecord;
use crate::ended;
use crate::error::StoreError;
use crate::keys;
use crate::members::MemberRecord;
use crate::notes::NoteRecord;
use crate::parts::Change;
use crate::table::{Table, Written, attributes, encode, number, text};

/// People that one request adds at most. A transaction would take 99 beside the conversation, but each of them is told to
/// everybody else: in a group of a thousand this many are twenty thousand posts.
pub const MOST_ADDED: usize = 20;

/// How a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is done.
    Done,
    /// Nothing is done: the counts do not allow it, or are not what they were when they were read.
    Refused,
    /// Nothing is done: somebody's place is not what it was when it was read.
    Stale,
}

/// Adds people to a group, all or none. `Refused` if it would then have more than `most`, or no longer takes that many;
/// `Stale` if one of them is in it.
pub async fn add(
    table: &Table,
    id: &ConversationId,
    places: &[MemberRecord],
    most: u32,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let Some(items) = added(table, id, places, most, now)? else { return Ok(Changed::Refused) };
    write(table, &items).await
}

/// The same, each with a notification of who brought them in.
pub async fn bring(
    table: &Table,
    id: &ConversationId,
    places: &[MemberRecord],
    by: &UserId,
    most: u32,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let Some(mut items) = added(table, id, places, most, now)? else { return Ok(Changed::Refused) };
    for place in places.iter().filter(|place| place.user != by.to_string()) {
        items.push(NoteRecord::added(id, by, now).part(table, &place.user()?)?);
    }
    write(table, &items).await
}

/// The parts of a transaction that adds people; none if they are too many by themselves.
fn added(
    table: &Table,
    id: &ConversationId,
    places: &[MemberRecord],
    most: u32,
    now: Timestamp,
) -> Result<Option<Vec<TransactWriteItem>>, StoreError> {
    let count = u32::try_from(places.len()).map_err(StoreError::unreadable)?;
    let Some(room) = most.checked_sub(count) else { return Ok(None) };
    let group = Change::of(&keys::conversation(id))
        .set("memberCount = memberCount + :count, changedAt = :now")
        .when("attribute_exists(PK) AND maxMembers = :most AND memberCount <= :room")
        .number(":count", count)
        .number(":most", most)
        .number(":room", room)
        .number(":now", now.millis());
    let mut items = vec![group.part(table)?];
    for place in places {
        items.push(TransactWriteItem::builder().put(table.put_new(place.item()?)?).build());
    }
    Ok(Some(items))
}

/// Takes somebody out of a group. `Refused` if it is the last admin; `Stale` if the place or its role is not what it
/// was.
pub async fn remove(
    table: &Table,
    id: &ConversationId,
    user: &UserId,
    role: Role,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let group = counted(id, now, "memberCount = memberCount - :one", (role == Role::Admin).then_some(Admins::Fewer));
    write(table, &[group.part(table)?, gone(table, id, user, role)?, was_here(table, id, user, now)?]).await
}

/// Takes the last admin out of a group and makes another member one in the same moment. `Refused` if there is another
/// admin by now; `Stale` if one of the two places is not what it was.
pub async fn hand_over(
    table: &Table,
    id: &ConversationId,
    (admin, heir): (&UserId, &UserId),
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let group = Change::of(&keys::conversation(id))
        .set("memberCount = memberCount - :one, changedAt = :now")
        .when("attribute_exists(PK) AND (attribute_not_exists(adminCount) OR adminCount = :one)")
        .number(":one", 1)
        .number(":now", now.millis());
    let items = [
        group.part(table)?,
        gone(table, id, admin, Role::Admin)?,
        role_change(id, heir, Role::Member, Role::Admin, now).part(table)?,
        was_here(table, id, admin, now)?,
    ];
    write(table, &items).await
}

/// Gives a member of a group another role. `Refused` if that would leave no admin; `Stale` if the role is not what it
/// was.
pub async fn set_role(
    table: &Table,
    id: &ConversationId,
    user: &UserId,
    role: Role,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let (before, admins) = match role {
        Role::Admin => (Role::Member, Admins::More),
        Role::Member => (Role::Admin, Admins::Fewer),
    };
    let group = counted(id, now, "", Some(admins));
    write(table, &[group.part(table)?, role_change(id, user, before, role, now).part(table)?]).await
}

/// Ends a conversation for all: from this moment it is nobody's any more, and two people may start anew. Tells whether
/// this call did it; `alone` makes it depend on that nobody else is in it. What is left of it is marked
/// ([`crate::ended`]).
pub async fn end(table: &Table, record: &ConversationRecord, alone: bool, now: Timestamp) -> Result<bool, StoreError> {
    let id = ConversationId::parse(&record.id).map_err(StoreError::unreadable)?;
    let condition = if alone { "attribute_exists(PK) AND memberCount = :one" } else { "attribute_exists(PK)" };
    let conversation = Delete::builder()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::conversation(&id))))
        .condition_expression(condition)
        .set_expression_attribute_values(alone.then(|| [(":one".to_owned(), number(1))].into()))
        .build()
        .map_err(StoreError::unreadable)?;
    let mark = Put::builder().table_name(table.name()).set_item(Some(ended::mark(&id, now)?));
    let mark = mark.build().map_err(StoreError::unreadable)?;
    let mut items =
        vec![TransactWriteItem::builder().delete(conversation).build(), TransactWriteItem::builder().put(mark).build()];
    if let [one, other] = record.pair().as_slice() {
        let claim = Delete::builder()
            .table_name(table.name())
            .set_key(Some(attributes(&keys::direct(&pair(one, other)))))
            .build()
            .map_err(StoreError::unreadable)?;
        items.push(TransactWriteItem::builder().delete(claim).build());
    }
    Ok(table.write_all(&items).await? == Written::Done)
}

/// What happens to the number of admins.
#[derive(Clone, Copy)]
enum Admins {
    More,
    /// Only if one is left.
    Fewer,
}

/// A group whose counts change. What 0.1.0 wrote has no count of admins, and one of them.
fn counted(id: &ConversationId, now: Timestamp, members: &str, admins: Option<Admins>) -> Change {
    let admin_count = match admins {
        None => "",
        Some(Admins::More) => "adminCount = if_not_exists(adminCount, :one) + :one",
        Some(Admins::Fewer) => "adminCount = adminCount - :one",
    };
    let sets = [members, admin_count, "changedAt = :now"];
    let sets: Vec<_> = sets.into_iter().filter(|set| !set.is_empty()).collect();
    let condition = match admins {
        Some(Admins::Fewer) => "attribute_exists(PK) AND adminCount > :one",
        _ => "attribute_exists(PK)",
    };
    let change = Change::of(&keys::conversation(id)).set(&sets.join(", ")).when(condition);
    let change = change.number(":now", now.millis());
    if members.is_empty() && admins.is_none() { change } else { change.number(":one", 1) }
}

/// Somebody's place with another role, if it has the one it had.
fn role_change(id: &ConversationId, user: &UserId, before: Role, after: Role, now: Timestamp) -> Change {
    Change::of(&keys::member(id, user))
        .set("#role = :after, updatedAt = :now")
        .when("attribute_exists(PK) AND #role = :before")
        .name("#role", "role")
        .text(":before", before.as_str())
        .text(":after", after.as_str())
        .number(":now", now.millis())
}

/// Nobody's place any more, if it has the role it had.
fn gone(table: &Table, id: &ConversationId, user: &UserId, role: Role) -> Result<TransactWriteItem, StoreError> {
    let delete = Delete::builder()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::member(id, user))))
        .condition_expression("attribute_exists(PK) AND #role = :role")
        .expression_attribute_names("#role", "role")
        .expression_attribute_values(":role", text(role.as_str()))
        .build()
        .map_err(StoreError::unreadable)?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// What tells later where somebody wrote who is not there any more ([`crate::erasing`]).
pub(crate) fn was_here(
    table: &Table,
    id: &ConversationId,
    user: &UserId,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let left = LeftRecord { conversation: id.to_string(), left_at: now.millis() };
    let put = Put::builder().table_name(table.name()).set_item(Some(encode(&keys::left(user, id), &left)?));
    Ok(TransactWriteItem::builder().put(put.build().map_err(StoreError::unreadable)?).build())
}

/// A conversation that somebody was in, item `USER#u` / `LEFT#c`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftRecord {
    /// `conv_…`
    pub conversation: String,
    /// When, in milliseconds since the epoch.
    pub left_at: i64,
}

/// The conversation comes first in each of these transactions: its condition is about counts, the others about places.
async fn write(table: &Table, items: &[TransactWriteItem]) -> Result<Changed, StoreError> {
    Ok(match table.write_all(items).await? {
        Written::Done => Changed::Done,
        Written::Unmet(0) => Changed::Refused,
        Written::Unmet(_) => Changed::Stale,
    })
}
