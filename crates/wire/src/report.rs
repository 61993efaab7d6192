//! Reporting people to moderators.

use domain::report::{Details, Reason};
use domain::{ConversationId, MessageId, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Field, schema};

/// Body of `POST /api/users/{userId}/report`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["reason"]))]
pub struct ReportRequest {
    /// Why.
    #[schemars(with = "schema::ReportReason")]
    pub reason: Field<String>,
    /// More in one's own words, at most 1,000 characters.
    #[schemars(length(max = 1000))]
    pub details: Field<String>,
    /// The conversation that the message is in.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: Field<String>,
    /// A message of the person's that it is about, with `conversationId`.
    #[schemars(with = "schema::MessageId")]
    pub message_id: Field<String>,
}

/// A report that was checked.
#[derive(Debug, Clone)]
pub struct Report {
    /// Why.
    pub reason: Reason,
    /// More.
    pub details: Option<Details>,
    /// The message it is about.
    pub message: Option<(ConversationId, MessageId)>,
}

impl ReportRequest {
    /// The checked report; every bad field otherwise.
    pub fn check(self) -> Result<Report, Problems> {
        let mut problems = Problems::new();
        let reason = self.reason.require(&mut problems, "reason", |text| Reason::parse(&text));
        let details = self.details.allow(&mut problems, "details", |text| Details::parse(&text));
        let (has_conversation, has_message) = (!self.conversation_id.is_absent(), !self.message_id.is_absent());
        let conversation =
            self.conversation_id.allow(&mut problems, "conversationId", |text| ConversationId::parse(&text));
        let message = self.message_id.allow(&mut problems, "messageId", |text| MessageId::parse(&text));
        match (has_conversation, has_message) {
            (true, false) => problems.add("messageId", "is required with conversationId"),
            (false, true) => problems.add("conversationId", "is required with messageId"),
            _ => {}
        }
        let reason = problems.finish(reason)?;
        Ok(Report { reason, details, message: conversation.zip(message) })
    }
}

/// Answer of `POST /api/users/{userId}/report`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// What moderators have.
    pub report: ReportView,
}

/// A report, as whoever made it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportView {
    /// Who was reported.
    #[schemars(with = "schema::UserId")]
    pub user_id: String,
    /// Why.
    #[schemars(with = "schema::ReportReason")]
    pub reason: String,
    /// More.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub details: Option<String>,
    /// The conversation of the message, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: Option<String>,
    /// The message, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "schema::MessageId")]
    pub message_id: Option<String>,
    /// When it was reported.
    #[schemars(with = "schema::Instant")]
    pub created_at: String,
}
