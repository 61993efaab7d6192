//! The commands of `parlance`.

pub(crate) mod arguments;
pub(crate) mod demo;
pub(crate) mod keys;
pub(crate) mod serve;

mod binaries;
mod variables;
mod welcome;
