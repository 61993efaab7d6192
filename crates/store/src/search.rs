//! Finding people by the beginnings of their words: by key alone, within the phrases that begin with the same two
//! characters.

use std::collections::BTreeSet;

use domain::UserId;
use domain::person::{Phrase, SearchQuery, phrases};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::table::{Item, Table, attributes, decode, encode, text};
use crate::users::UserRecord;

/// Queries that one page may take: whoever finds that many phrases of the same few people looks more closely.
const QUERIES: usize = 8;

/// A phrase of somebody, item `SEARCH#ab` / `abc#u`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PhraseRecord {
    /// Whose it is.
    user: String,
    /// The phrase.
    phrase: String,
    /// All phrases of the same person with this beginning, so that a query finds a person by the first of them alone.
    alike: Vec<String>,
}

/// Where a search goes on: the phrase and the person that were shown last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What was found.
    pub phrase: String,
    /// Whose it is.
    pub user: UserId,
}

/// Everything an account is found by, as items.
pub(crate) fn items(user: &UserId, account: &UserRecord) -> Result<Vec<Item>, StoreError> {
    let all = phrases_of(account);
    let item = |phrase: &Phrase| {
        let alike = all.iter().filter(|other| other.beginning() == phrase.beginning()).map(ToString::to_string);
        let record = PhraseRecord { user: user.to_string(), phrase: phrase.to_string(), alike: alike.collect() };
        encode(&keys::search(phrase, user), &record)
    };
    all.iter().map(item).collect()
}

/// What an account is found by.
pub fn phrases_of(account: &UserRecord) -> BTreeSet<Phrase> {
    phrases(&account.username, &account.display_name, &account.email)
}

/// One page of the people whom a query finds, each once, by their first phrase, without one of them; and where the next
/// page begins, if there is one. About 0.5 read units for each 4 KB of phrases.
pub async fn page(
    table: &Table,
    query: &SearchQuery,
    without: &UserId,
    after: Option<&Place>,
    size: usize,
) -> Result<(Vec<Place>, bool), StoreError> {
    let partition = keys::found_by(query.beginning());
    let start = |place: &Place| keys::Key { pk: partition.clone(), sk: format!("{}#{}", place.phrase, place.user) };
    let mut start = after.map(|place| attributes(&start(place)));
    let mut found = Vec::with_capacity(size + 1);
    for _ in 0..QUERIES {
        // One for the caller, one to know whether there are more, and some for people found twice.
        let (items, next) = table
            .query_page(size + size / 2 + 2, start, |select| {
                select
                    .key_condition_expression("PK = :partition AND begins_with(SK, :query)")
                    .expression_attribute_values(":partition", text(&partition))
                    .expression_attribute_values(":query", text(query.as_str()))
            })
            .await?;
        for item in items {
            let PhraseRecord { user, phrase, alike } = decode(item)?;
            let user = UserId::parse(&user).map_err(StoreError::unreadable)?;
            if user != *without && query.finds_first(&phrase, alike) {
                found.push(Place { phrase, user });
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
