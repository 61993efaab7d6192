//! `HTTP_PROXY` integrations: the request to the backend, and its response (gateway facts H-50 to H-54).

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, FORWARDED, HOST, VIA};
use http::response::Parts;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::event::{Request, Target, concerns_the_connection};
use super::mapping::encoded;
use crate::answer::Answer;
use crate::model::{Backend, Place};

/// What the gateway says it is (H-51).
const OWN_VIA: &str = "HTTP/1.1 AmazonAPIGateway";

/// Whether a backend's address can be one; the error says why not.
pub fn check(uri: &str) -> Result<(), String> {
    if uri.starts_with("${stageVariables.") {
        return Ok(());
    }
    let filled = fill(uri, |_| Some("x".to_owned()), |_| Some("x".to_owned()));
    let parsed = filled.parse::<Uri>().ok().filter(|uri| uri.scheme().is_some() && uri.host().is_some());
    match parsed {
        Some(parsed) if parsed.scheme() == Some(&Scheme::HTTP) || parsed.scheme() == Some(&Scheme::HTTPS) => Ok(()),
        _ => Err(format!("`{uri}` is no address of an HTTP server: `http://…` or `https://…` is needed")),
    }
}

/// The request that the backend gets; `None` when its address is none. `request` is as mapped, `path` what replaces
/// the path of the address.
pub fn request(
    backend: &Backend,
    target: &Target<'_>,
    request: &Request<'_>,
    path: Option<&str>,
    body: Bytes,
) -> Option<http::Request<Bytes>> {
    let uri = address(backend, target, path, request.query)?;
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

/// The address with everything put in: stage variables, the route's variables (encoded again, H-50), the query.
fn address(backend: &Backend, target: &Target<'_>, path: Option<&str>, query: &str) -> Option<Uri> {
    let variable = |name: &str| {
        let mut parameters = target.found.parameters.iter();
        parameters.find(|(key, _)| key == name).map(|(_, value)| encoded(value))
    };
    let filled = fill(&backend.uri, |name| target.stage.variables.get(name).cloned(), variable);
    let mut parts = filled.parse::<Uri>().ok()?.into_parts();
    parts.scheme.as_ref().filter(|scheme| **scheme == Scheme::HTTP || **scheme == Scheme::HTTPS)?;
    parts.authority.as_ref()?;
    let own = parts.path_and_query.take().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let path = path.unwrap_or_else(|| own.path());
    let queries: Vec<&str> = own.query().into_iter().chain([query]).filter(|query| !query.is_empty()).collect();
    let mark = if queries.is_empty() { "" } else { "?" };
    parts.path_and_query = Some(format!("{path}{mark}{}", queries.join("&")).parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Puts in `${stageVariables.X}` and `{X}` or `{X+}`; what is not known is left out.
fn fill(
    uri: &str,
    stage_variable: impl Fn(&str) -> Option<String>,
    variable: impl Fn(&str) -> Option<String>,
) -> String {
    let mut filled = String::new();
    let mut rest = uri;
    while let Some((plain, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        let staged = plain.strip_suffix('$').zip(name.strip_prefix("stageVariables."));
        let value = if let Some((plain, name)) = staged {
            filled += plain;
            stage_variable(name)
        } else {
            filled += plain;
            variable(name.strip_suffix('+').unwrap_or(name))
        };
        filled += &value.unwrap_or_default();
        rest = after;
    }
    filled + rest
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
    fn h_50_addresses_are_checked_and_filled_in() {
        for good in ["https://example.com", "http://localhost:3000/a/{proxy}?x=1", "https://${stageVariables.host}/a"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for wrong in ["", "example.com/a", "arn:aws:lambda:x", "ftp://example.com", "https://", "http://a b/"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        let known = |name: &str| (name == "a").then(|| "1".to_owned());
        let table = [
            ("http://h/{a}/{a+}/{b}/x", "http://h/1/1//x"),
            ("http://${stageVariables.a}.h/${stageVariables.b}{a}", "http://1.h/1"),
            ("http://h/{a", "http://h/{a"),
            ("http://h/${a}", "http://h/$1"),
        ];
        for (uri, expected) in table {
            assert_eq!(fill(uri, known, known), expected);
        }
    }

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
