//! Instants as the API writes them: UTC, ISO 8601, milliseconds.

use std::fmt;
use std::time::Duration;

/// Milliseconds since the Unix epoch, UTC. Displays as `2024-12-08T12:00:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1 January 1970.
    pub const EPOCH: Self = Self(0);

    /// 0001-01-01T00:00:00.000Z
    const FIRST: i64 = -62_135_596_800_000;
    /// 9999-12-30T00:00:00.000Z
    const LAST: i64 = 253_402_128_000_000;

    /// From milliseconds since the epoch; clamped to the years 1 to 9999, which four digits can write.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::FIRST, Self::LAST))
    }

    /// Reads an ISO 8601 instant with an offset or `Z`; anything finer than a millisecond is cut off.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|instant| Self::from_millis(instant.as_millisecond()))
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, as token claims and DynamoDB's TTL count.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved into the future.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The minute this instant lies in, counted from the epoch: the window of every rate limit.
    pub fn minute(self) -> i64 {
        self.0.div_euclid(60_000)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(formatter, "{instant:.3}"),
            Err(_) => Err(fmt::Error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_milliseconds_and_z() {
        assert_eq!(Timestamp::from_millis(1_733_659_200_000).to_string(), "2024-12-08T12:00:00.000Z");
        assert_eq!(Timestamp::from_millis(1_733_659_200_007).to_string(), "2024-12-08T12:00:00.007Z");
    }

    #[test]
    fn reads_what_it_writes_and_other_offsets() {
        let noon = Timestamp::from_millis(1_733_659_200_000);
        assert_eq!(Timestamp::parse(&noon.to_string()), Some(noon));
        assert_eq!(Timestamp::parse("2024-12-08T13:00:00+01:00"), Some(noon));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn extremes_can_be_written() {
        for millis in [i64::MIN, i64::MAX] {
            assert!(!Timestamp::from_millis(millis).to_string().is_empty());
        }
    }
}
