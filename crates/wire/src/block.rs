//! Blocking people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;

/// Somebody whom the caller has blocked. `name` is for older clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockedPerson {
    /// `user_…`
    #[schemars(with = "schema::UserId")]
    pub id: String,
    /// Unique name.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// The same, under the older clients' name.
    pub name: String,
    /// Picture, if any.
    #[schemars(with = "Option<schema::WebAddress>")]
    pub avatar_url: Option<String>,
    /// Since when.
    #[schemars(with = "schema::Instant")]
    pub blocked_at: String,
}

/// Answer to blocking somebody, and to blocking them no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockBody {
    /// Always true.
    pub success: bool,
    /// Who it is about.
    #[schemars(with = "schema::UserId")]
    pub user_id: String,
}

/// Answer of `GET /api/users/blocked`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockedBody {
    /// One page, in no order that means anything.
    pub users: Vec<BlockedPerson>,
    /// For the next page; null on the last. A page before it may be shorter than was asked for.
    pub next_cursor: Option<String>,
}
