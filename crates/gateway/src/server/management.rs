//! `@connections` on the gateway's port.

use hyper::body::Incoming;

use super::accept::{Head, Unread, discard, read};
use super::{Gateway, request_id, trace_id};
use crate::answer::Answer;
use crate::management::{self, Facts, Signature, Target};
use crate::model::WebSocketApi;
use crate::report::{Event, Management};
use crate::{http_api, ids};

/// The connection a request is about; `None` when it is no management request, or there is no WebSocket API.
pub(super) fn target(gateway: &Gateway, head: &Head) -> Option<Target> {
    if gateway.application.websocket_apis.is_empty() { None } else { management::target(head.path()) }
}

/// Answers a management request and tells who made it.
pub(super) async fn answer(gateway: &Gateway, head: &Head, target: Target, body: Incoming) -> Answer {
    let signature = Signature::read(&head.parts.headers, head.query());
    let verb = head.parts.method.as_str();
    let api = gateway.application.websocket_apis.values().find(|api| api.stage == target.stage);
    let (answer, resource) = match api {
        None => {
            discard(gateway, head, body);
            (management::unknown_stage(), target.connection_id)
        }
        Some(api) => {
            let Target { connection_id, .. } = &target;
            let answer = run(gateway, head, api, connection_id, &signature, body).await;
            let account = &gateway.application.account_id;
            (answer, management::arn(&gateway.application.region, account, &api.api_id, verb, &target))
        }
    };
    gateway.tell(&Event::Management(Management {
        access_key: signature.access_key().map(str::to_owned),
        action: "execute-api:ManageConnections",
        resource,
        status: answer.status,
    }));
    if answer.status == 413 {
        return answer;
    }
    answer
        .with("x-amzn-requestid", uuid::Uuid::new_v4().to_string())
        .with("x-amz-apigw-id", request_id())
        .with("x-amzn-trace-id", trace_id(gateway.clock.now()))
}

async fn run(
    gateway: &Gateway,
    head: &Head,
    api: &WebSocketApi,
    connection_id: &str,
    signature: &Signature,
    body: Incoming,
) -> Answer {
    let refusal = if !ids::is_connection_id(connection_id) {
        Some(management::invalid_id(connection_id))
    } else if gateway.behaviour.signature_required {
        signature.refusal()
    } else {
        None
    };
    let known = matches!(head.parts.method.as_str(), "POST" | "GET" | "DELETE");
    if let Some(refusal) = refusal.or_else(|| (!known).then(management::missing_token)) {
        discard(gateway, head, body);
        return refusal;
    }
    let body = match read(gateway, head, body, gateway.limits.message).await {
        Ok(body) => body,
        Err(Unread::TooLarge) => return management::too_large(),
        Err(Unread::TooSlow | Unread::Broken) => return http_api::request_timeout(),
    };
    let connection = gateway.connections.get(connection_id).filter(|open| open.session.api_id == api.api_id);
    let Some(connection) = connection else { return management::gone() };
    match head.parts.method.as_str() {
        "POST" => {
            // Always text, whatever was posted (M-04).
            let text = String::from_utf8_lossy(&body).into_owned();
            if connection.send(text) { management::posted() } else { management::limit_exceeded() }
        }
        "DELETE" => {
            gateway.connections.close(&connection, crate::socket::close::Closing::deleted());
            management::deleted()
        }
        _ => management::facts(Facts {
            source_ip: connection.session.source_ip,
            user_agent: connection.session.user_agent.as_deref(),
            connected_at: connection.session.connected_at,
            last_active_at: connection.last_active_at(),
        }),
    }
}
