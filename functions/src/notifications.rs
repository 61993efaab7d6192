//! Notifications.

pub mod follow;
pub mod list;
pub mod read;
pub mod read_all;
