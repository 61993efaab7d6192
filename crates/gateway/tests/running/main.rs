//! The running gateway, from outside: real sockets, real processes on the real Lambda runtime.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authorizers;
mod backend;
mod backends;
mod environments;
mod functions;
mod http;
mod invoke;
mod issuer;
mod left_out;
mod management;
mod mappings;
mod runtime_api;
mod schedules;
mod sockets;
mod streams;
mod support;
mod throttling;
mod wild;
