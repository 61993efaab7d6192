//! What a member does with a conversation for themselves: read it, mute it, put it away, delete it.

use domain::{ConversationId, MessageId, Problem, Problems, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;
use crate::{Clearable, Field};

/// Body of `POST /api/conversations/{conversationId}/read`; may be absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadRequest {
    /// The last message that was read; the latest of the conversation when absent.
    #[schemars(with = "schema::MessageId")]
    pub last_read_message_id: Field<String>,
}

impl ReadRequest {
    /// The message, if one is named; what is wrong otherwise.
    pub fn check(self) -> Result<Option<MessageId>, Problems> {
        let mut problems = Problems::new();
        let id = self.last_read_message_id.allow(&mut problems, "lastReadMessageId", |text| MessageId::parse(&text));
        problems.finish(Some(id))
    }
}

/// Answer of `POST …/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadBody {
    /// Always true.
    pub success: bool,
    /// The conversation.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// When it was read.
    #[schemars(with = "schema::Instant")]
    pub last_read_at: String,
}

/// Body of `PATCH /api/conversations/{conversationId}/settings`: what is absent stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationSettingsRequest {
    /// Until when notifications are off; `null` turns them on.
    #[schemars(with = "Option<schema::Instant>")]
    pub muted_until: Clearable<String>,
    /// Whether it is kept at the top of the list.
    pub pinned: Field<bool>,
    /// Whether it is put away.
    pub archived: Field<bool>,
}

/// Checked settings; what is absent stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnSettings {
    /// Until when notifications are off; `Some(None)` turns them on.
    pub muted_until: Option<Option<Timestamp>>,
    /// Kept at the top of the list.
    pub pinned: Option<bool>,
    /// Put away.
    pub archived: Option<bool>,
}

impl ConversationSettingsRequest {
    /// The checked settings; every bad field otherwise.
    pub fn check(self) -> Result<OwnSettings, Problems> {
        let mut problems = Problems::new();
        if self.muted_until.is_absent() && self.pinned.is_absent() && self.archived.is_absent() {
            problems.add("body", "must change at least one of mutedUntil, pinned, archived");
        }
        let muted_until = self.muted_until.allow(&mut problems, "mutedUntil", |text| {
            Timestamp::parse(&text).ok_or_else(|| Problem::new("must be a timestamp like 2026-03-14T09:26:53.589Z"))
        });
        let pinned = self.pinned.allow(&mut problems, "pinned", Ok);
        let archived = self.archived.allow(&mut problems, "archived", Ok);
        problems.finish(Some(OwnSettings { muted_until, pinned, archived }))
    }
}

/// Answer of `PATCH …/settings`: the caller's own settings as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConversationSettingsBody {
    /// The conversation.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// Whether notifications are off now.
    pub muted: bool,
    /// Until when, if they are.
    #[schemars(with = "Option<schema::Instant>")]
    pub muted_until: Option<String>,
    /// Whether it is kept at the top of the list.
    pub pinned: bool,
    /// Whether it is put away.
    pub archived: bool,
}

/// Body of `DELETE /api/conversations/{conversationId}`; may be absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DeleteConversationRequest {
    /// Whether it ends for everybody, which only its creator can ask for.
    pub for_everyone: Field<bool>,
}

/// Query of `DELETE /api/conversations/{conversationId}`, for clients that cannot send a body with it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DeleteConversationQuery {
    /// The same as in the body.
    #[schemars(with = "bool")]
    pub for_everyone: Option<String>,
}

impl DeleteConversationRequest {
    /// Whether it is to end for everybody: one of body and query is enough to say so.
    pub fn check(self, query: &DeleteConversationQuery) -> Result<bool, Problems> {
        let mut problems = Problems::new();
        let said = self.for_everyone.allow(&mut problems, "forEveryone", Ok).unwrap_or_default();
        let asked = problems.allow("forEveryone", query.for_everyone.as_deref(), |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Problem::new("must be true or false")),
        });
        problems.finish(Some(said || asked.unwrap_or_default()))
    }
}

/// Answer of `DELETE /api/conversations/{conversationId}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConversationDeletedBody {
    /// Always true.
    pub success: bool,
    /// A sentence for a person.
    pub message: String,
    /// The conversation.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// Whether it has ended for everybody.
    pub deleted_for_everyone: bool,
}

/// `data` of `conversation:join` and `conversation:leave`; the bare id says the same.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["conversationId"]))]
pub struct ConversationReference {
    /// The conversation.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: Field<String>,
}

impl ConversationReference {
    /// The conversation; what is wrong otherwise.
    pub fn check(self) -> Result<ConversationId, Problems> {
        let mut problems = Problems::new();
        let id = self.conversation_id.require(&mut problems, "conversationId", |text| ConversationId::parse(&text));
        problems.finish(id)
    }
}
