//! Finding messages by their words.

use domain::message::TextQuery;
use domain::{MessageId, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::message::MessageView;
use crate::page::{forged, page_size};
use crate::schema;

/// Query of `GET …/messages/search`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["q"]))]
pub struct SearchMessagesQuery {
    /// Words of a message, or parts of words: all of them have to be in it. At least one letter or digit; case, accents
    /// and other signs make no difference.
    #[schemars(with = "String", length(min = 1, max = 254))]
    pub q: Option<String>,
    /// How many at most, 1 to 100; 50 when absent.
    #[schemars(with = "schema::PageSize", extend("default" = 50))]
    pub limit: Option<String>,
    /// What `nextCursor` gave.
    #[schemars(with = "schema::MessageId")]
    pub cursor: Option<String>,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSearch {
    /// By which words.
    pub words: TextQuery,
    /// How many at most.
    pub size: usize,
    /// Before which message; the latest when none.
    pub before: Option<MessageId>,
}

impl SearchMessagesQuery {
    /// The checked query; every bad field otherwise.
    pub fn check(&self) -> Result<MessageSearch, Problems> {
        let mut problems = Problems::new();
        let words = problems.require("q", self.q.as_deref(), TextQuery::parse);
        let size = page_size(&mut problems, self.limit.as_deref());
        let before =
            problems.allow("cursor", self.cursor.as_deref(), |text| MessageId::parse(text).map_err(|_| forged()));
        problems.finish(words.map(|words| MessageSearch { words, size, before }))
    }
}

/// Answer of `GET …/messages/search`: the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundMessagesBody {
    /// Those that were found in the part of the conversation that was looked through; there may be none on a page and
    /// some on the next.
    pub messages: Vec<MessageView>,
    /// Whether there are older messages that were not looked at yet.
    pub has_more: bool,
    /// For going on with these; null when there are none.
    pub next_cursor: Option<String>,
}
