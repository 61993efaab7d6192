//! Whom somebody knows, and so may see coming and going: friends, and whoever is in a conversation with them. Found by
//! keys alone ([`crate::keys`]): what two people are to each other is an item of its own, and places in conversations are
//! listed from the person.

use std::collections::{HashMap, HashSet};

use domain::UserId;
use domain::friendship::Tie;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::error::StoreError;
use crate::friends::FriendRecord;
use crate::keys;
use crate::presence::Presence;
use crate::table::{Consistency, Table, decode, text};

/// Places of one person that are looked at: at most about 40 read units.
const PLACES: usize = 1_000;
/// Queries under way at once.
const AT_ONCE: usize = 10;

/// What others see of some people, and who of them are friends of somebody.
#[derive(Debug, Default)]
pub struct Faces {
    /// What is known of each. Who does not exist is not in it.
    pub known: HashMap<UserId, Presence>,
    /// The friends among them.
    pub friends: HashSet<UserId>,
}

/// What others see of these people, and who of them are friends of `user`: fifty a call, half a read unit for each of two
/// items.
pub async fn faces(
    table: &Table,
    user: &UserId,
    people: impl IntoIterator<Item = &UserId>,
) -> Result<Faces, StoreError> {
    let people: Vec<&UserId> = people.into_iter().collect();
    if people.is_empty() {
        return Ok(Faces::default());
    }
    let wanted = people.iter().flat_map(|other| [keys::presence(other), keys::friend(user, other)]).collect();
    let mut found = table.get_items(wanted, Consistency::Eventual).await?;
    let mut faces = Faces::default();
    for other in people {
        if let Some(item) = found.remove(&keys::presence(other)) {
            faces.known.insert(other.clone(), decode(item)?);
        }
        if let Some(item) = found.remove(&keys::friend(user, other))
            && decode::<FriendRecord>(item)?.tie()? == Tie::Friends
        {
            faces.friends.insert(other.clone());
        }
    }
    Ok(faces)
}

/// Who of these people is in a conversation with `user`: a query for each, ten at once, and one for `user`; half a read
/// unit for every 12 places. Less than reading the members of every conversation of the one, or asking for each of the
/// others in each of them. Of who has more than a thousand places, not all are looked at.
pub async fn sharing(
    table: &Table,
    user: &UserId,
    people: impl IntoIterator<Item = &UserId>,
) -> Result<HashSet<UserId>, StoreError> {
    let people: Vec<UserId> = people.into_iter().cloned().collect();
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    let own = rooms(table, user).await?;
    if own.is_empty() {
        return Ok(HashSet::new());
    }
    let own = &own;
    let asked = people.into_iter().map(async |other| {
        let theirs = rooms(table, &other).await?;
        Ok::<_, StoreError>((!own.is_disjoint(&theirs)).then_some(other))
    });
    stream::iter(asked).buffer_unordered(AT_ONCE).try_filter_map(async |found| Ok(found)).try_collect().await
}

/// The partitions of the conversations that somebody is in.
async fn rooms(table: &Table, user: &UserId) -> Result<HashSet<String>, StoreError> {
    let (items, _) = table
        .query_page(PLACES, None, |query| {
            query
                .index_name("GSI1")
                .key_condition_expression("GSI1PK = :person")
                .projection_expression("GSI1SK")
                .expression_attribute_values(":person", text(keys::person(user)))
        })
        .await?;
    let room = |mut item: crate::table::Item| match item.remove("GSI1SK") {
        Some(aws_sdk_dynamodb::types::AttributeValue::S(room)) => Some(room),
        _ => None,
    };
    Ok(items.into_iter().filter_map(room).collect())
}
