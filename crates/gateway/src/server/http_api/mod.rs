//! Requests to HTTP APIs.

mod authorize;
mod backend;
mod keys;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::Incoming;
use jiff::Timestamp;

use super::accept::{Head, Unread, discard, read};
use super::{Gateway, request_id, trace_id};
use crate::answer::Answer;
use crate::http_api::authorizer::cache::{Cache, Key};
use crate::http_api::authorizer::lambda::Outcome;
use crate::http_api::authorizer::{Caller, Refusal};
use crate::http_api::event::Target;
use crate::http_api::mapping::{self, Mapped, Scope};
use crate::http_api::routes::{Found, Match};
use crate::http_api::{self, cors, event, routes};
use crate::management::Signature;
use crate::model::{Application, HttpApi, Stage};
use crate::origin::{self, Origin};
use crate::report::{Event, Execution, Request};
use crate::socket::handshake;

/// What HTTP APIs remember from one request to the next.
#[derive(Default)]
pub(super) struct Memory {
    results: Mutex<Cache>,
    keys: keys::Keys,
}

impl Memory {
    fn kept(&self, key: &Key, now: Duration) -> Option<Outcome> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).get(key, now)
    }

    fn keep(&self, key: Key, outcome: &Outcome, now: Duration, ttl: Duration) {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).put(key, outcome, now, ttl);
    }
}

/// What the report tells beyond the answer.
#[derive(Default)]
struct Told {
    route: Option<String>,
    authorizer: Option<Execution>,
    execution: Option<Execution>,
}

/// Answers a request and tells of it.
pub(super) async fn answer(gateway: &Gateway, head: &Head, body: Incoming) -> Answer {
    let started = Instant::now();
    let request_id = request_id();
    let mut told = Told::default();
    let answer = decide(gateway, head, body, &request_id, &mut told).await;
    gateway.tell(&Event::Request(Request {
        request_id: request_id.clone(),
        method: head.parts.method.as_str().to_owned(),
        path: event::path(head.path(), &gateway.behaviour),
        route: told.route,
        status: answer.status,
        duration: started.elapsed(),
        authorizer: told.authorizer,
        execution: told.execution,
    }));
    answer.with("apigw-requestid", request_id)
}

async fn decide(gateway: &Gateway, head: &Head, body: Incoming, request_id: &str, told: &mut Told) -> Answer {
    if size(head) > gateway.limits.http_headers {
        discard(gateway, head, body);
        return http_api::headers_too_large();
    }
    let application = gateway.application();
    // The WebSocket API answers 403 to plain requests (W-09).
    if application.websocket_apis.values().any(|api| origin::names(head.host(), &api.api_id)) {
        discard(gateway, head, body);
        return handshake::plain_request(&gateway.behaviour);
    }
    let apis = origin::addressed(application.http_apis.values(), |api| &api.api_id, head.host());
    let found = routes::find(apis, head.parts.method.as_str(), head.path(), &gateway.behaviour);
    let Some(Found { api, stage, route }) = found else {
        discard(gateway, head, body);
        // Without any HTTP API only the WebSocket API is left.
        let only_sockets = application.http_apis.is_empty();
        return if only_sockets { handshake::plain_request(&gateway.behaviour) } else { http_api::not_found() };
    };
    let headers = &head.parts.headers;
    let preflight = api.cors.as_ref().and_then(|cors| cors::preflight(cors, &head.parts.method, headers));
    if let Some(preflight) = preflight {
        discard(gateway, head, body);
        return preflight;
    }
    let answer = if let Some(found) = route {
        let key = found.route.key();
        let through = gateway.lets_through(&api.api_id, &stage.name, &stage.throttling, &key);
        told.route = Some(key);
        if through {
            Call { gateway, head, application: &application, api, stage, found, request_id }.run(body, told).await
        } else {
            discard(gateway, head, body);
            http_api::throttled(&gateway.behaviour)
        }
    } else {
        discard(gateway, head, body);
        http_api::not_found()
    };
    match &api.cors {
        Some(cors) => cors::apply(cors, headers, answer),
        None => answer,
    }
}

/// Request line and header values in bytes (H-35).
fn size(head: &Head) -> usize {
    let target = head.parts.uri.path_and_query().map_or(1, |target| target.as_str().len());
    let line = head.parts.method.as_str().len() + target + " HTTP/1.1 ".len();
    line + head.parts.headers.values().map(http::HeaderValue::len).sum::<usize>()
}

struct Call<'a> {
    gateway: &'a Gateway,
    head: &'a Head,
    application: &'a Application,
    api: &'a HttpApi,
    stage: &'a Stage,
    found: Match<'a>,
    request_id: &'a str,
}

impl Call<'_> {
    async fn run(&self, body: Incoming, told: &mut Told) -> Answer {
        let Self { gateway, head, found, .. } = self;
        let now = gateway.clock.now();
        let trace = head.header("x-amzn-trace-id").map_or_else(|| trace_id(now), str::to_owned);
        let target = Target { api: self.api, stage: self.stage, found };
        let origin = head.origin(gateway, &self.api.api_id);
        let request = self.request(&origin, &trace, now);
        // Whom the route refuses need not have sent all of the body.
        let caller = match authorize::authorize(gateway, self.application, target, request, &mut told.authorizer).await
        {
            Ok(caller) => caller,
            Err(refusal) => {
                discard(gateway, head, body);
                return refusal.answer();
            }
        };
        let body = match read(gateway, head, body, gateway.limits.http_body).await {
            Ok(body) => body,
            Err(Unread::TooLarge) => return http_api::too_large(),
            Err(Unread::TooSlow | Unread::Broken) => return http_api::request_timeout(),
        };
        if let Caller::Iam(_) = caller {
            let signature = Signature::read(&head.parts.headers, head.query());
            if gateway.roles.forgery(&gateway.behaviour, &signature, &head.parts, &body).is_some() {
                return Refusal::Forbidden.answer();
            }
        }
        let mapping = &found.route.mapping;
        let scope = Scope { target, request: &request, body: &body, caller: &caller };
        let mapped = mapping::request(mapping, scope, &gateway.behaviour);
        let asked = match &mapped {
            None => request,
            Some(Mapped { path, query, headers }) => {
                event::Request { path: path.as_deref().unwrap_or(request.path), query, headers, ..request }
            }
        };
        let path = mapped.as_ref().and_then(|mapped| mapped.path.as_deref());
        let answer = self.integrate(asked, path, &body, &caller, told).await;
        mapping::response(mapping, answer, scope, &gateway.behaviour)
    }

    /// Asks the route's function or its backend; `path` is what the mapping puts in place of the backend's.
    async fn integrate(
        &self,
        request: event::Request<'_>,
        path: Option<&str>,
        body: &Bytes,
        caller: &Caller,
        told: &mut Told,
    ) -> Answer {
        let Self { gateway, found, .. } = self;
        let target = Target { api: self.api, stage: self.stage, found };
        let route = found.route;
        if let Some(server) = &route.backend {
            let asked = http_api::backend::request(server, &target, &request, path, body.clone());
            let (answer, execution) = backend::call(gateway, route.timeout, asked).await;
            told.execution = execution;
            return answer;
        }
        let payload = event::build(target, request, body, caller, &gateway.behaviour);
        match gateway.integrate(&route.function, payload, request.trace_id, route.timeout).await {
            Ok(invocation) => {
                let answer = http_api::answer(route.payload_format, &invocation.result);
                told.execution = Some(invocation.execution);
                answer
            }
            Err(timed_out) => {
                told.execution = Some(timed_out);
                http_api::integration_timeout(gateway.behaviour.integration_timeout_status)
            }
        }
    }

    fn request<'r>(&'r self, origin: &'r Origin, trace_id: &'r str, now: Timestamp) -> event::Request<'r> {
        let Self { head, application, request_id, .. } = self;
        event::Request {
            method: head.parts.method.as_str(),
            path: head.path(),
            query: head.query(),
            protocol: if head.parts.version == http::Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" },
            headers: &head.parts.headers,
            origin,
            region: &application.region,
            account_id: &application.account_id,
            request_id,
            trace_id,
            now,
        }
    }
}
