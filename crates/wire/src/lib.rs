//! What goes over the wire: request bodies, answers, socket frames, the one error body.
//!
//! Shapes and conversions only; rules are in `domain`, effects elsewhere. Field names are those of the API (camelCase).
//! The API description under `docs/api` is generated from these types.

pub mod account;
pub mod actions;
pub mod attachment;
pub mod auth;
pub mod block;
mod clearable;
pub mod conversation;
pub mod device;
pub mod elsewhere;
pub mod error;
pub mod export;
mod field;
pub mod frame;
pub mod friend;
pub mod group;
pub mod invitation;
pub mod language;
pub mod message;
pub mod message_search;
pub mod notification;
pub mod page;
pub mod place;
pub mod presence;
pub mod push;
pub mod report;
pub mod schema;
mod success;
pub mod sync;
pub mod user;

pub use clearable::Clearable;
pub use error::{Code, ErrorBody};
pub use field::Field;
pub use success::SuccessBody;
