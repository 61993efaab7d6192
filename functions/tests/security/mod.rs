//! Security checks that are no single function's: their numbers are those of `docs/security.md`.

mod accounts;
mod audit;
mod connections;
mod content;
mod crash;
mod garbage;
mod page;
mod receivers;
mod removed;
mod sign_in;
