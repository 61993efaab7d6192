//! Limits on how often, per person, per account, per address (contract, Limits).

use domain::person::Email;
use domain::{ConversationId, Timestamp, UserId};
use store::Table;
use store::access::{self, Entry, Kind};
use store::rates::{self, Counter, Signal, Standing};

use crate::error::{Error, Result};
use crate::tokens::Actor;

/// In milliseconds, how long somebody's typing in a conversation is no news after it was told. Clients take it back by
/// themselves after some seconds more.
const TOLD_AGAIN_AFTER: i64 = 2_000;

/// Scopes whose counts are kept under a person's id, address or username.
pub(crate) const OF_PEOPLE: [&str; 6] =
    ["join", store::pushes::SCOPE, "report", "sign-in-account", "translation", "upload"];

/// Counts of one scope over all.
const ALL: &str = "all";

/// One HTTP request of a person, through a session that has not ended: one write looks at both (security B8).
pub async fn http(table: &Table, actor: &Actor, per_minute: u32, now: Timestamp) -> Result<Standing> {
    enter(table, actor, &[(Kind::Requests, per_minute)], now).await
}

/// One frame of a person over any of their sockets, likewise (security C7); a message counts for its conversation too, by
/// the same write.
pub async fn socket_event(
    table: &Table,
    actor: &Actor,
    per_minute: u32,
    message: Option<(&ConversationId, u32)>,
    now: Timestamp,
) -> Result<Standing> {
    let mut kinds = vec![(Kind::Frames, per_minute)];
    kinds.extend(message.map(|(conversation, limit)| (Kind::Messages(conversation), limit)));
    enter(table, actor, &kinds, now).await
}

/// One translation that a person asks for by itself.
pub async fn translation(table: &Table, user: &UserId, per_minute: u32, now: Timestamp) -> Result<Standing> {
    take(table, "translation", &user.to_string(), &[counter(ALL, per_minute)], now).await
}

/// A signal that somebody types, or has stopped: a frame like others, and whether it is news.
pub async fn typing(
    table: &Table,
    actor: &Actor,
    per_minute: u32,
    (conversation, is_typing): (&ConversationId, bool),
    now: Timestamp,
) -> Result<bool> {
    let name = |is_typing: bool| format!("{}:{conversation}", if is_typing { "typing" } else { "stopped" });
    let since = Timestamp::from_millis(now.millis() - TOLD_AGAIN_AFTER);
    let signal = Signal { on: &name(is_typing), off: &name(!is_typing), since };
    let who = (&actor.user, &actor.session);
    let (entry, is_news) = access::enter_signal(table, who, (Kind::Frames, per_minute), signal, now).await?;
    standing(entry).map(|_| is_news)
}

/// One message of a person in a conversation that did not come over a socket: it counts with those that did.
pub async fn message(
    table: &Table,
    actor: &Actor,
    (conversation, per_minute): (&ConversationId, u32),
    now: Timestamp,
) -> Result<Standing> {
    enter(table, actor, &[(Kind::Messages(conversation), per_minute)], now).await
}

/// One file that a person is going to upload.
pub async fn upload(table: &Table, user: &UserId, per_minute: u32, now: Timestamp) -> Result<Standing> {
    take(table, "upload", &user.to_string(), &[counter(ALL, per_minute)], now).await
}

/// One try of a person to join a group by a code, from an address (security E6).
pub async fn joining(
    table: &Table,
    (user, address): (&UserId, &str),
    (per_minute, from_address): (u32, u32),
    now: Timestamp,
) -> Result<Standing> {
    take(table, "join-address", address, &[counter(ALL, from_address)], now).await?;
    take(table, "join", &user.to_string(), &[counter(ALL, per_minute)], now).await
}

/// One report of somebody by a person.
pub async fn report(table: &Table, user: &UserId, per_minute: u32, now: Timestamp) -> Result<Standing> {
    take(table, "report", &user.to_string(), &[counter(ALL, per_minute)], now).await
}

/// One try to sign in or register from an address, which is the one that the gateway saw.
pub async fn sign_in_from(table: &Table, address: &str, per_minute: u32, now: Timestamp) -> Result<Standing> {
    take(table, "sign-in-address", address, &[counter(ALL, per_minute)], now).await
}

/// One try to sign in to, or register, an account.
pub async fn sign_in_to(table: &Table, account: &str, per_minute: u32, now: Timestamp) -> Result<Standing> {
    take(table, "sign-in-account", account, &[counter(ALL, per_minute)], now).await
}

/// One exchange of a refresh token from an address.
pub async fn refresh_from(table: &Table, address: &str, per_minute: u32, now: Timestamp) -> Result<Standing> {
    take(table, "refresh-address", address, &[counter(ALL, per_minute)], now).await
}

/// One question whether an address has an account: for each address it comes from, and of all together (security E1).
pub async fn check_email_from(
    table: &Table,
    address: &str,
    (per_minute, in_all): (u32, u32),
    now: Timestamp,
) -> Result<Standing> {
    let standing = take(table, "check-email-address", address, &[counter(ALL, per_minute)], now).await?;
    take(table, "check-email", ALL, &[counter(ALL, in_all)], now).await?;
    Ok(standing)
}

/// The name under which tries at an address's account are counted.
pub fn account_of(email: &Email) -> String {
    email.folded()
}

fn counter(name: &str, limit: u32) -> Counter {
    Counter { name: name.to_owned(), limit }
}

async fn enter(table: &Table, actor: &Actor, kinds: &[(Kind<'_>, u32)], now: Timestamp) -> Result<Standing> {
    standing(access::enter(table, (&actor.user, &actor.session), kinds, now).await?)
}

fn standing(entry: Entry) -> Result<Standing> {
    match entry {
        Entry::Counted(standing) => Ok(standing),
        Entry::Full(standing) => Err(Error::RateLimited(standing)),
        Entry::Ended => Err(Error::Unauthorized("the session has ended")),
    }
}

async fn take(table: &Table, scope: &str, who: &str, counters: &[Counter], now: Timestamp) -> Result<Standing> {
    let standing = rates::take(table, scope, who, counters, now).await?;
    if standing.allowed { Ok(standing) } else { Err(Error::RateLimited(standing)) }
}
