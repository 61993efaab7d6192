//! Requests to the HTTP servers behind WebSocket routes (gateway facts W-50 to W-52).

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::parameters::values;
use crate::Behaviour;
use crate::address::address;
use crate::http_api::event::concerns_the_connection;
use crate::http_api::mapping::encoded;
use crate::model::{Backend, Parameter, ParameterPlace};
use crate::velocity::Scope;

/// Builds the request with this body; `None` when the address turns out to be none. `as_it_came` is for `HTTP_PROXY`:
/// headers and query of a handshake go along, if the switch of W-52 says so.
pub fn build(
    backend: &Backend,
    parameters: &[Parameter],
    scope: Scope<'_>,
    body: Bytes,
    as_it_came: bool,
    behaviour: &Behaviour,
) -> Option<http::Request<Bytes>> {
    let connects = scope.event["requestContext"]["eventType"] == "CONNECT";
    let goes_along = as_it_came && connects && behaviour.connect_passes_headers_and_query;
    let mut headers = if goes_along { handshake_headers(scope.event) } else { HeaderMap::new() };
    let mut query = form_urlencoded::Serializer::new(String::new());
    if goes_along {
        query.extend_pairs(handshake_query(scope.event));
    }
    let mut path = Vec::new();
    for Parameter { place, source } in parameters {
        let values = values(source, scope);
        match place {
            ParameterPlace::Header(name) => set(&mut headers, name, &values),
            ParameterPlace::Query(name) => {
                query.extend_pairs(values.iter().map(|value| (name, value)));
            }
            ParameterPlace::Path(name) => path.push((name, encoded(&values.join(",")))),
        }
    }
    let context = &scope.event["requestContext"];
    let api = context["apiId"].as_str().unwrap_or_default();
    for (name, value) in [
        (CONTENT_TYPE, "application/json"),
        (HeaderName::from_static("x-amzn-apigateway-api-id"), api),
        (USER_AGENT, &format!("AmazonAPIGateway_{api}")),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    }
    let uri = address(
        &backend.uri,
        |name| scope.stage_variables.get(name).cloned(),
        |name| path.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()),
        None,
        &query.finish(),
    )?;
    let method = if backend.method == "ANY" { "POST" } else { &backend.method };
    let mut request = http::Request::builder().method(method).uri(uri).body(body).ok()?;
    *request.headers_mut() = headers;
    Some(request)
}

/// What cannot stand in a header is left out.
fn set(headers: &mut HeaderMap, name: &str, values: &[String]) {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return };
    headers.remove(&name);
    for value in values.iter().filter_map(|value| HeaderValue::from_str(value).ok()) {
        headers.append(name.clone(), value);
    }
}

fn pairs(map: &Value) -> impl Iterator<Item = (&str, &str)> {
    let fields = map.as_object().into_iter().flatten();
    fields.flat_map(|(name, values)| {
        let values = values.as_array().into_iter().flatten().filter_map(Value::as_str);
        values.map(move |value| (name.as_str(), value))
    })
}

/// Those of the handshake, without what makes it one.
fn handshake_headers(event: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(&event["multiValueHeaders"]) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            && name != HOST
            && !concerns_the_connection(&name)
        {
            headers.append(name, value);
        }
    }
    headers
}

fn handshake_query(event: &Value) -> impl Iterator<Item = (&str, &str)> {
    pairs(&event["multiValueQueryStringParameters"])
}
