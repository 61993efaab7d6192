//! The one place where new identifiers and secrets come from: the operating system's generator.
#![allow(clippy::disallowed_methods, reason = "this is where randomness comes in")]

use domain::{AttachmentId, ConversationId, SessionId, UserId};
use uuid::Uuid;

use crate::error::{Error, Result};

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes)
}

/// A new person's id.
pub fn user() -> UserId {
    UserId::new(Uuid::new_v4())
}

/// A new conversation's id.
pub fn conversation() -> ConversationId {
    ConversationId::new(Uuid::new_v4())
}

/// A new attachment's id.
pub fn attachment() -> AttachmentId {
    AttachmentId::new(Uuid::new_v4())
}

/// A new picture's name.
pub fn picture() -> Uuid {
    Uuid::new_v4()
}

/// A new session's id.
pub fn session() -> SessionId {
    SessionId::new(Uuid::new_v4())
}
