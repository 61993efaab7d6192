//! `@connections` on the gateway's port.

use std::sync::Arc;

use hyper::body::Incoming;

use super::accept::{Head, Unread, discard, read};
use super::connections::Connection;
use super::{Gateway, request_id, trace_id};
use crate::answer::Answer;
use crate::management::{self, Facts, Signature, Target};
use crate::model::Application;
use crate::report::{Event, Management};
use crate::roles::Wish;
use crate::{http_api, ids, socket};

/// IAM action of every request (M-11).
const ACTION: &str = "execute-api:ManageConnections";

/// The connection a request is about; `None` when it is no management request, or there is no WebSocket API.
pub(super) fn target(gateway: &Gateway, head: &Head) -> Option<Target> {
    if gateway.application().websocket_apis.is_empty() { None } else { management::target(head.path()) }
}

/// Answers a management request and tells who made it.
pub(super) async fn answer(gateway: &Gateway, head: &Head, target: Target, body: Incoming) -> Answer {
    let signature = Signature::read(&head.parts.headers, head.query());
    let verb = head.parts.method.as_str();
    let application = gateway.application();
    let (answer, resource) = match reached(gateway, &application, head, &target) {
        None => {
            discard(gateway, head, body);
            (management::unknown_stage(), target.connection_id)
        }
        Some(Reached { api_id, connection }) => {
            let Application { region, account_id, .. } = &*application;
            let resource = management::arn(region, account_id, &api_id, verb, &target);
            let call = Call { gateway, application: &application, head, signature: &signature, resource: &resource };
            (call.run(&target.connection_id, connection, body).await, resource)
        }
    };
    gateway.tell(&Event::Management(Management {
        access_key: signature.access_key().map(str::to_owned),
        action: ACTION,
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

struct Reached {
    api_id: String,
    connection: Option<Arc<Connection>>,
}

/// The API that has this stage, and its connection if it is open: any stage of the connection's own API will do
/// (M-10). Two APIs may have a stage of one name; then the connection tells which is meant.
fn reached(gateway: &Gateway, application: &Application, head: &Head, target: &Target) -> Option<Reached> {
    let apis = socket::addressed(application.websocket_apis.values(), head.host());
    let with_stage: Vec<_> = apis.filter(|api| api.stage == target.stage).collect();
    let connection = gateway
        .connections
        .get(&target.connection_id)
        .filter(|open| with_stage.iter().any(|api| api.api_id == open.session.api_id));
    let first = with_stage.first()?;
    let api_id = connection.as_ref().map_or(&first.api_id, |open| &open.session.api_id).clone();
    Some(Reached { api_id, connection })
}

struct Call<'a> {
    gateway: &'a Gateway,
    application: &'a Application,
    head: &'a Head,
    signature: &'a Signature,
    resource: &'a str,
}

impl Call<'_> {
    async fn run(&self, connection_id: &str, connection: Option<Arc<Connection>>, body: Incoming) -> Answer {
        let Self { gateway, head, .. } = self;
        if let Some(refusal) = self.refusal(connection_id) {
            discard(gateway, head, body);
            return refusal;
        }
        let body = match read(gateway, head, body, gateway.limits.message).await {
            Ok(body) => body,
            Err(Unread::TooLarge) => return management::too_large(),
            Err(Unread::TooSlow | Unread::Broken) => return http_api::request_timeout(),
        };
        let forgery = gateway.roles.forgery(&gateway.behaviour, self.signature, &head.parts, &body);
        if let Some(forgery) = forgery {
            return forgery;
        }
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

    /// The id first (M-09), then who asks, then what for.
    fn refusal(&self, connection_id: &str) -> Option<Answer> {
        let Self { gateway, application, head, signature, resource } = self;
        if !ids::is_connection_id(connection_id) {
            return Some(management::invalid_id(connection_id));
        }
        let wish = Wish { action: ACTION, resource };
        let known = matches!(head.parts.method.as_str(), "POST" | "GET" | "DELETE");
        gateway
            .roles
            .refusal(&gateway.behaviour, signature)
            .or_else(|| (!known).then(management::missing_token))
            .or_else(|| gateway.roles.denial(application, signature, wish))
    }
}
