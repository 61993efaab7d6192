//! Files of conversations.

pub mod download_url;
pub mod upload_url;
