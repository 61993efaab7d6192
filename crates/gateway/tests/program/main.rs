//! The program `gateway`, from outside: its options, where it finds functions, and `--watch`.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod check;
mod events;
mod interpreters;
mod options;
mod support;
mod tls;
mod watch;
