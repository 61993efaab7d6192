//! Who may call right now: how often somebody did in this minute, and which sessions have ended while access tokens of
//! theirs still verify. Both are in one item, so that the write that counts a request or a frame also looks whether it
//! may be made.
//!
//! The item is there as long as the account: without it nothing may be done, whatever token is shown.

use domain::{ConversationId, SessionId, Timestamp, UserId};

use crate::error::StoreError;
use crate::keys;
use crate::rates::{Count, Counter, Signal, Standing};
use crate::table::{Item, Table, attributes, number};

/// How long an ended session is remembered, in seconds: longer than any access token lasts (`AccessTokenSeconds` is a
/// day at most).
const REMEMBERED: i64 = 25 * 60 * 60;
/// What is over, when it is swept out together: one write for so many attributes.
const SWEEP: usize = 16;
/// What was told of typing is over by then, in milliseconds.
const SIGNALLED: i64 = 60_000;

/// Something of a person's that is counted by the minute. The names of its counters begin with a letter and the minute
/// since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Requests over HTTP: `m29401234`.
    Requests,
    /// Frames over any socket: `s29401234`.
    Frames,
    /// Messages in a conversation, however they came: `s29401234:conv_…`.
    Messages(&'a ConversationId),
}

impl Kind<'_> {
    fn name(self, minute: i64) -> String {
        match self {
            Self::Requests => format!("m{minute}"),
            Self::Frames => format!("s{minute}"),
            Self::Messages(conversation) => format!("s{minute}:{conversation}"),
        }
    }
}

/// Whether something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Yes, and it was counted.
    Counted(Standing),
    /// There were too many in this minute.
    Full(Standing),
    /// The session has ended, or the account is gone.
    Ended,
}

/// Counts something that is done through a session, each kind against its limit, unless one of them is full (exact under
/// any number of parallel calls), the session has ended or the account is gone. 1 write unit, also when refused, and one more for every
/// sixteen counters of minutes that are over.
pub async fn enter(
    table: &Table,
    actor: (&UserId, &SessionId),
    kinds: &[(Kind<'_>, u32)],
    now: Timestamp,
) -> Result<Entry, StoreError> {
    Ok(count(table, actor, kinds, None, now).await?.0)
}

/// Counts a signal like [`enter`], and tells whether it is news. 1 write unit, 2 for what is no news.
pub async fn enter_signal(
    table: &Table,
    actor: (&UserId, &SessionId),
    kind: (Kind<'_>, u32),
    signal: Signal<'_>,
    now: Timestamp,
) -> Result<(Entry, bool), StoreError> {
    match count(table, actor, &[kind], Some(signal), now).await? {
        (entry, true) => Ok((entry, true)),
        (Entry::Ended, false) => Ok((Entry::Ended, false)),
        // No news, or over the limit: which, the plain count says.
        (_, false) => Ok((enter(table, actor, &[kind], now).await?, false)),
    }
}

async fn count(
    table: &Table,
    (user, session): (&UserId, &SessionId),
    kinds: &[(Kind<'_>, u32)],
    signal: Option<Signal<'_>>,
    now: Timestamp,
) -> Result<(Entry, bool), StoreError> {
    let minute = now.minute();
    let counters: Vec<_> = kinds.iter().map(|&(kind, limit)| Counter { name: kind.name(minute), limit }).collect();
    let session = session.to_string();
    let count = Count {
        key: keys::access(user),
        counters: &counters,
        minute,
        expires_at: None,
        without: Some(&session),
        signal,
    };
    let (item, counted) = count.write(table, now).await?;
    if item.is_empty() || item.contains_key(&session) {
        return Ok((Entry::Ended, false));
    }
    let standing = count.standing(&item, counted);
    if !counted {
        return Ok((Entry::Full(standing), false));
    }
    let over = over(&item, now);
    if over.len() >= SWEEP {
        sweep(table, user, &over).await?;
    }
    Ok((Entry::Counted(standing), true))
}

/// The item of a new account.
pub(crate) fn new(user: &UserId) -> Item {
    attributes(&keys::access(user))
}

/// Makes sure that the item is there for somebody who signs in: earlier versions let it go when it was not used for a
/// day. 1 write unit.
pub async fn open(table: &Table, user: &UserId, now: Timestamp) -> Result<(), StoreError> {
    let key = keys::access(user);
    let update = table.update(&key, |update| {
        update
            .update_expression("SET openedAt = :now REMOVE expiresAt")
            .expression_attribute_values(":now", number(now.millis()))
    });
    update.await.map(drop)
}

/// Makes the access tokens of these sessions void from now on; those of an account that is gone are. 1 write unit.
pub async fn end(table: &Table, user: &UserId, sessions: &[SessionId], now: Timestamp) -> Result<(), StoreError> {
    let places: Vec<_> = (0..sessions.len()).map(|place| format!("#s{place} = :end")).collect();
    let key = keys::access(user);
    let update = table.update(&key, |update| {
        let named = sessions.iter().enumerate().fold(update, |update, (place, session)| {
            update.expression_attribute_names(format!("#s{place}"), session.to_string())
        });
        named
            .update_expression(format!("SET {}", places.join(", ")))
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":end", number(now.seconds() + REMEMBERED))
    });
    update.await.map(drop)
}

/// Attributes that say nothing any more: counters of minutes before the last, what was told of typing before that, and
/// sessions whose tokens have expired.
fn over(item: &Item, now: Timestamp) -> Vec<String> {
    let is_over = |name: &str| {
        let value = || item.get(name)?.as_n().ok()?.parse::<i64>().ok();
        if let Some(minute) = minute_of(name) {
            minute < now.minute() - 1
        } else if name.starts_with(SessionId::PREFIX) {
            value().is_some_and(|until| until < now.seconds())
        } else {
            name.contains(':') && value().is_some_and(|told| told < now.millis() - SIGNALLED)
        }
    };
    item.keys().filter(|name| is_over(name)).cloned().collect()
}

/// The minute that a counter of this name counts.
fn minute_of(name: &str) -> Option<i64> {
    let counter = name.strip_prefix(['m', 's'])?;
    counter.split(':').next()?.parse().ok()
}

async fn sweep(table: &Table, user: &UserId, names: &[String]) -> Result<(), StoreError> {
    let places: Vec<_> = (0..names.len()).map(|place| format!("#n{place}")).collect();
    let key = keys::access(user);
    let update = table.update(&key, |update| {
        let update = places
            .iter()
            .zip(names)
            .fold(update, |update, (place, name)| update.expression_attribute_names(place, name));
        update.update_expression(format!("REMOVE {}", places.join(", "))).condition_expression("attribute_exists(PK)")
    });
    update.await.map(drop)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_over_is_told_from_what_still_counts() {
        let now = Timestamp::from_millis(100 * 60_000);
        let [ended, expired] = [1, 2].map(|n| SessionId::new(Uuid::from_u128(n)).to_string());
        let item: Item = [("PK", 0), ("m100", 7), ("m99", 3), ("s98", 5), ("m7", 1)]
            .map(|(name, count)| (name.to_owned(), number(count)))
            .into_iter()
            .chain(
                [("s100:conv_1", 2), ("s98:conv_1", 1), ("typing:conv_1", 5_939_999), ("stopped:conv_1", 5_940_000)]
                    .map(|(name, count)| (name.to_owned(), number(count))),
            )
            .chain([(ended, number(now.seconds())), (expired.clone(), number(now.seconds() - 1))])
            .collect();
        let mut found = over(&item, now);
        found.sort();
        assert_eq!(found, ["m7", "s98", "s98:conv_1", &expired, "typing:conv_1"]);
    }
}
