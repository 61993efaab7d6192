mod add;
mod remove;
mod role;
