//! Asking for a list page by page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema;

/// Query of the routes whose pages need nothing else: friends, requests for friendship, blocked people, notifications.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PageQuery {
    /// How many, 1 to 100; 50 when absent.
    #[schemars(with = "schema::PageSize", extend("default" = 50))]
    pub limit: Option<String>,
    /// What `nextCursor` gave.
    #[schemars(with = "String")]
    pub cursor: Option<String>,
}
