//! The template reader over whole templates: what it makes of them, and what it says of their mistakes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod apis;
mod authorizers;
mod definitions;
mod fixtures;
mod left_out;
mod loops;
mod mistakes;
mod robust;
mod sources;
mod support;
mod values;
