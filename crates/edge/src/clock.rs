//! The one place that asks what time it is.
#![allow(clippy::disallowed_methods, reason = "this is where the time comes in")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// As long as API Gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(29);

/// How long it is until a time in milliseconds since the epoch, as Lambda gives deadlines.
///
/// One that has passed before the invocation begins is none: `cargo lambda watch` gives every invocation the same, ten
/// minutes after the epoch.
pub(crate) fn until(deadline: u64) -> Duration {
    let now = u64::try_from(now().millis()).unwrap_or_default();
    deadline.checked_sub(now).map_or(PATIENCE, Duration::from_millis)
}

/// The time now.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_was_over_before_it_began_is_none() {
        assert_eq!(until(600_000), PATIENCE);
        let deadline = u64::try_from(now().plus(Duration::from_mins(1)).millis()).unwrap_or_default();
        assert!(until(deadline) > PATIENCE && until(deadline) <= Duration::from_mins(1));
    }
}
