//! People.

pub mod block;
pub mod blocked;
pub mod country;
pub mod delete;
pub mod erase;
pub mod export;
pub mod get;
pub mod language;
pub mod me;
pub mod picture;
pub mod picture_delete;
pub mod picture_set;
pub mod picture_upload_url;
pub mod report;
pub mod search;
pub mod unblock;
pub mod update;
