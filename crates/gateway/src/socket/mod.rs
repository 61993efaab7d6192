//! WebSocket APIs: events, route selection, authorizers and handshakes as pure code (gateway facts W-01 to W-46), and
//! the shell that keeps connections.

pub mod authorizer;
pub mod close;
pub mod custom;
pub mod event;
pub mod frames;
pub mod handshake;
pub mod reply;
pub mod select;

use serde_json::{Value, json};

use crate::model::WebSocketApi;

/// The APIs a host name can mean: the one whose id is its first label, as in `{apiId}.execute-api.{region}.…`; all of
/// them when there is none such, as on a laptop.
pub fn addressed<'a>(
    apis: impl Iterator<Item = &'a WebSocketApi> + Clone,
    host: Option<&str>,
) -> impl Iterator<Item = &'a WebSocketApi> {
    let label = host.and_then(|host| host.split(['.', ':']).next()).unwrap_or_default().to_owned();
    let named = apis.clone().any(|api| api.api_id == label);
    apis.filter(move |api| !named || api.api_id == label)
}

/// The JSON of a refused handshake and of an error frame (W-23, W-24, W-41).
pub fn error_body(message: &str, connection_id: &str, request_id: &str) -> Value {
    json!({ "message": message, "connectionId": connection_id, "requestId": request_id })
}

/// What an integration's failure is called in both.
pub const INTERNAL_ERROR: &str = "Internal server error";
/// What an integration's timeout is called in both (W-08, W-24).
pub const TIMED_OUT: &str = "Endpoint request timed out";
/// What a message without a route gets (W-23).
pub const FORBIDDEN: &str = "Forbidden";
