//! Languages.

pub mod list;
