mod register;
mod unregister;
