//! Per function: a captured event through the real handler, on a fresh embedded table.
//!
//! The events under `tests/events` have the shape of recordings of AWS; what differs from case to case is put in.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod attachments;
mod auth;
mod authorisation;
mod consistency;
mod conversations;
mod devices;
mod friends;
mod http;
mod languages;
mod messages;
mod notifications;
mod participants;
mod push;
mod security;
mod support;
mod users;
mod ws;
