//! What both formats say of headers, cookies, query and body.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use super::Request;
use crate::{Behaviour, Domain};

/// All values of each header that functions see, by lower-case name, with what the gateway adds (H-28, H-29) and
/// without what concerns the connection only. Cookies are among them.
pub(super) fn headers(request: &Request<'_>, length: usize, behaviour: &Behaviour) -> BTreeMap<String, Vec<String>> {
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in request.headers {
        if !concerns_the_connection(name) {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.entry(name.as_str().to_owned()).or_default().push(value);
        }
    }
    let origin = request.origin;
    let forwarded = headers.get("x-forwarded-for").and_then(|values| values.first()).map(String::as_str);
    let forwarded = origin.forwarded_for(forwarded);
    let mut set = |name: &str, value: String| drop(headers.insert(name.to_owned(), vec![value]));
    set("content-length", length.to_string());
    set("x-forwarded-for", forwarded);
    set("x-forwarded-port", origin.port.to_string());
    set("x-forwarded-proto", origin.protocol.to_owned());
    if behaviour.domain == Domain::Aws || !headers.contains_key("host") {
        headers.insert("host".to_owned(), vec![origin.domain.clone()]);
    }
    headers.entry("x-amzn-trace-id".to_owned()).or_insert_with(|| vec![request.trace_id.to_owned()]);
    headers
}

/// Whether a header goes no further than the connection it came on.
pub(crate) fn concerns_the_connection(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "expect"
            | "keep-alive"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "upgrade"
            | "transfer-encoding"
    )
}

/// Each `name=value` of every `Cookie` header (H-27).
pub(super) fn cookies(headers: &HeaderMap) -> Vec<String> {
    let sent = headers.get_all(http::header::COOKIE).iter();
    sent.flat_map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        value.split(';').map(|pair| pair.trim().to_owned()).filter(|pair| !pair.is_empty()).collect::<Vec<_>>()
    })
    .collect()
}

/// Decoded values of each key, in the order they were sent (H-22).
pub(crate) fn query(query: &str) -> Vec<(String, Vec<String>)> {
    let mut parameters: Vec<(String, Vec<String>)> = Vec::new();
    let mut places = BTreeMap::<String, usize>::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = *places.entry(key.clone().into_owned()).or_insert_with(|| {
            parameters.push((key.into_owned(), Vec::new()));
            parameters.len() - 1
        });
        parameters[place].1.push(value.into_owned());
    }
    parameters
}

/// The path's variables (H-25).
pub(super) fn variables(parameters: &[(String, String)]) -> Map<String, Value> {
    parameters.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect()
}

pub(super) fn user_agent<'a>(request: &Request<'a>) -> &'a str {
    request.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The body and whether it is base64 (H-33). Text that is not UTF-8 is passed as base64 rather than damaged.
pub(super) fn body(headers: &HeaderMap, body: &[u8], behaviour: &Behaviour) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(headers, behaviour) => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

fn is_text(headers: &HeaderMap, behaviour: &Behaviour) -> bool {
    if behaviour.encoded_body_is_binary && headers.contains_key(http::header::CONTENT_ENCODING) {
        return false;
    }
    let content_type =
        headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.starts_with("text/")
        || matches!(media_type.as_str(), "application/json" | "application/xml" | "application/javascript")
        || behaviour.graphql_is_text && media_type == "application/graphql"
        || behaviour.json_suffix_is_text && media_type.starts_with("application/") && media_type.ends_with("+json")
}
