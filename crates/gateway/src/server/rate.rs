//! How many connections may be opened in a second (W-10), and how many requests a stage or a route lets through (H-70,
//! W-13): buckets that fill up again evenly.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::model::{Throttle, Throttling};

/// A bucket of tokens.
pub(super) struct Bucket {
    throttle: Throttle,
    state: Mutex<State>,
}

/// The buckets of stages and routes.
#[derive(Default)]
pub(super) struct Throttles(Mutex<HashMap<Place, Bucket>>);

/// API id, stage, and the key of a route that has a bucket of its own.
type Place = (String, String, Option<String>);

impl Throttles {
    /// Takes a token for a request to a route of a stage, if there is one; there always is without a limit. A limit
    /// that the template has changed begins anew.
    pub(super) fn take(&self, api: &str, stage: &str, limits: &Throttling, route: &str, now: Duration) -> bool {
        let own = limits.routes.get(route);
        let Some(throttle) = own.or(limits.stage.as_ref()) else { return true };
        let place = (api.to_owned(), stage.to_owned(), own.map(|_| route.to_owned()));
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(place).or_insert_with(|| Bucket::new(*throttle, now));
        if bucket.throttle != *throttle {
            *bucket = Bucket::new(*throttle, now);
        }
        bucket.take(now)
    }
}

struct State {
    tokens: f64,
    filled: Duration,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(throttle: Throttle, now: Duration) -> Self {
        Self { throttle, state: Mutex::new(State { tokens: f64::from(throttle.burst), filled: now }) }
    }

    /// Takes a token, if there is one; `now` is the time of the gateway's clock.
    pub(super) fn take(&self, now: Duration) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_sub(state.filled).as_secs_f64();
        state.tokens = passed.mul_add(self.throttle.rate, state.tokens).min(f64::from(self.throttle.burst));
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
        let bucket = Bucket::new(Throttle { rate: 500.0, burst: 500 }, at(7));
        assert!((0..500).all(|_| bucket.take(at(7))));
        assert!(!bucket.take(at(7)));
        assert!((0..50).all(|_| bucket.take(at(107))));
        assert!(!bucket.take(at(107)));
        // However long nobody comes: not more than one second's worth.
        assert!((0..500).all(|_| bucket.take(at(60_000))));
        assert!(!bucket.take(at(60_000)));
    }

    #[test]
    fn h_70_a_route_has_a_bucket_of_its_own_and_the_others_share_the_stages() {
        let at = Duration::from_millis;
        let throttle = |rate, burst| Throttle { rate, burst };
        let mut limits = Throttling { stage: Some(throttle(1.0, 2)), ..Throttling::default() };
        limits.routes.insert("own".to_owned(), throttle(0.5, 1));
        let throttles = Throttles::default();
        let take = |limits: &Throttling, route: &str, ms| throttles.take("a", "s", limits, route, at(ms));
        assert!(take(&limits, "x", 0) && take(&limits, "y", 0) && !take(&limits, "x", 0));
        assert!(take(&limits, "own", 0) && !take(&limits, "own", 1_000) && take(&limits, "own", 2_000));
        assert!(take(&limits, "y", 1_000) && !take(&limits, "y", 1_500));
        assert!(throttles.take("a", "other", &limits, "x", at(1_500)));
        limits.stage = Some(throttle(0.0, 1));
        assert!(take(&limits, "x", 1_500) && !take(&limits, "x", 100_000), "a new limit is a new bucket");
        assert!((0..9).all(|_| take(&Throttling::default(), "x", 1_500)));
    }
}
