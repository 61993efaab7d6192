//! The one error body (contract, Errors).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every code that an answer can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// Bad fields; `details` names each of them (400).
    ValidationError,
    /// The address has an account (400).
    EmailExists,
    /// The name is taken (400).
    UsernameExists,
    /// Unknown address or wrong password (401).
    InvalidCredentials,
    /// No token, or none that holds (401).
    Unauthorized,
    /// No balance for a call that only translates (402).
    InsufficientTokens,
    /// Known to the caller, but not allowed (403).
    Forbidden,
    /// Unknown, or not visible to the caller (404).
    NotFound,
    /// The state does not allow it (409).
    Conflict,
    /// Too large (413).
    PayloadTooLarge,
    /// Too many in this minute (429).
    RateLimited,
    /// A translation that was the whole purpose failed (502).
    TranslationError,
    /// A defect (500).
    InternalError,
}

/// `{ "message": …, "code": …, "details": { } }`, and nothing else, from every function and every error path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorBody {
    /// A sentence for a person.
    pub message: String,
    /// What a client decides by.
    pub code: Code,
    /// Each bad field with its sentences for a `VALIDATION_ERROR`; otherwise empty.
    pub details: BTreeMap<String, Vec<String>>,
}
