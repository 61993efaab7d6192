//! Changing and deleting a message that was sent: its sender alone can, and a deleted one stays deleted.

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

/// Changes the words of a message. 1 write unit for each KB.
pub async fn rewrite(
    table: &Table,
    (conversation, id): (&ConversationId, MessageId),
    sender: &UserId,
    words: &Words<'_>,
    now: Timestamp,
) -> Result<Edited, StoreError> {
    let update = update(table, conversation, id, sender, now)
        // "language" is a reserved word.
        .update_expression("SET content = :content, #language = :language, editedAt = :now")
        .expression_attribute_names("#language", "language")
        .expression_attribute_values(":content", text(words.content))
        .expression_attribute_values(":language", text(words.language))
        .return_values(ReturnValue::AllNew);
    run(update, sender).await
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
        .update_expression("SET content = :nothing, deletedAt = :now REMOVE replyTo, editedAt, attachment, emoji")
        .expression_attribute_values(":nothing", text(""))
        .return_values(ReturnValue::AllOld);
    let edited = run(update, sender).await?;
    if let Edited::Done(before) = &edited
        && !before.reactions.is_empty()
    {
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
    Ok(edited)
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
        .condition_expression("sender = :sender AND attribute_not_exists(deletedAt)")
        .expression_attribute_values(":sender", text(sender.to_string()))
        .expression_attribute_values(":now", number(now.millis()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
}

async fn run(update: UpdateItemFluentBuilder, sender: &UserId) -> Result<Edited, StoreError> {
    match update.send().await {
        Ok(answer) => Ok(Edited::Done(MessageRecord::read(answer.attributes.unwrap_or_default())?)),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(unmet)) => {
                let Some(found) = unmet.item() else { return Ok(Edited::Missing) };
                let found = MessageRecord::read(found.clone())?;
                let own = found.sender == sender.to_string();
                Ok(if own { Edited::Deleted(found) } else { Edited::NotTheSender })
            }
            _ => Err(StoreError::unavailable("UpdateItem")(error)),
        },
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
    let at = last_message.deleted_at.or(last_message.edited_at).unwrap_or_default();
    let update = table.update(&key, |update| {
        update
            .update_expression("SET lastMessage = :message")
            // Of two changes at once the later one stays, and a deletion whatever comes.
            .condition_expression(
                "seq = :seq AND attribute_not_exists(lastMessage.deletedAt) \
                 AND (attribute_not_exists(lastMessage.editedAt) OR lastMessage.editedAt <= :at)",
            )
            .expression_attribute_values(":message", AttributeValue::M(shown.clone()))
            .expression_attribute_values(":seq", number(id.sequence()))
            .expression_attribute_values(":at", number(at))
    });
    update.await.map(drop)
}
