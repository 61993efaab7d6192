//! Changing and deleting a message that was sent: its sender alone can, and a deleted one stays deleted.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{ConversationId, MessageId, Timestamp, UserId};

use crate::conversations::LastMessage;
use crate::error::StoreError;
use crate::keys;
use crate::messages::MessageRecord;
use crate::reactions;
use crate::table::{Item, Table, attributes, number, text};

/// New words of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<'a> {
    /// The words.
    pub content: &'a str,
    /// Their language.
    pub language: &'a str,
    /// Who is mentioned in them.
    pub mentions: &'a BTreeSet<String>,
}

/// What became of an attempt to change or delete a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// It is done: the message as it is now after a change, as it was before when it was deleted.
    Done(MessageRecord),
    /// Somebody else sent it.
    NotTheSender,
    /// It was deleted for everybody before.
    Deleted(MessageRecord),
    /// There is no such message.
    Missing,
}

/// Whose message it is, and that it is there.
const OWN: &str = "sender = :sender AND attribute_not_exists(deletedAt)";

/// Changes the words of a message. 1 write unit for each KB. Of changes at once each is later than the one before, by a
/// millisecond at least: `editedAt` tells everybody which words came last.
pub async fn rewrite(
    table: &Table,
    (conversation, id): (&ConversationId, MessageId),
    sender: &UserId,
    words: &Words<'_>,
    now: Timestamp,
) -> Result<Edited, StoreError> {
    let mut at = now;
    let mentions = if words.mentions.is_empty() { " REMOVE mentions" } else { ", mentions = :mentions" };
    loop {
        let update = update(table, conversation, id, sender, at)
            // "language" is a reserved word.
            .update_expression(format!("SET content = :content, #language = :language, editedAt = :now{mentions}"))
            .condition_expression(format!("{OWN} AND (attribute_not_exists(editedAt) OR editedAt < :now)"))
            .expression_attribute_names("#language", "language")
            .expression_attribute_values(":content", text(words.content))
            .expression_attribute_values(":language", text(words.language))
            .return_values(ReturnValue::AllNew);
        let update = if words.mentions.is_empty() {
            update
        } else {
            let people = words.mentions.iter().cloned().collect();
            update.expression_attribute_values(":mentions", AttributeValue::Ss(people))
        };
        match run(update).await? {
            Ok(message) => return Ok(Edited::Done(message)),
            Err(Some(MessageRecord { sender: own, deleted_at: None, edited_at: Some(other), .. }))
                if own == sender.to_string() =>
            {
                at = Timestamp::from_millis(other + 1);
            }
            Err(found) => return Ok(refusal(found, sender)),
        }
    }
}

/// Deletes a message for everybody: what it said, answered and got in reactions is gone, the record remains. 1 write
/// unit for each KB, twice if there were reactions.
pub async fn delete(
    table: &Table,
    (conversation, id): (&ConversationId, MessageId),
    sender: &UserId,
    now: Timestamp,
) -> Result<Edited, StoreError> {
    let update = update(table, conversation, id, sender, now)
        .update_expression(
            "SET content = :nothing, deletedAt = :now REMOVE replyTo, editedAt, attachment, emoji, mentions",
        )
        .expression_attribute_values(":nothing", text(""))
        .return_values(ReturnValue::AllOld);
    let before = match run(update).await? {
        Ok(before) => before,
        Err(found) => return Ok(refusal(found, sender)),
    };
    if !before.reactions.is_empty() {
        let names: Vec<_> = (0..before.reactions.len()).map(|place| format!("#r{place}")).collect();
        let mut update = table
            .client()
            .update_item()
            .table_name(table.name())
            .set_key(Some(attributes(&keys::message(conversation, id))))
            .update_expression(format!("REMOVE {}", names.join(", ")));
        for (name, emoji) in names.into_iter().zip(before.reactions.keys()) {
            update = update.expression_attribute_names(name, reactions::attribute(emoji));
        }
        update.send().await.map_err(StoreError::unavailable("UpdateItem"))?;
    }
    Ok(Edited::Done(before))
}

fn update(
    table: &Table,
    conversation: &ConversationId,
    id: MessageId,
    sender: &UserId,
    now: Timestamp,
) -> UpdateItemFluentBuilder {
    table
        .client()
        .update_item()
        .table_name(table.name())
        .set_key(Some(attributes(&keys::message(conversation, id))))
        .condition_expression(OWN)
        .expression_attribute_values(":sender", text(sender.to_string()))
        .expression_attribute_values(":now", number(now.millis()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
}

/// The message, or what was found where it could not be changed.
async fn run(update: UpdateItemFluentBuilder) -> Result<Result<MessageRecord, Option<MessageRecord>>, StoreError> {
    match update.send().await {
        Ok(answer) => Ok(Ok(MessageRecord::read(answer.attributes.unwrap_or_default())?)),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(unmet)) => {
                Ok(Err(unmet.item().cloned().map(MessageRecord::read).transpose()?))
            }
            _ => Err(StoreError::unavailable("UpdateItem")(error)),
        },
    }
}

/// Why a message could not be changed.
fn refusal(found: Option<MessageRecord>, sender: &UserId) -> Edited {
    match found {
        None => Edited::Missing,
        Some(message) if message.sender != sender.to_string() => Edited::NotTheSender,
        Some(message) => Edited::Deleted(message),
    }
}

/// Shows the latest message of a conversation as it is now, if it still is the latest. 1 write unit for each KB of the
/// conversation.
pub async fn show_as_latest(
    table: &Table,
    conversation: &ConversationId,
    id: MessageId,
    last_message: &LastMessage,
) -> Result<(), StoreError> {
    let shown: Item = serde_dynamo::to_item(last_message).map_err(StoreError::unreadable)?;
    let key = keys::conversation(conversation);
    // A deletion stays whatever comes, and comes whatever is there; of two changes the later one stays.
    let order = match last_message.deleted_at {
        Some(_) => "attribute_not_exists(lastMessage.deletedAt)",
        None => {
            "attribute_not_exists(lastMessage.deletedAt) \
             AND (attribute_not_exists(lastMessage.editedAt) OR lastMessage.editedAt <= :at)"
        }
    };
    let update = table.update(&key, |update| {
        let update = update
            .update_expression("SET lastMessage = :message")
            .condition_expression(format!("seq = :seq AND {order}"))
            .expression_attribute_values(":message", AttributeValue::M(shown.clone()))
            .expression_attribute_values(":seq", number(id.sequence()));
        match last_message.deleted_at {
            Some(_) => update,
            // Not used is an error.
            None => update.expression_attribute_values(":at", number(last_message.edited_at.unwrap_or_default())),
        }
    });
    update.await.map(drop)
}
