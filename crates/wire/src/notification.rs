//! Notifications.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;
use crate::user::Participant;

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationView {
    /// `note_…`
    #[schemars(with = "schema::NotificationId")]
    pub id: String,
    /// `friend_request`, `friend_accepted`, `conversation_added`, `mention` or `reaction`: what a client makes words of.
    #[schemars(with = "schema::NotificationType")]
    pub r#type: String,
    /// A sentence in English, for clients that make none of their own.
    pub content: String,
    /// Who did it.
    pub actor: Participant,
    /// Where, unless it is about the reader alone.
    #[schemars(with = "Option<schema::ConversationId>")]
    pub conversation_id: Option<String>,
    /// The message it is about.
    #[schemars(with = "Option<schema::MessageId>")]
    pub message_id: Option<String>,
    /// The reaction it is about.
    pub emoji: Option<String>,
    /// Whether it was read.
    pub is_read: bool,
    /// When it happened.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
}

/// Answer of `GET /api/notifications`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationsBody {
    /// One page, the latest first.
    pub notifications: Vec<NotificationView>,
    /// How many are unread, counted up to 1,000.
    pub unread_count: usize,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Answer of `POST /api/notifications/{notificationId}/read` and `POST /api/notifications/read-all`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationsReadBody {
    /// Always true.
    pub success: bool,
    /// How many are unread now, counted up to 1,000.
    pub unread_count: usize,
}
