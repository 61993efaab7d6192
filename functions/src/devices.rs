//! Devices that notifications go to.

pub mod register;
pub mod unregister;
