//! What a contract test stands on: the embedded services, people with accounts, captured events to put in.

mod bench;
mod browsers;
mod calls;
mod dispatch;
mod friends;
mod groups;
mod logs;
mod messages;
mod notifications;
mod people;
mod project;
mod providers;
mod receivers;
mod snapshot;
mod sockets;

pub use bench::Bench;
pub use browsers::{endpoint, subscription};
pub use calls::{Answer, Call, call, get, post, post_text};
pub use logs::Logs;
pub use messages::Pair;
pub use people::{PASSWORD, Person, now, text};
pub use project::{application, root};
pub use providers::Elsewhere;
pub use receivers::{Ended, LoopbackReceivers};
pub use snapshot::Snapshot;
pub use sockets::{Phone, authorize};
pub use testkit::{PNG, upload};

/// A JSON object's fields, sorted: what a body holds, no more and no less.
#[track_caller]
pub fn fields(value: &serde_json::Value) -> Vec<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("{value} is no object"));
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
