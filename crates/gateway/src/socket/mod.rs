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
use crate::origin;

/// The APIs a host name can mean.
pub fn addressed<'a>(
    apis: impl Iterator<Item = &'a WebSocketApi> + Clone,
    host: Option<&str>,
) -> impl Iterator<Item = &'a WebSocketApi> {
    origin::addressed(apis, |api| &api.api_id, host)
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
