//! Pushing to devices and browsers.

pub mod send;
pub mod subscribe;
pub mod unsubscribe;
pub mod vapid_key;
