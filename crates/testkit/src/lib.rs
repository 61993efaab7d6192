//! What tests start and speak through: a fresh stack with typed actors, or the embedded services alone.
//!
//! Nothing is shared between two tests: each has its own table, ports and folder. What goes wrong here panics with all
//! that was seen, so a test reads as the story it tells.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answer;
mod connections;
mod files;
mod issuer;
mod person;
mod push_service;
mod services;
mod socket;
mod stack;
pub mod translator;

pub use answer::Answer;
pub use connections::Connections;
pub use files::{PNG, download, upload};
pub use issuer::{LoopbackIssuer, REDIRECT_URI, RsaKey, header_with_jku, sha256, signed_with_secret};
pub use person::{Client, Person};
pub use push_service::{LoopbackPushService, Pushed, Reaction};
pub use services::Services;
pub use socket::Socket;
pub use stack::{Builder, TestStack, template};
pub use translator::ScriptedTranslate;

use std::time::Duration;

/// How long anything may take before a test gives up: generous, for a loaded machine. Nothing waits this long when it
/// works.
pub const PATIENCE: Duration = Duration::from_secs(90);
