mod follow;
mod list;
mod read;
mod read_all;
