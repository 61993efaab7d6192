//! Messages.

use std::collections::BTreeMap;

use domain::message::{Content, Draft, MessageType, TempId};
use domain::{AttachmentId, ConversationId, Language, MessageId, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::schema;
use crate::user::Participant;

/// `data` of `message:send`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["conversationId"]))]
pub struct SendMessageData {
    /// Where it goes.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: Field<String>,
    /// The message.
    #[serde(flatten)]
    pub message: SendMessageRequest,
}

/// Body of `POST /api/conversations/{conversationId}/messages`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SendMessageRequest {
    /// Its words, at most 5,000 characters by default; may be empty beside an attachment.
    pub content: Field<String>,
    /// `text` (default), `image`, `gif`, `file`, `voice` or `video`, in any case.
    #[schemars(with = "schema::MessageType")]
    pub r#type: Field<String>,
    /// An upload of this conversation. Only its `id` is read: the rest is the server's to say.
    pub attachment: Field<AttachmentReference>,
    /// Whether a document's words are translated too.
    pub translate_document: Field<bool>,
    /// The message it answers. Only its `messageId` is read: the rest is the server's to say.
    pub reply_to: Field<ReplyReference>,
    /// The client's name for the message: makes a retry harmless for at least 24 hours.
    #[schemars(length(min = 1, max = 128))]
    pub temp_id: Field<String>,
    /// Another name for `tempId`.
    #[schemars(length(min = 1, max = 128))]
    pub client_message_id: Field<String>,
}

/// An attachment as a client names it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["id"]))]
pub struct AttachmentReference {
    /// `att_…` from `upload-url`.
    #[schemars(with = "schema::AttachmentId")]
    pub id: Field<String>,
}

/// An answered message as a client names it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["messageId"]))]
pub struct ReplyReference {
    /// `msg_…` in the same conversation.
    #[schemars(with = "schema::MessageId")]
    pub message_id: Field<String>,
}

impl SendMessageData {
    /// The checked draft; every bad field otherwise.
    pub fn check(self, max_characters: usize) -> Result<Draft, Problems> {
        let mut problems = Problems::new();
        let conversation =
            self.conversation_id.require(&mut problems, "conversationId", |text| ConversationId::parse(&text));
        self.message.checked(problems, conversation, max_characters)
    }
}

impl SendMessageRequest {
    /// The checked draft of a message to this conversation; every bad field otherwise.
    pub fn check(self, conversation: ConversationId, max_characters: usize) -> Result<Draft, Problems> {
        self.checked(Problems::new(), Some(conversation), max_characters)
    }

    fn checked(
        self,
        mut problems: Problems,
        conversation: Option<ConversationId>,
        max_characters: usize,
    ) -> Result<Draft, Problems> {
        let kind =
            self.r#type.allow(&mut problems, "type", |text| MessageType::parse(&text)).unwrap_or(MessageType::Text);
        let content = if self.content.is_absent() { Field::Given(String::new()) } else { self.content };
        let content = content.require(&mut problems, "content", |text| Content::parse(&text, max_characters));
        let attachment = self.attachment.allow(&mut problems, "attachment", Ok).and_then(|reference| {
            reference.id.require(&mut problems, "attachment.id", |text| AttachmentId::parse(&text))
        });
        let translate_document = self.translate_document.allow(&mut problems, "translateDocument", Ok);
        let reply_to = self.reply_to.allow(&mut problems, "replyTo", Ok).and_then(|reference| {
            reference.message_id.require(&mut problems, "replyTo.messageId", |text| MessageId::parse(&text))
        });
        let other_name = self.client_message_id.allow(&mut problems, "clientMessageId", |text| TempId::parse(&text));
        let temp_id = self.temp_id.allow(&mut problems, "tempId", |text| TempId::parse(&text)).or(other_name);
        let draft = conversation.zip(content).map(|(conversation, content)| Draft {
            conversation,
            kind,
            content,
            attachment,
            translate_document: translate_document.unwrap_or_default(),
            reply_to,
            temp_id,
        });
        // The rule over several fields is told together with the rest.
        if let Some(more) = draft.as_ref().and_then(Draft::problem) {
            problems.merge(more);
        }
        problems.finish(draft)
    }
}

/// A message as one reader sees it. `senderName`, `content`, `attachments` and `timestamp` are for older clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageView {
    /// `msg_…`
    #[schemars(with = "schema::MessageId")]
    pub id: String,
    /// Where it was sent.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// Place in the conversation, counted from 1: a gap tells a client to fetch.
    pub seq: u64,
    /// Who sent it.
    #[schemars(with = "schema::UserId")]
    pub sender_id: String,
    /// Who sent it, for display.
    pub sender: Participant,
    /// The sender's display name, as older clients read it.
    pub sender_name: String,
    /// `text`, `image`, `gif`, `file`, `voice` or `video`.
    #[schemars(with = "schema::MessageType")]
    pub r#type: String,
    /// The words as they were written.
    pub original_content: String,
    /// The same, under the older clients' name.
    pub content: String,
    /// Language they were written in.
    #[schemars(with = "schema::LanguageCode")]
    pub original_language: String,
    /// The words in the reader's language; the original where there is no translation (yet).
    pub translated_content: String,
    /// The reader's language.
    #[schemars(with = "schema::LanguageCode")]
    pub target_language: String,
    /// `sent`, `delivered` or `read`: how far the slowest other member has come.
    #[schemars(with = "schema::MessageStatus")]
    pub status: String,
    /// Who is mentioned in its words by `@username`: members of the conversation, at most 50.
    #[schemars(with = "Vec<schema::UserId>")]
    pub mentions: Vec<String>,
    /// Emoji to the people who reacted with it.
    #[schemars(with = "BTreeMap<String, Vec<schema::UserId>>")]
    pub reactions: BTreeMap<String, Vec<String>>,
    /// Other members who have read it; in groups of more than a hundred people only on request.
    #[schemars(with = "Vec<schema::UserId>")]
    pub read_by: Vec<String>,
    /// Attachment, if any.
    pub attachment: Option<AttachmentView>,
    /// The same as a list, as the oldest clients read it.
    pub attachments: Vec<AttachmentView>,
    /// The answered message, if any.
    pub reply_to: Option<ReplyView>,
    /// Whether its words were changed.
    pub edited: bool,
    /// When they were last changed.
    #[schemars(with = "Option<schema::Instant>")]
    pub edited_at: Option<String>,
    /// Whether it was deleted for everybody: then it has no words, reactions or attachment any more.
    pub deleted: bool,
    /// When it was deleted.
    #[schemars(with = "Option<schema::Instant>")]
    pub deleted_at: Option<String>,
    /// When it was sent.
    #[schemars(with = "schema::Instant")]
    pub timestamp: String,
    /// The same.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachmentView {
    /// `att_…`
    #[schemars(with = "schema::AttachmentId")]
    pub id: String,
    /// Key in the bucket.
    pub key: String,
    /// Original file name.
    pub file_name: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub file_size: u64,
    /// `image`, `video`, `audio` or `document`.
    #[schemars(with = "schema::AttachmentCategory")]
    pub category: String,
    /// `pending` until it has been inspected, then `ready` to be downloaded or `refused` for ever.
    #[schemars(with = "schema::FileState")]
    pub state: String,
    /// Who uploaded it, which is who sent it.
    #[schemars(with = "schema::UserId")]
    pub uploaded_by: String,
    /// When it was uploaded.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
}

/// The message that another one answers, looked up by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplyView {
    /// `msg_…`
    #[schemars(with = "schema::MessageId")]
    pub message_id: String,
    /// Its first 100 characters, as they are now; empty once it is deleted.
    pub content: String,
    /// Who sent it.
    #[schemars(with = "schema::UserId")]
    pub sender_id: String,
    /// That person's display name.
    pub sender_name: String,
    /// Its type.
    #[schemars(with = "schema::MessageType")]
    pub r#type: String,
}

/// Query of `GET /api/conversations/{conversationId}/messages`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListMessagesQuery {
    /// How many, 1 to 100; 50 when absent.
    #[schemars(with = "schema::PageSize", extend("default" = 50))]
    pub limit: Option<String>,
    /// What `nextCursor` gave, or a timestamp: messages before it.
    #[schemars(with = "String")]
    pub cursor: Option<String>,
    /// A message id: messages before it.
    #[schemars(with = "schema::MessageId")]
    pub before: Option<String>,
    /// A message id: messages after it.
    #[schemars(with = "schema::MessageId")]
    pub after: Option<String>,
}

/// Answer of `GET …/messages`: oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessagesBody {
    /// One page.
    pub messages: Vec<MessageView>,
    /// Whether there are more in the direction that was asked for.
    pub has_more: bool,
    /// For the next page in that direction; null on the last.
    pub next_cursor: Option<String>,
}

/// `{ "message": … }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageBody {
    /// The message.
    pub message: MessageView,
}

/// Answer of `GET …/messages/{messageId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageDetailsBody {
    /// The message.
    pub message: MessageView,
    /// How far everybody but its sender has come with it.
    pub receipts: Vec<ReceiptView>,
}

/// How far one member has come with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptView {
    /// Who.
    #[schemars(with = "schema::UserId")]
    pub user_id: String,
    /// `sent`, `delivered` or `read`.
    #[schemars(with = "schema::MessageStatus")]
    pub status: String,
}

/// Body of `POST …/messages/{messageId}/translate`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["targetLanguage"]))]
pub struct TranslateMessageRequest {
    /// The language to read it in.
    #[schemars(with = "schema::LanguageCode")]
    pub target_language: Field<String>,
}

impl TranslateMessageRequest {
    /// The checked language; what is wrong with it otherwise.
    pub fn check(self) -> Result<Language, Problems> {
        let mut problems = Problems::new();
        let target = self.target_language.require(&mut problems, "targetLanguage", |text| Language::parse(&text));
        problems.finish(target)
    }
}

/// Answer of `POST …/messages/{messageId}/translate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TranslationBody {
    /// The message.
    #[schemars(with = "schema::MessageId")]
    pub message_id: String,
    /// Where it was sent.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// The words as they were written.
    pub original_content: String,
    /// Language they were written in.
    #[schemars(with = "schema::LanguageCode")]
    pub original_language: String,
    /// The words in the language that was asked for.
    pub translated_content: String,
    /// That language.
    #[schemars(with = "schema::LanguageCode")]
    pub target_language: String,
}

/// Body of `POST /api/messages/preview-translation`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["content", "targetLanguage"]))]
pub struct PreviewRequest {
    /// The words.
    pub content: Field<String>,
    /// The language to see them in.
    #[schemars(with = "schema::LanguageCode")]
    pub target_language: Field<String>,
}

impl PreviewRequest {
    /// The checked values; every bad field otherwise.
    pub fn check(self, max_characters: usize) -> Result<(Content, Language), Problems> {
        let mut problems = Problems::new();
        let content = self.content.require(&mut problems, "content", |text| Content::parse(&text, max_characters));
        let target = self.target_language.require(&mut problems, "targetLanguage", |text| Language::parse(&text));
        problems.finish(content.zip(target))
    }
}

/// Answer of `POST /api/messages/preview-translation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewBody {
    /// The words.
    pub original_content: String,
    /// The words in the other language.
    pub translated_content: String,
    /// The language they were taken for.
    #[schemars(with = "schema::LanguageCode")]
    pub detected_language: String,
    /// The other language.
    #[schemars(with = "schema::LanguageCode")]
    pub target_language: String,
}

/// Answer of `DELETE …/messages/{messageId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeletedBody {
    /// Always true: what did not succeed is answered with an error.
    pub success: bool,
    /// The message.
    #[schemars(with = "schema::MessageId")]
    pub message_id: String,
    /// Where it was sent.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// When it was deleted for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::Instant")]
    pub deleted_at: Option<String>,
    /// That it was deleted for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub deleted_for_everyone: Option<bool>,
    /// That it was deleted for the caller alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub deleted_for_me: Option<bool>,
    /// Everybody who was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<schema::UserId>")]
    pub participant_ids: Option<Vec<String>>,
}
