//! Payload format 2.0.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use super::parts::{body, cookies, headers, query, user_agent, variables};
use super::{Place, Request, Target, path};
use crate::http_api::authorizer::Caller;
use crate::{Behaviour, ids};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    #[serde(flatten)]
    asked: Asked<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(flatten)]
    variables: Variables<'a>,
    is_base64_encoded: bool,
}

/// The event of an authorizer: no body, cookies in the headers too.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerEvent<'a> {
    version: &'static str,
    r#type: &'static str,
    route_arn: String,
    identity_source: Option<&'a [String]>,
    #[serde(flatten)]
    asked: Asked<'a>,
    #[serde(flatten)]
    variables: Variables<'a>,
}

/// What both events say of the request, one key after the other.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    query_string_parameters: Map<String, Value>,
    request_context: Context<'a>,
}

/// Of the path and of the stage.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Variables<'a> {
    #[serde(skip_serializing_if = "Map::is_empty")]
    path_parameters: Map<String, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    stage_variables: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'a str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'a str,
    source_ip: String,
    user_agent: &'a str,
}

/// The event of a function; what does not apply is absent (H-20).
pub fn build(target: Target<'_>, request: Request<'_>, sent: &[u8], caller: &Caller, behaviour: &Behaviour) -> Bytes {
    let (body, is_base64_encoded) = body(request.headers, sent, behaviour);
    let mut headers = joined_headers(&request, sent.len(), behaviour);
    // Cookies have a place of their own (H-27).
    headers.remove("cookie");
    let (key, path) = (target.found.route.key(), path(request.path, behaviour));
    json(&Event {
        version: "2.0",
        asked: asked(target, &request, &key, &path, caller, headers),
        body,
        variables: variables_of(target),
        is_base64_encoded,
    })
}

/// The event of a `REQUEST` authorizer; `identity` are the values of its identity sources, null without any.
pub fn authorizer(target: Target<'_>, request: Request<'_>, identity: &[String], behaviour: &Behaviour) -> Bytes {
    let headers = joined_headers(&request, announced(&request), behaviour);
    let (key, path) = (target.found.route.key(), path(request.path, behaviour));
    json(&AuthorizerEvent {
        version: "2.0",
        r#type: "REQUEST",
        route_arn: target.arn(&request),
        identity_source: Some(identity).filter(|identity| !identity.is_empty()),
        asked: asked(target, &request, &key, &path, &Caller::Unknown, headers),
        variables: variables_of(target),
    })
}

fn asked<'a>(
    target: Target<'a>,
    request: &Request<'a>,
    key: &'a str,
    path: &'a str,
    caller: &Caller,
    headers: BTreeMap<String, String>,
) -> Asked<'a> {
    Asked {
        route_key: key,
        raw_path: path,
        raw_query_string: request.query,
        cookies: cookies(request.headers),
        headers,
        query_string_parameters: joined_query(request.query),
        request_context: context(target, request, key, path, caller),
    }
}

fn variables_of(target: Target<'_>) -> Variables<'_> {
    Variables { path_parameters: variables(&target.found.parameters), stage_variables: &target.stage.variables }
}

/// What the client says its body has: the authorizer is asked before it is read.
pub(super) fn announced(request: &Request<'_>) -> usize {
    let length = request.headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn context<'a>(target: Target<'a>, request: &Request<'a>, key: &'a str, path: &'a str, caller: &Caller) -> Context<'a> {
    Context {
        place: Place::new(target, request, caller.v2()),
        http: Http {
            method: request.method,
            path,
            protocol: request.protocol,
            source_ip: request.origin.source_ip.to_string(),
            user_agent: user_agent(request),
        },
        request_id: request.request_id,
        route_key: key,
        stage: &target.stage.name,
        time: ids::request_time(request.now),
        time_epoch: request.now.as_millisecond(),
    }
}

/// Lower-cased, sorted, repeated ones joined with `,` (H-26).
fn joined_headers(request: &Request<'_>, length: usize, behaviour: &Behaviour) -> BTreeMap<String, String> {
    headers(request, length, behaviour).into_iter().map(|(name, values)| (name, values.join(","))).collect()
}

/// Decoded values, repeated keys joined with `,` (H-22).
fn joined_query(sent: &str) -> Map<String, Value> {
    query(sent).into_iter().map(|(key, values)| (key, values.join(",").into())).collect()
}

pub(super) fn json(event: &impl Serialize) -> Bytes {
    // Strings, numbers and JSON values always serialise.
    serde_json::to_vec(event).unwrap_or_default().into()
}
