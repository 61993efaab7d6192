//! Changing a profile, with everything that is a copy of it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update};
use domain::UserId;
use domain::person::Username;

use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::presence::Presence;
use crate::search;
use crate::table::{Item, Table, Written, attributes, encode, text};
use crate::users::UserRecord;

/// How a change of a profile ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is changed.
    Done,
    /// The name is somebody else's.
    UsernameTaken,
    /// Another change came first: it is to be looked at again.
    Meanwhile,
}

/// Changes an account from what was read to what it shall be: the profile, what others see of the person, the claim of
/// the username and the phrases to be found by, all or nothing. Only what differs is written, and only if it is still
/// as it was read. One `UpdateItem` where nobody else sees the change; otherwise a transaction (2 write units an item).
pub async fn change(table: &Table, user: &UserId, old: &UserRecord, new: &UserRecord) -> Result<Changed, StoreError> {
    let names = |account: &UserRecord| (account.username.clone(), account.display_name.clone(), account.email.clone());
    let renamed = names(old) != names(new);
    // All three names make the phrases, so none of them may have changed meanwhile.
    let together: &[&str] = if renamed { &["username", "displayName", "email"] } else { &[] };
    let Some(profile) = Difference::of(old, new, together)? else { return Ok(Changed::Done) };
    let shown = Difference::of(&Presence::new(old), &Presence::new(new), &[])?;
    let Some(shown) = shown else { return alone(table, &keys::profile(user), &profile).await };

    let mut writes = vec![
        TransactWriteItem::builder().update(profile.update(table, &keys::profile(user))?).build(),
        TransactWriteItem::builder().update(shown.update(table, &keys::presence(user))?).build(),
    ];
    let claim_at = writes.len();
    let claimed = claims(table, user, old, new)?;
    let claims_anew = !claimed.is_empty();
    writes.extend(claimed);
    if renamed {
        writes.extend(found_by(table, user, old, new)?);
    }
    Ok(match table.write_all(&writes).await? {
        Written::Done => Changed::Done,
        Written::Unmet(place) if claims_anew && place == claim_at => Changed::UsernameTaken,
        Written::Unmet(_) => Changed::Meanwhile,
    })
}

async fn alone(table: &Table, key: &Key, difference: &Difference) -> Result<Changed, StoreError> {
    let updated = table
        .update(key, |update| {
            update
                .update_expression(&difference.expression)
                .condition_expression(&difference.condition)
                .set_expression_attribute_names(Some(difference.names.clone()))
                .set_expression_attribute_values(difference.values())
        })
        .await?;
    Ok(if updated.is_some() { Changed::Done } else { Changed::Meanwhile })
}

/// The claim of the new username first, then the end of the old one; nothing if they are one.
fn claims(
    table: &Table,
    user: &UserId,
    old: &UserRecord,
    new: &UserRecord,
) -> Result<Vec<TransactWriteItem>, StoreError> {
    let key = |name: &str| Username::parse(name).map(|name| keys::username(&name)).map_err(StoreError::unreadable);
    let (before, after) = (key(&old.username)?, key(&new.username)?);
    if before == after {
        return Ok(Vec::new());
    }
    let mut claim = attributes(&after);
    claim.insert("userId".to_owned(), text(user.to_string()));
    let given_up = Delete::builder()
        .table_name(table.name())
        .set_key(Some(attributes(&before)))
        .condition_expression("userId = :user")
        .expression_attribute_values(":user", text(user.to_string()))
        .build()
        .map_err(StoreError::unreadable)?;
    Ok(vec![
        TransactWriteItem::builder().put(table.put_new(claim)?).build(),
        TransactWriteItem::builder().delete(given_up).build(),
    ])
}

/// The phrases that are new or have new neighbours, and the end of those that are no more.
fn found_by(
    table: &Table,
    user: &UserId,
    old: &UserRecord,
    new: &UserRecord,
) -> Result<Vec<TransactWriteItem>, StoreError> {
    let known: Vec<Item> = search::items(user, old)?;
    let mut writes = Vec::new();
    for item in search::items(user, new)?.into_iter().filter(|item| !known.contains(item)) {
        let put = aws_sdk_dynamodb::types::Put::builder().table_name(table.name()).set_item(Some(item));
        writes.push(TransactWriteItem::builder().put(put.build().map_err(StoreError::unreadable)?).build());
    }
    let kept: BTreeSet<_> = search::phrases_of(new);
    for phrase in search::phrases_of(old).difference(&kept) {
        let delete =
            Delete::builder().table_name(table.name()).set_key(Some(attributes(&keys::search(phrase, user)))).build();
        writes.push(TransactWriteItem::builder().delete(delete.map_err(StoreError::unreadable)?).build());
    }
    Ok(writes)
}

/// What an update sets and removes, on condition that it was as it was read.
struct Difference {
    expression: String,
    condition: String,
    names: std::collections::HashMap<String, String>,
    values: Item,
}

impl Difference {
    /// Between two forms of a record; nothing if they are one. The attributes in `together` must be as they were even
    /// where they stay.
    fn of<T: serde::Serialize>(old: &T, new: &T, together: &[&str]) -> Result<Option<Self>, StoreError> {
        // The key does not matter here.
        let nowhere = Key { pk: String::new(), sk: String::new() };
        let (old, new) = (encode(&nowhere, old)?, encode(&nowhere, new)?);
        let attributes: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let (mut sets, mut removes, mut conditions) = (Vec::new(), Vec::new(), vec!["attribute_exists(PK)".to_owned()]);
        let (mut names, mut values) = (std::collections::HashMap::new(), Item::new());
        for (place, attribute) in attributes.into_iter().enumerate() {
            let (before, after) = (old.get(attribute), new.get(attribute));
            if before == after && !together.contains(&attribute.as_str()) {
                continue;
            }
            names.insert(format!("#a{place}"), attribute.clone());
            match before {
                Some(value) => {
                    conditions.push(format!("#a{place} = :o{place}"));
                    values.insert(format!(":o{place}"), value.clone());
                }
                None => conditions.push(format!("attribute_not_exists(#a{place})")),
            }
            match after {
                Some(value) if before != after => {
                    sets.push(format!("#a{place} = :n{place}"));
                    values.insert(format!(":n{place}"), value.clone());
                }
                None => removes.push(format!("#a{place}")),
                Some(_) => {}
            }
        }
        if sets.is_empty() && removes.is_empty() {
            return Ok(None);
        }
        let part = |word: &str, list: Vec<String>| (!list.is_empty()).then(|| format!("{word} {}", list.join(", ")));
        let expression = [part("SET", sets), part("REMOVE", removes)].into_iter().flatten().collect::<Vec<_>>();
        Ok(Some(Self { expression: expression.join(" "), condition: conditions.join(" AND "), names, values }))
    }

    /// The values, if there are any: DynamoDB takes none that is empty.
    fn values(&self) -> Option<Item> {
        Some(self.values.clone()).filter(|values| !values.is_empty())
    }

    fn update(&self, table: &Table, key: &Key) -> Result<Update, StoreError> {
        Update::builder()
            .table_name(table.name())
            .set_key(Some(attributes(key)))
            .update_expression(&self.expression)
            .condition_expression(&self.condition)
            .set_expression_attribute_names(Some(self.names.clone()))
            .set_expression_attribute_values(self.values())
            .build()
            .map_err(StoreError::unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_written_and_only_as_it_was_read() {
        #[derive(serde::Serialize)]
        struct Record {
            name: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            bio: Option<&'static str>,
            language: &'static str,
        }
        let old = Record { name: "ana", bio: Some("x"), language: "en" };
        let same = Record { name: "ana", bio: Some("x"), language: "en" };
        assert!(Difference::of(&old, &same, &["name"]).unwrap().is_none());
        let new = Record { name: "ana", bio: None, language: "es" };
        let found = Difference::of(&old, &new, &["name"]).unwrap().unwrap();
        assert_eq!(found.names.len(), 3);
        assert!(found.expression.starts_with("SET #a") && found.expression.contains(" REMOVE #a"));
        assert_eq!(found.condition.matches(" = :o").count(), 3, "{}", found.condition);
    }
}
