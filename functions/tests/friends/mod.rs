mod accept;
mod decline;
mod list;
mod remove;
mod request;
mod requests;
