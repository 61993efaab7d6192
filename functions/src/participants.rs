//! Who is in a group.

pub mod add;
pub mod remove;
pub mod role;
