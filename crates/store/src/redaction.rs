//! Taking a person out of a conversation whose messages stay.
//!
//! A conversation's partition is read once, page by page, and whatever in it names the person is changed: what is under a
//! key with the person's id goes; in everything else [`UserId::ERASED`] takes the place of the id, wherever it stands, and
//! the person is taken out of sets (reactions). So an attribute that is added to messages later is covered without a word
//! here. Each change is conditional on what was read: what others do at the same moment is not lost.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ConversationId, UserId};
use futures_util::stream::{self, TryStreamExt};

use crate::attachments::AttachmentRecord;
use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::table::{Consistency, Item, Measured, Table, decode, key_of, text};
use crate::{notes, reactions};

/// Items that are looked at together.
const PAGE: usize = 1000;
/// Items that are changed at once.
const AT_ONCE: usize = 16;
/// How often an item is looked at anew that others change at the same moment.
const TRIES: u32 = 10;
/// What is shown as the name of somebody whose account is gone.
const NAME: &str = "deleted user";
/// Attribute with the address of a picture.
const PICTURE: &str = "avatarUrl";

/// One page of a conversation.
#[derive(Debug, Default)]
pub struct Page {
    /// Uploads of the person that were never sent: their files go first.
    pub unsent: Vec<AttachmentRecord>,
    pub(crate) items: Vec<(Key, Item)>,
    /// Other members on the page: what they were notified of may name the person.
    members: Vec<UserId>,
    /// Where the next page goes on, if there is one.
    pub next: Option<String>,
    /// Read units that it took.
    pub(crate) units: f64,
}

/// What of a page of a conversation names somebody, from behind a sort key on. 0.5 read units for each 4 KB of the page.
pub async fn page(
    table: &Table,
    conversation: &ConversationId,
    user: &UserId,
    after: Option<&str>,
) -> Result<Page, StoreError> {
    let room = keys::room(conversation);
    let start = after.map(|after| HashMap::from([("PK".to_owned(), text(&room)), ("SK".to_owned(), text(after))]));
    let page = table.query_measured(PAGE, start, |query| {
        query.key_condition_expression("PK = :room").expression_attribute_values(":room", text(&room))
    });
    let Measured { items, next, units } = page.await?;
    let id = user.to_string();
    let mut found = Page { next: next.as_ref().map(key_of).transpose()?.map(|key| key.sk), units, ..Page::default() };
    for item in items {
        let member = item.get("SK").and_then(|key| key.as_s().ok()?.strip_prefix(keys::MEMBER_PREFIX));
        found.members.extend(member.and_then(|member| UserId::parse(member).ok()).filter(|member| member != user));
        if !item.values().any(|value| names(value, &id)) {
            continue;
        }
        let key = key_of(&item)?;
        if key.sk.starts_with(keys::ATTACHMENT_PREFIX) && !item.contains_key("sentAs") {
            found.unsent.push(decode(item.clone())?);
        }
        found.items.push((key, item));
    }
    Ok(found)
}

/// Takes somebody out of everything on a page, and out of what its members were notified of. 1 write unit for each KB of
/// each item; and for each member what [`notes`] takes.
pub async fn redact(table: &Table, user: &UserId, page: Page) -> Result<(), StoreError> {
    stream::iter(page.members.iter().map(Ok))
        .try_for_each_concurrent(AT_ONCE, |member| notes::forget_actor(table, member, user))
        .await?;
    let id = &user.to_string();
    let unsent: Vec<_> = page.unsent.iter().map(|record| record.id.as_str()).collect();
    let all = page.items.into_iter().map(|(key, item)| {
        let gone = key.sk.contains(id.as_str())
            || key.sk.strip_prefix(keys::ATTACHMENT_PREFIX).is_some_and(|id| unsent.contains(&id));
        Ok((key, item, gone))
    });
    stream::iter(all)
        .try_for_each_concurrent(AT_ONCE, |(key, item, gone)| async move {
            if gone { table.remove(&key).await } else { redact_one(table, id, &key, item).await }
        })
        .await
}

async fn redact_one(table: &Table, id: &str, key: &Key, mut item: Item) -> Result<(), StoreError> {
    for attempt in 0..TRIES {
        let Some(change) = Change::of(&item, id) else { return Ok(()) };
        let updated = table.update(key, |update| {
            update
                .update_expression(change.expression())
                .condition_expression(change.conditions.join(" AND "))
                .set_expression_attribute_names(Some(change.names.clone()))
                .set_expression_attribute_values(Some(change.values.clone()))
        });
        // What was written at the same moment may name the person too.
        item = if let Some(now) = updated.await? {
            now
        } else {
            tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
            let Some(now) = table.get_item(key, Consistency::Strong).await? else { return Ok(()) };
            now
        };
    }
    Err(StoreError::Unprocessed("UpdateItem"))
}

/// Whether a value names somebody anywhere.
fn names(value: &AttributeValue, id: &str) -> bool {
    match value {
        AttributeValue::S(text) => text.contains(id),
        AttributeValue::Ss(texts) => texts.iter().any(|text| text == id),
        AttributeValue::L(values) => values.iter().any(|value| names(value, id)),
        AttributeValue::M(values) => values.iter().any(|(name, value)| name == id || names(value, id)),
        _ => false,
    }
}

/// One conditional update that takes a person out of an item.
#[derive(Debug, Default)]
struct Change {
    sets: Vec<String>,
    removes: Vec<String>,
    deletes: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Change {
    /// Nothing where the person is not in the item. Words that contain an id are words: what people said stays as it is.
    fn of(item: &Item, id: &str) -> Option<Self> {
        let mut change = Self::default();
        let mut withdrawn = Vec::new();
        let mut attributes: Vec<_> = item.iter().filter(|(name, _)| *name != "PK" && *name != "SK").collect();
        attributes.sort_by_key(|(name, _)| *name);
        for (name, value) in attributes {
            let alone = matches!(value, AttributeValue::Ss(texts) if texts.as_slice() == [id]);
            if let Some(emoji) = name.strip_prefix(reactions::PREFIX).filter(|_| alone) {
                withdrawn.push(emoji.to_owned());
            }
            let path = change.name(name);
            change.visit(&path, value, id);
        }
        if change.conditions.is_empty() {
            return None;
        }
        if !withdrawn.is_empty() && item.contains_key("emoji") {
            let (path, value) = (change.name("emoji"), change.value(AttributeValue::Ss(withdrawn)));
            change.deletes.push(format!("{path} {value}"));
        }
        change.names.retain(|name, _| {
            let used = |parts: &Vec<String>| parts.iter().any(|part| mentions(part, name));
            [&change.sets, &change.removes, &change.deletes, &change.conditions].into_iter().any(used)
        });
        Some(change)
    }

    fn visit(&mut self, path: &str, value: &AttributeValue, id: &str) {
        match value {
            AttributeValue::S(text) if text == id => {
                let before = self.value(value.clone());
                let after = self.value(text_of(&UserId::ERASED.to_string()));
                self.sets.push(format!("{path} = {after}"));
                self.conditions.push(format!("{path} = {before}"));
            }
            // A picture of the person's own, shown as a group's.
            AttributeValue::S(address)
                if address.contains(id) && self.names.get(path).is_some_and(|it| it == PICTURE) =>
            {
                let before = self.value(value.clone());
                self.conditions.push(format!("{path} = {before}"));
                self.removes.push(path.to_owned());
            }
            AttributeValue::Ss(texts) if texts.iter().any(|text| text == id) => {
                let person = self.value(text_of(id));
                self.conditions.push(format!("contains({path}, {person})"));
                let size = self.value(AttributeValue::N("1".to_owned()));
                if texts.len() == 1 {
                    self.conditions.push(format!("size({path}) = {size}"));
                    self.removes.push(path.to_owned());
                } else {
                    self.conditions.push(format!("size({path}) > {size}"));
                    let these = self.value(AttributeValue::Ss(vec![id.to_owned()]));
                    self.deletes.push(format!("{path} {these}"));
                }
            }
            AttributeValue::L(values) => {
                for (place, value) in values.iter().enumerate() {
                    self.visit(&format!("{path}[{place}]"), value, id);
                }
            }
            AttributeValue::M(values) => {
                let mut values: Vec<_> = values.iter().collect();
                values.sort_by_key(|(name, _)| *name);
                for (name, value) in &values {
                    let inner = format!("{path}.{}", self.name(name));
                    if *name == id {
                        self.conditions.push(format!("attribute_exists({inner})"));
                        self.removes.push(inner);
                    } else {
                        self.visit(&inner, value, id);
                    }
                }
                self.visit_name(path, &values, id);
            }
            _ => {}
        }
    }

    /// The name that somebody had is kept beside the id in an answer to a message of theirs.
    fn visit_name(&mut self, path: &str, values: &[(&String, &AttributeValue)], id: &str) {
        let find =
            |name: &str| values.iter().find(|(other, _)| *other == name).and_then(|(_, value)| value.as_s().ok());
        if find("sender").is_some_and(|sender| sender == id) && find("senderName").is_some() {
            let (name, shown) = (self.name("senderName"), self.value(text_of(NAME)));
            self.sets.push(format!("{path}.{name} = {shown}"));
        }
    }

    fn name(&mut self, name: &str) -> String {
        if let Some((placeholder, _)) = self.names.iter().find(|(_, known)| *known == name) {
            return placeholder.clone();
        }
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        if let Some((placeholder, _)) = self.values.iter().find(|(_, known)| **known == value) {
            return placeholder.clone();
        }
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    fn expression(&self) -> String {
        let part = |word: &str, list: &[String]| (!list.is_empty()).then(|| format!("{word} {}", list.join(", ")));
        let parts = [part("SET", &self.sets), part("REMOVE", &self.removes), part("DELETE", &self.deletes)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Whether a placeholder stands in an expression, and not only the beginning of a longer one.
fn mentions(expression: &str, placeholder: &str) -> bool {
    expression
        .match_indices(placeholder)
        .any(|(at, _)| !expression[at + placeholder.len()..].starts_with(|next: char| next.is_ascii_digit()))
}

fn text_of(value: &str) -> AttributeValue {
    text(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "user_00000000-0000-0000-0000-000000000001";
    const OTHER: &str = "user_00000000-0000-0000-0000-000000000002";

    fn set(people: &[&str]) -> AttributeValue {
        AttributeValue::Ss(people.iter().map(|person| (*person).to_owned()).collect())
    }

    fn item(attributes: impl IntoIterator<Item = (&'static str, AttributeValue)>) -> Item {
        attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn expression(change: &Change) -> String {
        let mut all = change.expression();
        for (placeholder, name) in &change.names {
            all = all.replace(placeholder.as_str(), name);
        }
        all
    }

    #[test]
    fn whoever_is_not_in_an_item_leaves_it_as_it_is() {
        let message =
            item([("sender", text(OTHER)), ("content", text(format!("ask {ID}"))), ("reaction:x", set(&[OTHER]))]);
        assert!(Change::of(&message, ID).is_none());
    }

    #[test]
    fn the_id_goes_wherever_it_stands_and_the_name_with_it() {
        let answered = item([("sender", text(ID)), ("senderName", text("Ana"))]);
        let people = AttributeValue::L(vec![text(OTHER), text(ID)]);
        let message = item([("replyTo", AttributeValue::M(answered)), ("pair", people), ("sender", text(ID))]);
        let change = Change::of(&message, ID).unwrap();
        let expression = expression(&change);
        for part in ["replyTo.sender = ", "replyTo.senderName = ", "pair[1] = ", "sender = "] {
            assert!(expression.contains(part), "{expression}");
        }
        assert_eq!(change.conditions.len(), 3, "{:?}", change.conditions);
        assert!(change.values.values().any(|value| *value == text(NAME)));
    }

    #[test]
    fn the_last_reaction_takes_its_emoji_along_and_another_stays() {
        let message = item([
            ("emoji", set(&["x", "y"])),
            ("reaction:x", set(&[ID])),
            ("reaction:y", set(&[ID, OTHER])),
            ("sender", text(OTHER)),
        ]);
        let change = Change::of(&message, ID).unwrap();
        let expression = expression(&change);
        assert!(expression.contains("REMOVE reaction:x") && expression.contains("reaction:y :"), "{expression}");
        assert!(change.values.values().any(|value| *value == set(&["x"])), "the emoji of the other one stays");
    }
}
