//! `HTTP_PROXY` integrations: the request to the backend, and its response (gateway facts H-50 to H-54).

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, FORWARDED, HOST, VIA};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::event::{Request, Target, concerns_the_connection};
use super::mapping::encoded;
use crate::address::address;
use crate::answer::Answer;
use crate::model::{Backend, Place};

/// What the gateway says it is (H-51).
const OWN_VIA: &str = "HTTP/1.1 AmazonAPIGateway";

/// The request that the backend gets; `None` when its address is none. `request` is as mapped, `path` what replaces
/// the path of the address.
pub fn request(
    backend: &Backend,
    target: &Target<'_>,
    request: &Request<'_>,
    path: Option<&str>,
    body: Bytes,
) -> Option<http::Request<Bytes>> {
    let variable = |name: &str| {
        let mut parameters = target.found.parameters.iter();
        parameters.find(|(key, _)| key == name).map(|(_, value)| encoded(value))
    };
    let stage_variable = |name: &str| target.stage.variables.get(name).cloned();
    let uri = address(&backend.uri, stage_variable, variable, path, request.query)?;
    let mut headers = forwarded(request);
    let mapped = |place: &Place| matches!(place, Place::Header(name) if name == "host");
    if !target.found.route.mapping.requests.iter().any(|change| mapped(&change.place)) {
        headers.remove(HOST);
    }
    let method = if backend.method == "ANY" { request.method } else { &backend.method };
    let mut built = http::Request::builder().method(method).uri(uri).body(body).ok()?;
    *built.headers_mut() = headers;
    Some(built)
}

/// The response that the client gets: as it is, without what concerns the connection only (H-52).
pub fn answer(method: &http::Method, parts: &Parts, body: Bytes) -> Answer {
    let named = listed(&parts.headers);
    let mut answer = Answer::empty(parts.status.as_u16()).body(body);
    for (name, value) in &parts.headers {
        // Without a body to count, the backend's word is the only one there is.
        let counted = *name == CONTENT_LENGTH && *method != http::Method::HEAD;
        if !counted && !concerns_the_connection(name) && !named.contains(&name.as_str().to_owned()) {
            answer.headers.push((name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        }
    }
    answer
}

/// The client's headers, and who passed them on (H-51).
fn forwarded(request: &Request<'_>) -> HeaderMap {
    let named = listed(request.headers);
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers {
        let counted = *name == CONTENT_LENGTH;
        if !counted && !concerns_the_connection(name) && !named.contains(&name.as_str().to_owned()) {
            headers.append(name.clone(), value.clone());
        }
    }
    let origin = request.origin;
    let node = match origin.source_ip {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("\"[{address}]\""),
    };
    let host = &origin.domain;
    let host = if host.contains(':') { format!("\"{host}\"") } else { host.clone() };
    let by_us = format!("for={node};host={host};proto={}", origin.protocol);
    let mut add = |name: HeaderName, own: &str| {
        let sent = headers.get_all(&name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let all: Vec<String> = sent.chain([own.to_owned()]).collect();
        if let Ok(value) = HeaderValue::from_str(&all.join(", ")) {
            headers.insert(name, value);
        }
    };
    add(FORWARDED, &by_us);
    add(VIA, OWN_VIA);
    let trace = HeaderName::from_static("x-amzn-trace-id");
    if let Ok(value) = HeaderValue::from_str(request.trace_id)
        && !headers.contains_key(&trace)
    {
        headers.insert(trace, value);
    }
    headers
}

/// Headers that `Connection` names: they go no further either.
fn listed(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_52_a_response_loses_what_concerns_the_connection() {
        let response = http::Response::builder()
            .status(207)
            .header("connection", "x-hop, close")
            .header("x-hop", "1")
            .header("content-length", "5")
            .header("transfer-encoding", "chunked")
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2");
        let (parts, ()) = response.body(()).unwrap().into_parts();
        let of = |method| answer(&method, &parts, Bytes::from_static(b"x")).headers;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let cookies = [pair("set-cookie", "a=1"), pair("set-cookie", "b=2")];
        assert_eq!(of(http::Method::GET), cookies);
        assert!(of(http::Method::HEAD).contains(&pair("content-length", "5")));
    }
}
