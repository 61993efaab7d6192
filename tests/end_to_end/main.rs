//! The running stack from outside: real processes, real HTTP and WebSocket clients, several people.
//!
//! Functions run in the multi-call program; with `PARLANCE_BINARIES=<folder>` in the functions' own binaries.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bad_input;
mod coming_from;
mod command;
mod ended_conversation;
mod events;
mod first_conversation;
mod large_conversation;
mod permissions;
mod play;
mod restart;

/// The program under test.
const PARLANCE: &str = env!("CARGO_BIN_EXE_parlance");
