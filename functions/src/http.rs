//! HTTP beyond the routes.

pub mod default;
