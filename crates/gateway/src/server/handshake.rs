//! WebSocket handshakes: authorizer, `$connect`, and only then the upgrade (W-01).

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use hyper::upgrade::OnUpgrade;
use serde_json::Map;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::accept::Head;
use super::connection::{self, finish};
use super::connections::{Connection, Outgoing};
use super::custom::{self, Sent, Wrong};
use super::{Gateway, request_id, trace_id};
use crate::answer::Answer;
use crate::http_api::authorizer::iam::{self, Iam};
use crate::management::Signature;
use crate::model::WebSocketApi;
use crate::report::{Event, Execution, Frame, FrameKind, Outcome};
use crate::roles::Wish;
use crate::socket::authorizer::{self, Verdict};
use crate::socket::close::Closing;
use crate::socket::custom::Answered;
use crate::socket::event::{self, Handshake, Moment, Session};
use crate::socket::handshake::{self, Connected};
use crate::{ids, random, socket};

/// Answers a handshake. What it starts goes on even when the client has lost patience: functions are not told
/// otherwise, and an accepted connection ends with `$disconnect` in any case.
pub(super) async fn answer(gateway: Arc<Gateway>, head: Head, upgrade: OnUpgrade) -> Response<Full<Bytes>> {
    let (reply, answered) = oneshot::channel();
    let opening = Arc::clone(&gateway);
    gateway.spawn(async move {
        // Boxed: a connection lasts for hours, and would keep the room that opening it takes.
        let accepted = match Box::pin(open(&opening, &head)).await {
            Err(refusal) => {
                let _ = reply.send(Response::from(refusal));
                return;
            }
            Ok(accepted) => accepted,
        };
        // For the hours that a connection may last, nobody needs the handshake.
        drop(head);
        let Accepted { connection, outgoing, response } = accepted;
        let _ = reply.send(response);
        match upgrade.await {
            Ok(io) => connection::run(&opening, connection, io, outgoing).await,
            Err(_) => finish(&opening, &connection, Closing::lost()).await,
        }
    });
    answered.await.unwrap_or_else(|_| Response::from(Answer::message(503, "Service Unavailable")))
}

struct Accepted {
    connection: Arc<Connection>,
    outgoing: mpsc::UnboundedReceiver<Outgoing>,
    response: Response<Full<Bytes>>,
}

async fn open(gateway: &Gateway, head: &Head) -> Result<Accepted, Answer> {
    let application = gateway.application();
    let apis = socket::addressed(application.websocket_apis.values(), head.host());
    let api = handshake::api(apis, head.path(), &gateway.behaviour).ok_or_else(handshake::forbidden)?;
    let key = handshake::key(&head.parts.headers).ok_or_else(handshake::forbidden)?;
    if head.parts.uri.path_and_query().is_some_and(|target| target.as_str().len() > gateway.limits.socket_url) {
        return Err(handshake::url_too_long());
    }
    let through = !api.routes.contains_key("$connect")
        || gateway.lets_through(&api.api_id, &api.stage, &api.throttling, "$connect");
    if !through {
        return Err(crate::http_api::throttled(&gateway.behaviour));
    }
    if !gateway.handshakes.take(gateway.clock.passed()) {
        return Err(handshake::too_many());
    }
    if api.authorizer.is_some() && head.parts.headers.get_all(http::header::AUTHORIZATION).iter().count() > 1 {
        return Err(handshake::bad_request());
    }
    let mut opening = Opening::new(gateway, head, api);
    let decided = opening.decide().await;
    let outcome = match &decided {
        Ok(_) => Outcome::Done,
        Err(refusal) => Outcome::Refused(refusal.status),
    };
    let Opening { session, request_id, started, executions, .. } = opening;
    let Executions { authorizer, connect } = executions;
    gateway.tell(&Event::Frame(Frame {
        connection_id: session.connection_id.clone(),
        request_id,
        route: api.routes.contains_key("$connect").then(|| "$connect".to_owned()),
        kind: FrameKind::Connect,
        outcome,
        duration: started.elapsed(),
        authorizer,
        execution: connect,
    }));
    let subprotocol = decided?;
    let (connection, outgoing) =
        Connection::new(session, api.logical_id.clone(), gateway.limits.outgoing, gateway.clock.clone());
    gateway.connections.add(&connection);
    Ok(Accepted { connection, outgoing, response: switching_protocols(key, subprotocol.as_deref()) })
}

/// W-02, W-07.
fn switching_protocols(key: &[u8], subprotocol: Option<&str>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(http::header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(http::header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key)) {
        headers.insert(http::header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Some(Ok(subprotocol)) = subprotocol.map(HeaderValue::from_str) {
        headers.insert(http::header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    response
}

struct Opening<'a> {
    gateway: &'a Gateway,
    head: &'a Head,
    api: &'a WebSocketApi,
    session: Session,
    request_id: String,
    trace: String,
    started: Instant,
    executions: Executions,
}

#[derive(Default)]
struct Executions {
    authorizer: Option<Execution>,
    connect: Option<Execution>,
}

impl<'a> Opening<'a> {
    fn new(gateway: &'a Gateway, head: &'a Head, api: &'a WebSocketApi) -> Self {
        let now = gateway.clock.now();
        let origin = head.origin(gateway, &api.api_id);
        let session = Session {
            api_id: api.api_id.clone(),
            stage: api.stage.clone(),
            stage_variables: api.stage_variables.clone(),
            connection_id: ids::connection_id(random::bytes()),
            connected_at: now,
            domain: origin.domain,
            source_ip: origin.source_ip,
            user_agent: head.header("user-agent").map(str::to_owned),
            authorizer: Map::new(),
            iam: None,
        };
        let trace = head.header("x-amzn-trace-id").map_or_else(|| trace_id(now), str::to_owned);
        let (request_id, started, executions) = (request_id(), Instant::now(), Executions::default());
        Self { gateway, head, api, session, request_id, trace, started, executions }
    }

    /// The sub-protocol to answer with, or the refusal.
    async fn decide(&mut self) -> Result<Option<String>, Answer> {
        let authorizer_ms = self.authorize().await?;
        let Some(route) = self.api.routes.get("$connect") else { return Ok(None) };
        let payload =
            self.on_handshake(|session, handshake, moment| event::connect(session, handshake, moment, authorizer_ms));
        if let Some(custom) = &route.custom {
            let sent = Sent { session: &self.session, body: "", event: &payload, trace: &self.trace };
            let (answered, execution) = custom::call(self.gateway, route, custom, sent).await;
            self.executions.connect = execution;
            // As a function's reply would be read: the status decides (W-01, W-06).
            return match answered {
                Ok((Answered { status: 200..300, .. }, subprotocol)) => Ok(subprotocol),
                Ok((Answered { status, text }, _)) => {
                    Err(handshake::refused(status, text.unwrap_or_default(), &self.request_id))
                }
                Err(Wrong::Templates) => Err(self.refuse(500, socket::INTERNAL_ERROR)),
                Err(Wrong::Failed) => Err(self.refuse(502, socket::INTERNAL_ERROR)),
                Err(Wrong::TooLate) => {
                    Err(self.refuse(self.gateway.behaviour.connect_timeout_status, socket::TIMED_OUT))
                }
            };
        }
        match self.gateway.integrate(&route.function, payload, &self.trace, route.timeout).await {
            Ok(invocation) => {
                self.executions.connect = Some(invocation.execution);
                match handshake::connected(&invocation.result, &self.session.connection_id, &self.request_id) {
                    Connected::Accept(subprotocol) => Ok(subprotocol),
                    Connected::Refuse(answer) => Err(answer),
                }
            }
            Err(timed_out) => {
                self.executions.connect = Some(timed_out);
                Err(self.refuse(self.gateway.behaviour.connect_timeout_status, socket::TIMED_OUT))
            }
        }
    }

    /// Asks the authorizer, if there is one, and keeps its context (W-41 to W-44); its time in milliseconds.
    async fn authorize(&mut self) -> Result<Option<u64>, Answer> {
        if self.api.signed {
            self.session.iam = Some(self.signer()?);
        }
        let Some(configured) = &self.api.authorizer else { return Ok(None) };
        let (headers, query) = (&self.head.parts.headers, self.head.query());
        if !authorizer::identified(&configured.identity_sources, headers, query, &self.session) {
            return Err(self.refuse(401, "Unauthorized"));
        }
        let application = self.gateway.application();
        let arn = authorizer::method_arn(&application.region, &application.account_id, &self.session);
        let payload =
            self.on_handshake(|session, handshake, moment| event::authorizer(session, handshake, moment, &arn));
        let limit = self.gateway.limits.authorizer;
        let verdict = match self.gateway.integrate(&configured.function, payload, &self.trace, limit).await {
            Ok(invocation) => {
                self.executions.authorizer = Some(invocation.execution);
                authorizer::verdict(&invocation.result, &arn)
            }
            Err(timed_out) => {
                self.executions.authorizer = Some(timed_out);
                Verdict::Failed
            }
        };
        if let Some((status, message)) = verdict.refusal() {
            return Err(self.refuse(status, message));
        }
        if let Verdict::Allow(context) = verdict {
            self.session.authorizer = context;
        }
        let took = self.executions.authorizer.as_ref().map_or(Duration::ZERO, |execution| execution.duration);
        Ok(Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Who signed the handshake, if that may connect (W-47).
    fn signer(&self) -> Result<Iam, Answer> {
        let (roles, behaviour, parts) = (&self.gateway.roles, &self.gateway.behaviour, &self.head.parts);
        let application = self.gateway.application();
        let signature = Signature::read(&parts.headers, self.head.query());
        let iam = iam::identify(&signature, &application.account_id, behaviour)
            .map_err(|_| self.refuse(403, "Missing Authentication Token"))?;
        let arn = authorizer::method_arn(&application.region, &application.account_id, &self.session);
        let wish = Wish { action: authorizer::INVOKE, resource: &arn };
        let refusal = roles
            .refusal(behaviour, &signature)
            .or_else(|| roles.denial(&application, &signature, wish))
            .or_else(|| roles.forgery(behaviour, &signature, parts, b""));
        if refusal.is_some() { Err(self.refuse(403, socket::FORBIDDEN)) } else { Ok(iam) }
    }

    fn on_handshake(&self, build: impl FnOnce(&Session, Handshake<'_>, Moment<'_>) -> Bytes) -> Bytes {
        let origin = self.head.origin(self.gateway, &self.api.api_id);
        let (headers, query) = (&self.head.parts.headers, self.head.query());
        let handshake = Handshake { headers, query, origin: &origin, trace_id: &self.trace };
        build(&self.session, handshake, Moment { request_id: &self.request_id, now: self.session.connected_at })
    }

    fn refuse(&self, status: u16, message: &str) -> Answer {
        handshake::refuse(status, message, &self.session.connection_id, &self.request_id)
    }
}
