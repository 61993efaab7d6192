//! What changed while a client was away.

use domain::{Problem, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;
use crate::conversation::ConversationView;
use crate::message::MessageView;
use crate::schema;

/// Query of `GET /api/sync`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SyncQuery {
    /// The `cursor` of the last answer, or a timestamp; without it there is only a cursor to begin with.
    #[schemars(with = "String")]
    pub since: Option<String>,
    /// How many conversations and messages, 1 to 100; 50 when absent.
    #[schemars(with = "schema::PageSize", extend("default" = 50))]
    pub limit: Option<String>,
}

/// `data` of `sync`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SyncData {
    /// The `cursor` of the last answer, over either way, or a timestamp; without it there is only a cursor to begin with.
    pub since: Field<String>,
    /// How many conversations and messages, 1 to 100; 50 when absent.
    #[schemars(range(min = 1, max = 100))]
    pub limit: Field<u32>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncWish<C> {
    /// Since when.
    pub since: Option<C>,
    /// How much at once.
    pub limit: usize,
}

impl SyncQuery {
    /// The checked wish; every bad field otherwise.
    pub fn check<C>(&self, parse: impl FnOnce(&str) -> Result<C, Problem>) -> Result<SyncWish<C>, Problems> {
        let mut problems = Problems::new();
        let limit = crate::page::page_size(&mut problems, self.limit.as_deref());
        let since = problems.allow("since", self.since.as_deref(), parse);
        problems.finish(Some(SyncWish { since, limit }))
    }
}

impl SyncData {
    /// The checked wish; every bad field otherwise.
    pub fn check<C>(self, parse: impl FnOnce(&str) -> Result<C, Problem>) -> Result<SyncWish<C>, Problems> {
        let mut problems = Problems::new();
        let limit = self.limit.allow(&mut problems, "limit", |count| match count {
            1..=100 => Ok(count as usize),
            _ => Err(Problem::new("must be a whole number from 1 to 100")),
        });
        let since = self.since.allow(&mut problems, "since", |text| parse(&text));
        problems.finish(Some(SyncWish { since, limit: limit.unwrap_or(50) }))
    }
}

/// Everything that changed for the caller since the cursor, as it is now: apply it to what is there, in any order and
/// more than once if it comes so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SyncBody {
    /// New and changed conversations.
    pub conversations: Vec<ConversationView>,
    /// New messages, and those that were edited, deleted for everybody or reacted to.
    pub messages: Vec<MessageView>,
    /// How far other members have come.
    pub receipts: Vec<MarkersView>,
    /// Messages that the caller deleted for themselves.
    pub hidden_messages: Vec<HiddenMessageView>,
    /// Conversations that the caller is no longer in.
    #[schemars(with = "Vec<schema::ConversationId>")]
    pub gone_conversations: Vec<String>,
    /// Whether there is more: ask again with `cursor` at once.
    pub has_more: bool,
    /// For the next call, now or after the next absence.
    pub cursor: String,
    /// The cursor is too old to tell what changed: load everything anew, and go on with this cursor.
    pub reset: bool,
}

/// How far a member has come, by the `seq` of messages: all up to there are delivered, or read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MarkersView {
    /// Where.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// Who.
    #[schemars(with = "schema::UserId")]
    pub user_id: String,
    /// `seq` of the last message on one of the member's devices.
    pub delivered_seq: u64,
    /// `seq` of the last message the member has read.
    pub read_seq: u64,
}

/// A message that the caller deleted for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HiddenMessageView {
    /// Where it was sent.
    #[schemars(with = "schema::ConversationId")]
    pub conversation_id: String,
    /// Which.
    #[schemars(with = "schema::MessageId")]
    pub message_id: String,
}
