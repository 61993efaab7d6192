pub mod register;
mod unregister;
