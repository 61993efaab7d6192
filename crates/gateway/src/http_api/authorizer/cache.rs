//! Results of Lambda authorizers that are kept for a while (gateway fact A-06).

use std::collections::HashMap;
use std::time::Duration;

use super::lambda::Outcome;

/// Results kept at most; beyond it those that are due go, and then all.
const MOST: usize = 10_000;

/// What a result is kept under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// API id.
    pub api: String,
    /// Stage.
    pub stage: String,
    /// Id of the authorizer.
    pub authorizer: String,
    /// Values of all its identity sources.
    pub identity: Vec<String>,
}

/// Kept results. Time comes in as an argument: how long the gateway's clock has run.
#[derive(Debug, Default)]
pub struct Cache(HashMap<Key, (Duration, Outcome)>);

impl Cache {
    /// A result that is still good.
    pub fn get(&self, key: &Key, now: Duration) -> Option<Outcome> {
        self.0.get(key).filter(|(until, _)| now < *until).map(|(_, outcome)| outcome.clone())
    }

    /// Keeps a result for `ttl`; not at all when that is zero or nothing tells callers apart.
    pub fn put(&mut self, key: Key, outcome: &Outcome, now: Duration, ttl: Duration) {
        if ttl.is_zero() || key.identity.is_empty() {
            return;
        }
        if self.0.len() >= MOST {
            self.0.retain(|_, (until, _)| now < *until);
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(key, (now.saturating_add(ttl), outcome.clone()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn key(route: &str) -> Key {
        Key {
            api: "a".to_owned(),
            stage: "$default".to_owned(),
            authorizer: "x".to_owned(),
            identity: vec!["token".to_owned(), route.to_owned()],
        }
    }

    fn outcome(allowed: bool) -> Outcome {
        Outcome::Simple { allowed, context: Map::new() }
    }

    #[test]
    fn a06_results_are_kept_for_their_time_by_every_identity_value() {
        let mut cache = Cache::default();
        // Denials are kept as well.
        cache.put(key("GET /a"), &outcome(false), SECOND, 2 * SECOND);
        assert_eq!(cache.get(&key("GET /a"), 2 * SECOND), Some(outcome(false)));
        assert_eq!(cache.get(&key("GET /b"), 2 * SECOND), None);
        assert_eq!(cache.get(&Key { stage: "dev".to_owned(), ..key("GET /a") }, 2 * SECOND), None);
        assert_eq!(cache.get(&key("GET /a"), 3 * SECOND), None);
    }

    #[test]
    fn a06_zero_and_no_identity_keep_nothing() {
        let mut cache = Cache::default();
        cache.put(key("GET /a"), &outcome(true), SECOND, Duration::ZERO);
        cache.put(Key { identity: Vec::new(), ..key("") }, &outcome(true), SECOND, SECOND);
        assert_eq!(cache.0.len(), 0);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut cache = Cache::default();
        for number in 0..=MOST {
            cache.put(key(&number.to_string()), &outcome(true), SECOND, SECOND);
        }
        assert!(cache.0.len() <= MOST);
        assert!(cache.get(&key(&MOST.to_string()), SECOND).is_some());
    }
}
