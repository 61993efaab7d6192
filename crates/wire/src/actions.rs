//! What clients ask for about a message that was sent: `data` of the actions, and the bodies of the routes that do the
//! same.

use domain::message::{Content, Emoji};
use domain::{ConversationId, MessageId, Problem, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::schema;

/// `data` of `message:typing`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["conversationId", "isTyping"]))]
pub struct TypingData {
    /// Where somebody types.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: Field<String>,
    /// Whether they began or stopped.
    pub is_typing: Field<bool>,
}

/// Somebody begins or stops typing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// Where.
    pub conversation: ConversationId,
    /// Whether they began.
    pub is_typing: bool,
}

impl TypingData {
    /// The checked values; every bad field otherwise.
    pub fn check(self) -> Result<Typing, Problems> {
        let mut problems = Problems::new();
        let conversation = conversation(&mut problems, self.conversation_id);
        let is_typing = self.is_typing.require(&mut problems, "isTyping", Ok);
        let typing = conversation.zip(is_typing);
        problems.finish(typing.map(|(conversation, is_typing)| Typing { conversation, is_typing }))
    }
}

/// A message by its conversation and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePlace {
    /// Where it was sent.
    pub conversation: ConversationId,
    /// Which.
    pub message: MessageId,
}

/// The fields that name a message.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PlaceFields {
    /// Where the message was sent.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: Field<String>,
    /// The message.
    #[schemars(with = "schema::MessageId")]
    pub message_id: Field<String>,
}

impl PlaceFields {
    fn check(self, problems: &mut Problems) -> Option<MessagePlace> {
        let conversation = conversation(problems, self.conversation_id);
        let message = self.message_id.require(problems, "messageId", |text| MessageId::parse(&text));
        conversation.zip(message).map(|(conversation, message)| MessagePlace { conversation, message })
    }
}

/// `data` of `message:read` and `message:delivered`: the message, and all before it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["conversationId", "messageId"]))]
pub struct MarkerData {
    /// Which message.
    #[serde(flatten)]
    pub place: PlaceFields,
    /// When it was sent. Not needed any more: the id alone is enough, and this is not read.
    #[schemars(with = "Option<schema::Instant>")]
    pub message_timestamp: Field<String>,
}

impl MarkerData {
    /// The checked values; every bad field otherwise.
    pub fn check(self) -> Result<MessagePlace, Problems> {
        let mut problems = Problems::new();
        let place = self.place.check(&mut problems);
        problems.finish(place)
    }
}

/// `data` of `message:reaction`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["conversationId", "messageId", "emoji"]))]
pub struct ReactionData {
    /// Which message.
    #[serde(flatten)]
    pub place: PlaceFields,
    /// When it was sent. Not needed any more: the id alone is enough, and this is not read.
    #[schemars(with = "Option<schema::Instant>")]
    pub message_timestamp: Field<String>,
    /// One emoji.
    #[schemars(length(min = 1, max = 64))]
    pub emoji: Field<String>,
}

/// Somebody reacts to a message, or takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// To which message.
    pub place: MessagePlace,
    /// With what.
    pub emoji: Emoji,
}

impl ReactionData {
    /// The checked values; every bad field otherwise.
    pub fn check(self) -> Result<Reaction, Problems> {
        let mut problems = Problems::new();
        let place = self.place.check(&mut problems);
        let emoji = self.emoji.require(&mut problems, "emoji", |text| Emoji::parse(&text));
        problems.finish(place.zip(emoji).map(|(place, emoji)| Reaction { place, emoji }))
    }
}

/// `data` of `message:edit`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["conversationId", "messageId", "content"]))]
pub struct EditMessageData {
    /// Which message.
    #[serde(flatten)]
    pub place: PlaceFields,
    /// Its new words.
    pub content: Field<String>,
}

/// Body of `PATCH …/messages/{messageId}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["content"]))]
pub struct EditMessageRequest {
    /// Its new words.
    pub content: Field<String>,
}

/// New words for a message.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Which message.
    pub place: MessagePlace,
    /// What it says from now on.
    pub content: Content,
}

impl EditMessageData {
    /// The checked values; every bad field otherwise.
    pub fn check(self, max_characters: usize) -> Result<Edit, Problems> {
        let mut problems = Problems::new();
        let place = self.place.check(&mut problems);
        let content = content(&mut problems, self.content, max_characters);
        problems.finish(place.zip(content).map(|(place, content)| Edit { place, content }))
    }
}

impl EditMessageRequest {
    /// The checked values; every bad field otherwise.
    pub fn check(self, place: MessagePlace, max_characters: usize) -> Result<Edit, Problems> {
        let mut problems = Problems::new();
        let content = content(&mut problems, self.content, max_characters);
        problems.finish(content.map(|content| Edit { place, content }))
    }
}

/// `data` of `message:delete`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["conversationId", "messageId"]))]
pub struct DeleteMessageData {
    /// Which message.
    #[serde(flatten)]
    pub place: PlaceFields,
    /// Whether for everybody, which only its sender can; otherwise for the caller alone.
    pub for_everyone: Field<bool>,
}

/// Body of `DELETE …/messages/{messageId}`; may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DeleteMessageRequest {
    /// Whether for everybody, which only its sender can; otherwise for the caller alone.
    pub for_everyone: Field<bool>,
}

/// Query of `DELETE …/messages/{messageId}`, for clients whose HTTP library sends no body with DELETE.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DeleteMessageQuery {
    /// `true` or `false`, as in the body, which comes first.
    #[schemars(with = "bool")]
    pub for_everyone: Option<String>,
}

/// A message to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Which message.
    pub place: MessagePlace,
    /// Whether for everybody.
    pub for_everyone: bool,
}

impl DeleteMessageData {
    /// The checked values, for everybody or not where the client does not say; every bad field otherwise.
    pub fn check(self, by_default: bool) -> Result<Deletion, Problems> {
        let mut problems = Problems::new();
        let place = self.place.check(&mut problems);
        let for_everyone = self.for_everyone.allow(&mut problems, "forEveryone", Ok).unwrap_or(by_default);
        problems.finish(place.map(|place| Deletion { place, for_everyone }))
    }
}

impl DeleteMessageRequest {
    /// The checked values; every bad field otherwise.
    pub fn check(self, query: &DeleteMessageQuery, place: MessagePlace) -> Result<Deletion, Problems> {
        let mut problems = Problems::new();
        let in_body = self.for_everyone.allow(&mut problems, "forEveryone", Ok);
        let in_query = problems.allow("forEveryone", query.for_everyone.as_deref(), |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Problem::new("must be true or false")),
        });
        problems.finish(Some(Deletion { place, for_everyone: in_body.or(in_query).unwrap_or_default() }))
    }
}

fn conversation(problems: &mut Problems, field: Field<String>) -> Option<ConversationId> {
    field.require(problems, "conversationId", |text| ConversationId::parse(&text))
}

fn content(problems: &mut Problems, field: Field<String>, max_characters: usize) -> Option<Content> {
    field.require(problems, "content", |text| match Content::parse(&text, max_characters)? {
        blank if blank.is_blank() => Err(Problem::new("must not be empty")),
        content => Ok(content),
    })
}
