//! The whole backend on a laptop: the gateway, and embedded the AWS services that the functions call.
//!
//! [`Stack::start`] is all of it; each service under [`aws`] also starts alone.
#![allow(
    clippy::disallowed_methods,
    reason = "this crate runs functions and is none: it has a clock and an environment of its own"
)]

pub mod aws;
pub mod data;
mod descriptors;
pub mod multi_call;
pub mod parameters;
pub mod processes;
pub mod resources;
pub mod signing;
pub mod stack;
pub mod translator;
pub mod web_push;

pub use data::Data;
pub use processes::Functions;
pub use stack::{Stack, StackError, StackOptions};
pub use translator::Translator;
