mod delete;
mod edit;
mod get;
mod list;
mod preview;
mod send;
mod sync;
mod translate;
