//! What the backend does: one file per subject, each function a use case told once.
//!
//! A use case loads, lets `domain` decide, writes on condition, then pushes. Whoever may do something obtains it first:
//! a [`membership::Membership`] comes only from the check that makes it true.

pub mod accounts;
pub mod attachments;
pub mod attendance;
mod audience;
mod audit;
pub mod blocking;
mod broadcast;
pub mod conversations;
pub mod delivery;
pub mod devices;
pub mod editing;
pub mod elsewhere;
pub mod ending;
pub mod erasure;
mod error;
pub mod export;
pub mod files;
pub mod finding;
pub mod fresh;
pub mod friends;
pub mod google;
pub mod group;
pub mod identity;
pub mod inspection;
pub mod inviting;
pub mod invoking;
pub mod limits;
pub mod listing;
pub mod membership;
pub mod notifications;
mod opaque;
pub mod own_place;
pub mod passwords;
pub mod pictures;
pub mod pushing;
pub mod reacting;
mod readers;
pub mod reading;
pub mod receipts;
pub mod reporting;
mod seeing;
pub mod sending;
pub mod sessions;
pub mod sockets;
pub mod sync;
mod telling;
pub mod tokens;
pub mod translation;
pub mod typing;
pub mod users;
mod views;
pub mod web;

pub use error::{Error, Result};
