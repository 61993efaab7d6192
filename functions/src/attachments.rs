//! Files of conversations.

pub mod download_url;
pub mod inspect;
pub mod upload_url;
