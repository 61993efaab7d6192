//! The one place that asks what time it is.
#![allow(clippy::disallowed_methods, reason = "this is where the time comes in")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// How long it is until a time in milliseconds since the epoch, as Lambda gives deadlines.
pub(crate) fn until(deadline: u64) -> Duration {
    let now = u64::try_from(now().millis()).unwrap_or_default();
    Duration::from_millis(deadline.saturating_sub(now))
}

/// The time now.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
