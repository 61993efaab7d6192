//! Asking for a list page by page.

use domain::{Problem, Problems};
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

impl PageQuery {
    /// How many, and the place that the cursor names; every bad field otherwise.
    pub fn check<T>(&self, parse: impl FnOnce(&str) -> Option<T>) -> Result<(usize, Option<T>), Problems> {
        let mut problems = Problems::new();
        let size = page_size(&mut problems, self.limit.as_deref());
        let place = problems.allow("cursor", self.cursor.as_deref(), |text| parse(text).ok_or_else(forged));
        problems.finish(Some((size, place)))
    }
}

/// The number a `limit` says: 1 to 100, 50 when absent.
pub fn page_size(problems: &mut Problems, limit: Option<&str>) -> usize {
    let parse = |text: &str| match text.parse() {
        Ok(count) if (1..=100).contains(&count) => Ok(count),
        _ => Err(Problem::new("must be a whole number from 1 to 100")),
    };
    problems.allow("limit", limit, parse).unwrap_or(50)
}

/// What is said of a cursor that no answer gave (security G4).
pub fn forged() -> Problem {
    Problem::new("must be what nextCursor gave")
}
