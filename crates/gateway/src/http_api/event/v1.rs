//! Payload format 1.0, the form of REST APIs as HTTP APIs make it: what does not apply is null.
//!
//! The event of an authorizer follows recordings of AWS; that of a function the documentation of the integration and,
//! where both have a key, the same recordings.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::parts::{body, headers, query, user_agent, variables};
use super::v2::{announced, json as bytes};
use super::{Place, Request, Target, path};
use crate::http_api::authorizer::Caller;
use crate::model::HttpRoute;
use crate::{Behaviour, ids};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: BTreeMap<String, String>,
    multi_value_headers: BTreeMap<String, Vec<String>>,
    query_string_parameters: Option<Map<String, Value>>,
    multi_value_query_string_parameters: Option<Map<String, Value>>,
    request_context: Context<'a>,
    path_parameters: Option<Map<String, Value>>,
    stage_variables: Option<&'a BTreeMap<String, String>>,
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerEvent<'a> {
    version: &'static str,
    r#type: &'static str,
    method_arn: String,
    identity_source: String,
    authorization_token: String,
    resource: &'static str,
    path: &'a str,
    http_method: &'a str,
    headers: BTreeMap<String, String>,
    query_string_parameters: Map<String, Value>,
    request_context: Context<'a>,
    path_parameters: Map<String, Value>,
    stage_variables: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    extended_request_id: &'a str,
    http_method: &'a str,
    identity: Value,
    path: &'a str,
    protocol: &'a str,
    request_id: &'a str,
    request_time: String,
    request_time_epoch: i64,
    resource_id: &'a str,
    resource_path: &'a str,
    stage: &'a str,
}

/// The event of a function.
pub fn build(target: Target<'_>, request: Request<'_>, sent: &[u8], caller: &Caller, behaviour: &Behaviour) -> Bytes {
    let key = target.found.route.key();
    let path = path(request.path, behaviour);
    let (body, is_base64_encoded) = body(request.headers, sent, behaviour);
    let headers = named_headers(&request, sent.len(), behaviour);
    let parameters = query(request.query);
    let (single, multiple) = (last_values(&parameters), all_values(&parameters));
    let some = |map: Map<String, Value>| Some(map).filter(|map| !map.is_empty());
    bytes(&Event {
        version: "1.0",
        resource: resource(target.found.route),
        path: &path,
        http_method: request.method,
        headers: last_headers(&headers),
        multi_value_headers: headers,
        query_string_parameters: some(single),
        multi_value_query_string_parameters: some(multiple),
        request_context: context(target, &request, &key, &path, caller),
        path_parameters: some(variables(&target.found.parameters)),
        stage_variables: Some(&target.stage.variables).filter(|variables| !variables.is_empty()),
        body,
        is_base64_encoded,
    })
}

/// The event of a `REQUEST` authorizer; `identity` are the values of its identity sources.
pub fn authorizer(target: Target<'_>, request: Request<'_>, identity: &[String], behaviour: &Behaviour) -> Bytes {
    let key = target.found.route.key();
    let path = path(request.path, behaviour);
    let identity = identity.join(",");
    bytes(&AuthorizerEvent {
        version: "1.0",
        r#type: "REQUEST",
        method_arn: target.arn(&request),
        identity_source: identity.clone(),
        authorization_token: identity,
        resource: "",
        path: &path,
        http_method: request.method,
        headers: last_headers(&named_headers(&request, announced(&request), behaviour)),
        query_string_parameters: last_values(&query(request.query)),
        request_context: context(target, &request, &key, &path, &Caller::Unknown),
        path_parameters: variables(&target.found.parameters),
        stage_variables: &target.stage.variables,
    })
}

fn context<'a>(target: Target<'a>, request: &Request<'a>, key: &'a str, path: &'a str, caller: &Caller) -> Context<'a> {
    Context {
        place: Place::new(target, request, caller.v1()),
        extended_request_id: request.request_id,
        http_method: request.method,
        identity: identity(request, caller),
        path,
        protocol: request.protocol,
        request_id: request.request_id,
        request_time: ids::request_time(request.now),
        request_time_epoch: request.now.as_millisecond(),
        resource_id: key,
        resource_path: resource(target.found.route),
        stage: &target.stage.name,
    }
}

fn identity(request: &Request<'_>, caller: &Caller) -> Value {
    let iam = caller.iam();
    let known = |value: Option<&String>| value.map_or(Value::Null, |value| value.clone().into());
    json!({
        "accessKey": known(iam.map(|iam| &iam.access_key)),
        "accountId": known(iam.map(|iam| &iam.account_id)),
        "caller": known(iam.map(|iam| &iam.caller_id)),
        "cognitoAmr": null,
        "cognitoAuthenticationProvider": null,
        "cognitoAuthenticationType": null,
        "cognitoIdentityId": null,
        "cognitoIdentityPoolId": null,
        "principalOrgId": null,
        "sourceIp": request.origin.source_ip.to_string(),
        "user": known(iam.map(|iam| &iam.user_id)),
        "userAgent": user_agent(request),
        "userArn": known(iam.map(|iam| &iam.user_arn)),
    })
}

fn resource(route: &HttpRoute) -> &str {
    if route.path.is_empty() { &route.method } else { &route.path }
}

/// Names as recordings have them: `Host`, `User-Agent`, `X-Probe`, but `accept-encoding` and `authorization`.
fn named_headers(request: &Request<'_>, length: usize, behaviour: &Behaviour) -> BTreeMap<String, Vec<String>> {
    headers(request, length, behaviour).into_iter().map(|(name, values)| (cased(name), values)).collect()
}

fn cased(name: String) -> String {
    if name.starts_with("accept") || name.starts_with("sec-") || name == "authorization" {
        return name;
    }
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

fn last_headers(headers: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, String> {
    headers.iter().map(|(name, values)| (name.clone(), values.last().cloned().unwrap_or_default())).collect()
}

fn last_values(parameters: &[(String, Vec<String>)]) -> Map<String, Value> {
    parameters.iter().map(|(key, values)| (key.clone(), values.last().cloned().unwrap_or_default().into())).collect()
}

fn all_values(parameters: &[(String, Vec<String>)]) -> Map<String, Value> {
    parameters.iter().map(|(key, values)| (key.clone(), values.clone().into())).collect()
}
