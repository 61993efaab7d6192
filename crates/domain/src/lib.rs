//! Rules and values of a multilingual chat, and nothing else: no I/O, no clock, no randomness.
//!
//! Whatever varies from run to run (the time, new identifiers, random bytes) comes in as an argument, so every rule
//! here can be tested as plain arithmetic. A value with a private field was made by its `parse` and cannot be wrong.

pub mod attachment;
pub mod conversation;
pub mod device;
mod folding;
pub mod friendship;
pub mod id;
pub mod invitation;
pub mod language;
pub mod message;
pub mod notification;
pub mod person;
pub mod problem;
pub mod report;
pub mod time;
pub mod translatable;
pub mod web_push;

pub use id::{AttachmentId, ConnectionId, ConversationId, MessageId, NotificationId, SessionId, UserId};
pub use language::{Country, Language};
pub use problem::{Problem, Problems};
pub use time::Timestamp;
