//! The answer of what has nothing to tell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{ "success": true }`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuccessBody {
    /// Always true: what did not succeed is answered with an error.
    pub success: bool,
}

impl SuccessBody {
    /// It was done.
    pub const DONE: Self = Self { success: true };
}
