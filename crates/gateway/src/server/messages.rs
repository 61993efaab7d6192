//! Messages from clients: route, invocation, and what the client hears of it (W-20 to W-25).

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::connections::Connection;
use super::custom::{self, Sent, Wrong};
use super::{Gateway, request_id, trace_id};
use crate::management::Signature;
use crate::model::{Application, WebSocketApi};
use crate::report::{Event, Execution, Frame, FrameKind, Outcome};
use crate::roles::Wish;
use crate::socket::authorizer;
use crate::socket::event::{self, Moment};
use crate::socket::reply::Failed;
use crate::socket::{self, error_body, select};

/// A message as it arrived.
pub(super) enum Incoming {
    /// Text.
    Text(String),
    /// Bytes, where the switch of W-28 lets them in; they are routed by `$default`.
    Binary(Bytes),
}

/// Handles one message from start to end.
pub(super) async fn handle(gateway: &Gateway, connection: &Connection, incoming: Incoming) {
    let (body, size, is_base64_encoded) = match incoming {
        Incoming::Text(text) => {
            let size = text.len();
            (text, size, false)
        }
        Incoming::Binary(bytes) => (STANDARD.encode(&bytes), bytes.len(), true),
    };
    let (request_id, now, started) = (request_id(), gateway.clock.now(), Instant::now());
    let application = gateway.application();
    let api = application.websocket_apis.get(&connection.api);
    let chosen = api.and_then(|api| select::choose(api, if is_base64_encoded { "" } else { &body }));
    let (outcome, execution) = match chosen {
        None => {
            complain(connection, socket::FORBIDDEN, &request_id);
            (Outcome::NoRoute, None)
        }
        Some((key, _)) if !is_allowed(gateway, &application, connection, key) => {
            complain(connection, socket::FORBIDDEN, &request_id);
            (Outcome::Refused(403), None)
        }
        Some((key, _)) if !through(gateway, api, key) => {
            complain(connection, &gateway.behaviour.throttled_message, &request_id);
            (Outcome::Failed, None)
        }
        Some((key, route)) => {
            let moment = Moment { request_id: &request_id, now };
            let message_id = self::request_id();
            let payload = event::message(&connection.session, moment, key, &message_id, &body, is_base64_encoded);
            if let Some(custom) = &route.custom {
                let trace = trace_id(now);
                let sent = Sent { session: &connection.session, body: &body, event: &payload, trace: &trace };
                let (answered, execution) = custom::call(gateway, route, custom, sent).await;
                let outcome = match answered {
                    Ok((answered, _)) => {
                        if let Some(text) = answered.text.filter(|_| route.two_way) {
                            connection.send(text);
                        }
                        Outcome::Done
                    }
                    Err(Wrong::TooLate) => {
                        complain(connection, socket::TIMED_OUT, &request_id);
                        Outcome::Failed
                    }
                    Err(Wrong::Templates | Wrong::Failed) => {
                        complain(connection, socket::INTERNAL_ERROR, &request_id);
                        Outcome::Failed
                    }
                };
                let told = Told { size, route: Some(key.to_owned()), outcome, execution };
                return tell(gateway, connection, request_id, started, told);
            }
            match gateway.integrate(&route.function, payload, &trace_id(now), route.timeout).await {
                Ok(invocation) => {
                    let checked = route.two_way || gateway.behaviour.one_way_replies_are_checked;
                    let outcome = match socket::reply::text(&invocation.result, checked) {
                        Ok(Some(text)) if route.two_way => {
                            connection.send(text);
                            Outcome::Done
                        }
                        Ok(_) => Outcome::Done,
                        Err(Failed) => {
                            complain(connection, socket::INTERNAL_ERROR, &request_id);
                            Outcome::Failed
                        }
                    };
                    let mut execution = invocation.execution;
                    execution.error = execution.error.or_else(|| socket::reply::complaint(&invocation.result));
                    (outcome, Some(execution))
                }
                Err(timed_out) => {
                    complain(connection, socket::TIMED_OUT, &request_id);
                    (Outcome::Failed, Some(timed_out))
                }
            }
        }
    };
    let told = Told { size, route: chosen.map(|(key, _)| key.to_owned()), outcome, execution };
    tell(gateway, connection, request_id, started, told);
}

/// Whether the stage lets a message to a route through (W-13).
fn through(gateway: &Gateway, api: Option<&WebSocketApi>, key: &str) -> bool {
    api.is_none_or(|api| gateway.lets_through(&api.api_id, &api.stage, &api.throttling, key))
}

/// Whether whoever signed the handshake, if it was signed, may send a message to a route (W-47).
fn is_allowed(gateway: &Gateway, application: &Application, connection: &Connection, key: &str) -> bool {
    let session = &connection.session;
    let Some(iam) = &session.iam else { return true };
    let arn = authorizer::route_arn(&application.region, &application.account_id, session, key);
    let wish = Wish { action: authorizer::INVOKE, resource: &arn };
    gateway.roles.denial(application, &Signature::By(iam.access_key.clone()), wish).is_none()
}

struct Told {
    size: usize,
    route: Option<String>,
    outcome: Outcome,
    execution: Option<Execution>,
}

fn tell(gateway: &Gateway, connection: &Connection, request_id: String, started: Instant, told: Told) {
    gateway.tell(&Event::Frame(Frame {
        connection_id: connection.session.connection_id.clone(),
        request_id,
        route: told.route,
        kind: FrameKind::Message(told.size),
        outcome: told.outcome,
        duration: started.elapsed(),
        authorizer: None,
        execution: told.execution,
    }));
}

/// Error frame (W-23, W-24); a client that does not read misses it.
fn complain(connection: &Connection, message: &str, request_id: &str) {
    connection.send(error_body(message, &connection.session.connection_id, request_id).to_string());
}
