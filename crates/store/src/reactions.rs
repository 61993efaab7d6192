//! Reactions: for each emoji a set of people, in an attribute of the message's item. Sets are added to and taken from by
//! DynamoDB itself, so that parallel reactions lose nothing (security K2).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::message::Emoji;
use domain::{ConversationId, MessageId, UserId};

use crate::error::StoreError;
use crate::keys;
use crate::messages::MessageRecord;
use crate::table::{Item, Table, attributes, number, text};

/// Emoji to the people who reacted with it.
pub type Reactions = BTreeMap<String, BTreeSet<String>>;

/// How many different emoji a message takes.
pub const MOST: usize = 20;

/// Names of the attributes that hold reactions start with this.
pub(crate) const PREFIX: &str = "reaction:";

/// How often a reaction is tried while others change the same emoji of the same message at the same moment.
const TRIES: u32 = 30;

/// What became of a reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reacted {
    /// It is there now.
    Added(MessageRecord),
    /// It was there, and is not any more.
    Removed(MessageRecord),
    /// The message has as many different emoji as it takes.
    TooMany,
    /// The message was deleted for everybody.
    Deleted,
    /// There is no such message.
    Missing,
}

/// The reactions in a message's item.
pub(crate) fn of(item: &Item) -> Reactions {
    let people = |value: &AttributeValue| Some(value.as_ss().ok()?.iter().cloned().collect());
    item.iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), people(value)?))).collect()
}

/// The emoji whose people are in the attribute of this name, if it is one of those.
pub(crate) fn emoji_of(attribute: &str) -> Option<&str> {
    attribute.strip_prefix(PREFIX)
}

/// Name of the attribute for an emoji.
pub(crate) fn attribute(emoji: &str) -> String {
    format!("{PREFIX}{emoji}")
}

/// Adds somebody's reaction to a message, or takes it back if it is there. 1 write unit for each KB of the message; 2
/// to take one back.
pub async fn toggle(
    table: &Table,
    conversation: &ConversationId,
    id: MessageId,
    user: &UserId,
    emoji: &Emoji,
) -> Result<Reacted, StoreError> {
    let (user, emoji) = (user.to_string(), emoji.as_str());
    let mut step = Step::Add;
    for attempt in 0..TRIES {
        let update = table
            .client()
            .update_item()
            .table_name(table.name())
            .set_key(Some(attributes(&keys::message(conversation, id))))
            .expression_attribute_names("#people", attribute(emoji))
            .expression_attribute_values(":user", text(&user))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let one = |text: &str| AttributeValue::Ss(vec![text.to_owned()]);
        let update = match step {
            Step::Add => update
                .update_expression("ADD #people :these, emoji :emoji")
                .condition_expression(
                    "attribute_exists(PK) AND attribute_not_exists(deletedAt) AND NOT contains(#people, :user) \
                     AND (attribute_not_exists(emoji) OR contains(emoji, :one) OR size(emoji) < :most)",
                )
                .expression_attribute_values(":these", one(&user))
                .expression_attribute_values(":emoji", one(emoji))
                .expression_attribute_values(":one", text(emoji))
                .expression_attribute_values(":most", number(MOST)),
            Step::Remove => update
                .update_expression("DELETE #people :these")
                .condition_expression("contains(#people, :user) AND size(#people) > :last")
                .expression_attribute_values(":these", one(&user))
                .expression_attribute_values(":last", number(1)),
            // The last one takes the emoji along.
            Step::RemoveLast => update
                .update_expression("REMOVE #people DELETE emoji :emoji")
                .condition_expression("contains(#people, :user) AND size(#people) = :last")
                .expression_attribute_values(":emoji", one(emoji))
                .expression_attribute_values(":last", number(1)),
        };
        let found = match update.send().await {
            Ok(answer) => {
                let message = MessageRecord::read(answer.attributes.unwrap_or_default())?;
                return Ok(if step == Step::Add { Reacted::Added(message) } else { Reacted::Removed(message) });
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(unmet)) => unmet.item().cloned(),
                _ => return Err(StoreError::unavailable("UpdateItem")(error)),
            },
        };
        let Some(found) = found else { return Ok(Reacted::Missing) };
        if found.contains_key("deletedAt") {
            return Ok(Reacted::Deleted);
        }
        let reactions = of(&found);
        let next = match reactions.get(emoji) {
            Some(people) if people.contains(&user) && people.len() > 1 => Step::Remove,
            Some(people) if people.contains(&user) => Step::RemoveLast,
            None if reactions.len() >= MOST => return Ok(Reacted::TooMany),
            _ => Step::Add,
        };
        if next == step {
            // Somebody else changed the same between this try and what it found: a moment later again.
            tokio::time::sleep(Duration::from_millis(u64::from(attempt))).await;
        }
        step = next;
    }
    Err(StoreError::Unprocessed("UpdateItem"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Add,
    Remove,
    RemoveLast,
}
