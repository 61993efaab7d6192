//! WebSocket routes that something else than a proxied function answers (gateway facts W-37, W-50 to W-54).

use std::time::Instant;

use bytes::Bytes;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use serde_json::Value;

use super::Gateway;
use super::web::{self, NoResponse};
use crate::lambda::Failure;
use crate::model::{Backend, Custom, Target, WebSocketRoute};
use crate::report::Execution;
use crate::socket::custom::{self, Answered, request};
use crate::socket::event::Session;
use crate::velocity::Scope;

/// What is sent to an integration.
pub(super) struct Sent<'a> {
    pub(super) session: &'a Session,
    /// The message; empty for `$connect` and `$disconnect`.
    pub(super) body: &'a str,
    /// The event that a proxied function would get.
    pub(super) event: &'a [u8],
    pub(super) trace: &'a str,
}

/// Why an integration answers nothing.
pub(super) enum Wrong {
    /// The templates, or what they should be rendered with, make no sense.
    Templates,
    /// The backend or the function failed, or cannot be reached.
    Failed,
    /// It took too long.
    TooLate,
}

/// An answer, and the sub-protocol that a proxied backend chose (W-07).
pub(super) type Result = std::result::Result<(Answered, Option<String>), Wrong>;

/// Asks the integration; the execution is what the report tells.
pub(super) async fn call(
    gateway: &Gateway,
    route: &WebSocketRoute,
    custom: &Custom,
    sent: Sent<'_>,
) -> (Result, Option<Execution>) {
    let event: Value = serde_json::from_slice(sent.event).unwrap_or_default();
    let scope = Scope { body: sent.body, event: &event, stage_variables: &sent.session.stage_variables };
    let failed = |_| Wrong::Templates;
    match &custom.target {
        Target::Mock => (custom::mocked(custom, scope).map(|answered| (answered, None)).map_err(failed), None),
        Target::HttpProxy(backend) => ask(gateway, route, custom, backend, scope, sent.body.to_owned()).await,
        Target::Http(backend) => match custom::requested(custom, scope) {
            Ok(body) => ask(gateway, route, custom, backend, scope, body).await,
            Err(error) => (Err(failed(error)), None),
        },
        Target::Function => match custom::requested(custom, scope) {
            Ok(payload) => invoke(gateway, route, custom, scope, payload, sent.trace).await,
            Err(error) => (Err(failed(error)), None),
        },
    }
}

async fn ask(
    gateway: &Gateway,
    route: &WebSocketRoute,
    custom: &Custom,
    backend: &Backend,
    scope: Scope<'_>,
    body: String,
) -> (Result, Option<Execution>) {
    let proxied = matches!(custom.target, Target::HttpProxy(_));
    let request = request::build(backend, &custom.parameters, scope, body.into(), proxied, &gateway.behaviour);
    let Some(request) = request else { return (Err(Wrong::Failed), None) };
    let (started, called) = (Instant::now(), web::called(&request));
    // More than a message may have would not reach the client.
    let response = gateway.web.ask(&gateway.clock, route.timeout, gateway.limits.message, request).await;
    let execution = web::execution(called, started, response.as_ref());
    let result = match response {
        Err(NoResponse::TooLate) => Err(Wrong::TooLate),
        Err(_) => Err(Wrong::Failed),
        Ok(response) => {
            let chosen = response.headers().get(SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
            let subprotocol = chosen.filter(|_| proxied).map(str::to_owned);
            let (status, body) = (response.status().as_u16(), String::from_utf8_lossy(response.body()));
            let answered = if proxied {
                Ok(Answered { status, text: Some(body.into_owned()) })
            } else {
                custom::answered(custom, status, Scope { body: &body, ..scope }).map_err(|_| Wrong::Templates)
            };
            answered.map(|answered| (answered, subprotocol))
        }
    };
    (result, Some(execution))
}

async fn invoke(
    gateway: &Gateway,
    route: &WebSocketRoute,
    custom: &Custom,
    scope: Scope<'_>,
    payload: String,
    trace: &str,
) -> (Result, Option<Execution>) {
    match gateway.integrate(&route.function, Bytes::from(payload), trace, route.timeout).await {
        Err(timed_out) => (Err(Wrong::TooLate), Some(timed_out)),
        Ok(invocation) => {
            let result = match &invocation.result {
                Err(Failure::TooLarge | Failure::Unavailable | Failure::Throttled | Failure::Function(_)) => {
                    Err(Wrong::Failed)
                }
                Ok(reply) => {
                    let body = String::from_utf8_lossy(reply);
                    let answered = custom::answered(custom, 200, Scope { body: &body, ..scope });
                    answered.map(|answered| (answered, None)).map_err(|_| Wrong::Templates)
                }
            };
            (result, Some(invocation.execution))
        }
    }
}
