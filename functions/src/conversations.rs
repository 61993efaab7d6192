//! Conversations.

pub mod clear;
pub mod create;
pub mod delete;
pub mod get;
pub mod invite;
pub mod join;
pub mod leave;
pub mod list;
pub mod read;
pub mod settings;
pub mod update;
