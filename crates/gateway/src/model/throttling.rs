//! How many requests a stage and its routes let through (gateway facts H-70, W-13).

use std::collections::BTreeMap;

/// Limits of a stage.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Throttling {
    /// `DefaultRouteSettings`: of all routes together that have no limit of their own.
    pub stage: Option<Throttle>,
    /// `RouteSettings`, by route key.
    pub routes: BTreeMap<String, Throttle>,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// `ThrottlingRateLimit`: tokens that come back in a second.
    pub rate: f64,
    /// `ThrottlingBurstLimit`: tokens that there can be.
    pub burst: u32,
}

impl Default for Throttle {
    /// The quota of an account, which holds where a template states the other value only.
    fn default() -> Self {
        Self { rate: 10_000.0, burst: 5_000 }
    }
}
