//! The single table: everything is reached by key and nothing scans (`docs/data-model.md`).
//!
//! One file per entity, concrete calls over the SDK. A condition that fails is an answer of the domain, not an error;
//! what is left over is [`StoreError`].

pub mod access;
pub mod acquaintances;
pub mod attachments;
pub mod belongings;
pub mod blocks;
pub mod changes;
pub mod conversations;
pub mod devices;
pub mod edits;
pub mod ended;
pub mod erasing;
mod error;
pub mod friends;
pub mod hidden;
pub mod invites;
pub mod keys;
pub mod live;
pub mod members;
pub mod messages;
pub mod notes;
mod parts;
pub mod places;
pub mod presence;
pub mod profiles;
pub mod pushes;
pub mod rates;
pub mod reactions;
pub mod redaction;
pub mod reports;
pub mod search;
pub mod sends;
pub mod sessions;
pub mod sign_in_flows;
pub mod stream;
pub mod stretches;
mod table;
pub mod tickets;
pub mod translations;
pub mod users;

pub use error::StoreError;
pub use keys::Key;
pub use live::Live;
pub use table::{Consistency, Table};
