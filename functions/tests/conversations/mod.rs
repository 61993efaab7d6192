mod create;
mod delete;
mod get;
mod leave;
mod list;
mod read;
mod settings;
mod update;
