//! Friends, and requests for friendship.

pub mod accept;
pub mod decline;
pub mod list;
pub mod remove;
pub mod request;
pub mod requests;
