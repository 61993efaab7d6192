//! How many connections may be opened in a second (W-10): a bucket that fills up again evenly.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Tokens, as many as may be taken in one second.
pub(super) struct Bucket {
    rate: u32,
    state: Mutex<State>,
}

struct State {
    tokens: f64,
    filled: Duration,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(rate: u32, now: Duration) -> Self {
        Self { rate, state: Mutex::new(State { tokens: f64::from(rate), filled: now }) }
    }

    /// Takes a token, if there is one; `now` is the time of the gateway's clock.
    pub(super) fn take(&self, now: Duration) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_sub(state.filled).as_secs_f64();
        let rate = f64::from(self.rate);
        state.tokens = passed.mul_add(rate, state.tokens).min(rate);
        state.filled = state.filled.max(now);
        let some = state.tokens >= 1.0;
        if some {
            state.tokens -= 1.0;
        }
        some
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w_10_as_many_as_the_rate_at_once_and_then_evenly() {
        let at = Duration::from_millis;
        let bucket = Bucket::new(500, at(7));
        assert!((0..500).all(|_| bucket.take(at(7))));
        assert!(!bucket.take(at(7)));
        assert!((0..50).all(|_| bucket.take(at(107))));
        assert!(!bucket.take(at(107)));
        // However long nobody comes: not more than one second's worth.
        assert!((0..500).all(|_| bucket.take(at(60_000))));
        assert!(!bucket.take(at(60_000)));
    }
}
