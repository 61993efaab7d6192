//! Everything that is kept about a person, for that person (security J1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::auth::SessionView;
use crate::schema;
use crate::user::OwnProfile;

/// Query of `GET /api/users/me/export`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ExportQuery {
    /// What `nextCursor` gave.
    #[schemars(with = "String")]
    pub cursor: Option<String>,
}

/// Answer of `GET /api/users/me/export`: a part. All parts together are everything. Of other people there are ids alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportBody {
    /// The account; in the first part alone.
    pub account: Option<Box<ExportedAccount>>,
    /// Sign-ins.
    pub sessions: Vec<SessionView>,
    /// Devices that notifications go to.
    pub devices: Vec<ExportedDevice>,
    /// Friends, and requests for friendship.
    pub friends: Vec<ExportedTie>,
    /// People whom the caller has blocked.
    pub blocked: Vec<ExportedTie>,
    /// Messages that the caller deleted for themselves.
    pub hidden: Vec<ExportedPlace>,
    /// What the caller was notified of, in the last 90 days.
    pub notifications: Vec<ExportedNotification>,
    /// Up to which notification all are read.
    #[schemars(with = "Option<schema::NotificationId>")]
    pub notifications_read_up_to: Option<String>,
    /// Conversations that the caller is or was in.
    pub conversations: Vec<ExportedConversation>,
    /// Messages that the caller sent.
    pub messages: Vec<ExportedMessage>,
    /// Reactions of the caller.
    pub reactions: Vec<ExportedReaction>,
    /// Messages of others that mention the caller.
    pub mentions: Vec<ExportedPlace>,
    /// Files that the caller uploaded and has not sent; they are deleted after a day.
    pub uploads: Vec<ExportedUpload>,
    /// For the next part; null in the last.
    pub next_cursor: Option<String>,
}

/// What is kept of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedAccount {
    /// As its owner sees it.
    pub profile: OwnProfile,
    /// Whether a provider has verified the address.
    pub email_verified: bool,
    /// Whether there is a password; it is kept as a hash alone.
    pub has_password: bool,
    /// Where else the person signs in: issuer, and what it calls the person.
    pub identities: Vec<ExportedIdentity>,
    /// What others find the person by: beginnings of words of their names and address.
    pub found_by: Vec<String>,
    /// `online`, `away` or `offline`, as others see it.
    #[schemars(with = "schema::Availability")]
    pub presence: String,
    /// When the last connection was opened or closed.
    #[schemars(with = "Option<schema::Instant>")]
    pub last_seen: Option<String>,
    /// Connections that are open now.
    pub connections: Vec<ExportedConnection>,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedConnection {
    /// The sign-in it was opened with.
    #[schemars(with = "schema::SessionId")]
    pub session_id: String,
    /// When it was opened.
    #[schemars(with = "schema::Instant")]
    pub opened_at: String,
    /// The conversation that it looks at, if it said so.
    #[schemars(with = "Option<schema::ConversationId>")]
    pub viewing: Option<String>,
}

/// A sign-in elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedIdentity {
    /// The issuer.
    pub issuer: String,
    /// What the issuer calls the person.
    pub subject: String,
}

/// A device. What the push service knows it by is not told: whoever has that could send to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedDevice {
    /// `ios`, `android` or `web`.
    pub platform: String,
    /// The sign-in that registered it.
    #[schemars(with = "schema::SessionId")]
    pub session_id: String,
    /// When it was registered.
    #[schemars(with = "schema::Instant")]
    pub registered_at: String,
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedNotification {
    /// `note_…`
    #[schemars(with = "schema::NotificationId")]
    pub id: String,
    /// What happened.
    #[schemars(with = "schema::NotificationType")]
    pub r#type: String,
    /// Who did it.
    #[schemars(with = "schema::UserId")]
    pub actor_id: String,
    /// Where.
    #[schemars(with = "Option<schema::ConversationId>")]
    pub conversation_id: Option<String>,
    /// The message it is about.
    #[schemars(with = "Option<schema::MessageId>")]
    pub message_id: Option<String>,
    /// The reaction it is about.
    pub emoji: Option<String>,
    /// When it happened.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
    /// When it was read by itself.
    #[schemars(with = "Option<schema::Instant>")]
    pub read_at: Option<String>,
}

/// What another person is to the caller: by their id alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedTie {
    /// The other one.
    #[schemars(with = "schema::UserId")]
    pub user_id: String,
    /// `friends`, `outgoing`, `incoming` or `blocked`.
    pub tie: String,
    /// Since when.
    #[schemars(with = "schema::Instant")]
    pub since: String,
}

/// A message in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedPlace {
    /// The conversation.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// The message.
    #[schemars(with = "schema::MessageId")]
    pub message_id: String,
}

/// A conversation, and what it is to the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedConversation {
    /// `conv_…`
    #[schemars(with = "schema::ConversationId")]
    pub id: String,
    /// `direct` or `group`; absent where the caller is not in it any more.
    pub r#type: Option<String>,
    /// A group's name.
    pub name: Option<String>,
    /// `admin` or `member`.
    pub role: Option<String>,
    /// When the caller came.
    #[schemars(with = "Option<schema::Instant>")]
    pub joined_at: Option<String>,
    /// When the caller was there last, who is not in it any more.
    #[schemars(with = "Option<schema::Instant>")]
    pub left_at: Option<String>,
    /// Whether the caller made it.
    pub created: bool,
    /// Sequence number of the last message that the caller has read.
    pub last_read_seq: Option<u64>,
    /// Sequence number of the last message on one of the caller's devices.
    pub last_delivered_seq: Option<u64>,
    /// Up to which message the caller took it from their list.
    pub deleted_up_to_seq: Option<u64>,
    /// When markers or own settings last changed.
    #[schemars(with = "Option<schema::Instant>")]
    pub updated_at: Option<String>,
    /// Until when notifications are off.
    #[schemars(with = "Option<schema::Instant>")]
    pub muted_until: Option<String>,
    /// Whether it is kept at the top of the list.
    pub pinned: bool,
    /// Whether it was put away.
    pub archived: bool,
}

/// A message that the caller sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedMessage {
    /// `msg_…`
    #[schemars(with = "schema::MessageId")]
    pub id: String,
    /// Where it was sent.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// Its type.
    pub r#type: String,
    /// Its words.
    pub content: String,
    /// Their language.
    pub language: String,
    /// The message that it answers.
    #[schemars(with = "Option<schema::MessageId>")]
    pub answers: Option<String>,
    /// The file that was sent with it.
    pub attachment: Option<ExportedFile>,
    /// When it was sent.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
    /// When its words were last changed.
    #[schemars(with = "Option<schema::Instant>")]
    pub edited_at: Option<String>,
    /// When it was deleted for everybody.
    #[schemars(with = "Option<schema::Instant>")]
    pub deleted_at: Option<String>,
}

/// A reaction of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedReaction {
    /// The conversation.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// The message.
    #[schemars(with = "schema::MessageId")]
    pub message_id: String,
    /// The emoji.
    pub emoji: String,
}

/// A file of the caller's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedFile {
    /// `att_…`
    #[schemars(with = "schema::AttachmentId")]
    pub id: String,
    /// Key in the bucket.
    pub key: String,
    /// Its name.
    pub file_name: String,
    /// Its type.
    pub content_type: String,
    /// Its length in bytes.
    pub file_size: u64,
    /// Where it is for the next 15 minutes; null while it is inspected, when it was refused, and before it is sent.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub download_url: Option<String>,
}

/// A file that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedUpload {
    /// The conversation that it was uploaded for.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// The file.
    pub file: ExportedFile,
    /// When its upload was allowed.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
}
