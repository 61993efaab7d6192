//! What becomes of asynchronous invocations.

use std::time::Duration;

/// What becomes of a function's asynchronous invocations (gateway fact L-14). The default is Lambda's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventInvoke {
    /// `MaximumRetryAttempts`: attempts after the first (0 to 2, default 2).
    pub retries: u32,
    /// `MaximumEventAgeInSeconds` (60 s to 6 h, default 6 h).
    pub max_age: Duration,
    /// ARN that gets a record of every success.
    pub on_success: Option<String>,
    /// ARN that gets a record of every event that was given up.
    pub on_failure: Option<String>,
    /// ARN of the dead-letter queue, which gets the event itself.
    pub dead_letters: Option<String>,
}

impl Default for EventInvoke {
    fn default() -> Self {
        let max_age = Duration::from_hours(6);
        Self { retries: 2, max_age, on_success: None, on_failure: None, dead_letters: None }
    }
}
