//! `DefaultRouteSettings` and `RouteSettings`: of what they hold, the limits (gateway facts H-70, W-13).

use super::fields::Fields;
use super::node::Node;
use crate::model::{Location, Throttle, Throttling};

/// The limits of a stage, and where those of each route stand.
pub(super) fn read(fields: &Fields<'_>) -> (Throttling, Vec<(String, Location)>) {
    let stage = fields.get("DefaultRouteSettings").and_then(|node| throttle(fields, node));
    let mut throttling = Throttling { stage, ..Throttling::default() };
    let mut named = Vec::new();
    for entry in fields.get("RouteSettings").map(Node::entries).unwrap_or_default() {
        if let Some(throttle) = throttle(fields, &entry.value) {
            throttling.routes.insert(entry.key.clone(), throttle);
            named.push((entry.key.clone(), fields.stack.location(entry.at)));
        }
    }
    (throttling, named)
}

/// The limits of a stage or of a route; `None` when none is stated.
pub(super) fn throttle(fields: &Fields<'_>, node: &Node) -> Option<Throttle> {
    let inner = fields.part(node);
    let burst = inner.number("ThrottlingBurstLimit", 0..=u64::from(u32::MAX), "");
    let rate = inner.text("ThrottlingRateLimit").and_then(|text| {
        let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate >= 0.0);
        if rate.is_none() {
            let at = inner.get("ThrottlingRateLimit").map_or(node.at, |node| node.at);
            inner.report(at, format_args!("`ThrottlingRateLimit` must be a number from 0, not `{text}`"));
        }
        rate
    });
    if burst.is_none() && rate.is_none() {
        return None;
    }
    let account = Throttle::default();
    let burst = burst.and_then(|burst| u32::try_from(burst).ok());
    Some(Throttle { rate: rate.unwrap_or(account.rate), burst: burst.unwrap_or(account.burst) })
}
