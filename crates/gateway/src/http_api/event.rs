//! The event an HTTP API gives a function: payload format 2.0 (gateway facts H-20 to H-33).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::routes::{Match, decode};
use crate::model::{HttpApi, Stage};
use crate::origin::Origin;
use crate::{Behaviour, Domain, ids};

/// A request as it arrived, and what the gateway adds to it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Method.
    pub method: &'a str,
    /// Path as sent, percent-encoded, with the stage.
    pub path: &'a str,
    /// Query as sent, without `?`; empty when there is none.
    pub query: &'a str,
    /// E.g. `HTTP/1.1`.
    pub protocol: &'a str,
    /// Headers as sent.
    pub headers: &'a HeaderMap,
    /// Body.
    pub body: &'a [u8],
    /// Address used and address of the client.
    pub origin: &'a Origin,
    /// Account.
    pub account_id: &'a str,
    /// Request id (H-32).
    pub request_id: &'a str,
    /// Trace id (H-29), when the client sent none.
    pub trace_id: &'a str,
    /// When it arrived.
    pub now: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    query_string_parameters: Map<String, Value>,
    request_context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    path_parameters: Map<String, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    stage_variables: &'a BTreeMap<String, String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    account_id: &'a str,
    api_id: &'a str,
    domain_name: &'a str,
    domain_prefix: &'a str,
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

/// The event as JSON, keys in AWS's order; what does not apply is absent (H-20).
pub fn build(api: &HttpApi, stage: &Stage, found: &Match<'_>, request: Request<'_>, behaviour: &Behaviour) -> Bytes {
    let key = found.route.key();
    let path = path(request.path, behaviour);
    let user_agent = request.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    let (body, is_base64_encoded) = body(request.headers, request.body, behaviour);
    let event = Event {
        version: "2.0",
        route_key: &key,
        raw_path: &path,
        raw_query_string: request.query,
        cookies: cookies(request.headers),
        headers: headers(request, behaviour),
        query_string_parameters: query(request.query),
        request_context: Context {
            account_id: request.account_id,
            api_id: &api.api_id,
            domain_name: &request.origin.domain,
            domain_prefix: request.origin.prefix(),
            http: Http {
                method: request.method,
                path: &path,
                protocol: request.protocol,
                source_ip: request.origin.source_ip.to_string(),
                user_agent: user_agent.unwrap_or_default(),
            },
            request_id: request.request_id,
            route_key: &key,
            stage: &stage.name,
            time: ids::request_time(request.now),
            time_epoch: request.now.as_millisecond(),
        },
        body,
        path_parameters: found.parameters.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect(),
        stage_variables: &stage.variables,
        is_base64_encoded,
    };
    // Strings and numbers always serialise.
    serde_json::to_vec(&event).unwrap_or_default().into()
}

/// Decoded path (H-23), cut at a decoded question mark (H-24).
pub(crate) fn path(encoded: &str, behaviour: &Behaviour) -> String {
    let mut path = decode(encoded);
    if behaviour.decoded_question_mark_truncates
        && let Some(at) = path.find('?')
    {
        path.truncate(at);
    }
    path
}

/// Lower-cased, sorted, repeated ones joined with `,` (H-26), without cookies (H-27) and what concerns the connection
/// only, and with what the gateway adds (H-28, H-29).
fn headers(request: Request<'_>, behaviour: &Behaviour) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in request.headers {
        if !matches!(
            name.as_str(),
            "cookie"
                | "connection"
                | "expect"
                | "keep-alive"
                | "proxy-connection"
                | "te"
                | "trailer"
                | "upgrade"
                | "transfer-encoding"
        ) {
            let value = String::from_utf8_lossy(value.as_bytes());
            match headers.get_mut(name.as_str()) {
                Some(joined) => join(joined, &value),
                None => drop(headers.insert(name.as_str().to_owned(), value.into_owned())),
            }
        }
    }
    let origin = request.origin;
    let forwarded_for = origin.forwarded_for(headers.get("x-forwarded-for").map(String::as_str));
    if behaviour.domain == Domain::Aws || !headers.contains_key("host") {
        headers.insert("host".to_owned(), origin.domain.clone());
    }
    headers.entry("x-amzn-trace-id".to_owned()).or_insert_with(|| request.trace_id.to_owned());
    headers.insert("content-length".to_owned(), request.body.len().to_string());
    headers.insert("x-forwarded-for".to_owned(), forwarded_for);
    headers.insert("x-forwarded-port".to_owned(), origin.port.to_string());
    headers.insert("x-forwarded-proto".to_owned(), origin.protocol.to_owned());
    headers
}

fn join(joined: &mut String, value: &str) {
    joined.push(',');
    joined.push_str(value);
}

/// Each `name=value` of every `Cookie` header (H-27).
fn cookies(headers: &HeaderMap) -> Vec<String> {
    let sent = headers.get_all(http::header::COOKIE).iter();
    sent.flat_map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        value.split(';').map(|pair| pair.trim().to_owned()).filter(|pair| !pair.is_empty()).collect::<Vec<_>>()
    })
    .collect()
}

/// Decoded values, repeated keys joined with `,` (H-22).
fn query(query: &str) -> Map<String, Value> {
    let mut parameters = Map::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match parameters.get_mut(&*key) {
            Some(Value::String(joined)) => join(joined, &value),
            _ => {
                parameters.insert(key.into_owned(), value.into_owned().into());
            }
        }
    }
    parameters
}

/// The body and whether it is base64 (H-33). Text that is not UTF-8 is passed as base64 rather than damaged.
fn body(headers: &HeaderMap, body: &[u8], behaviour: &Behaviour) -> (Option<String>, bool) {
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
        || behaviour.json_suffix_is_text && media_type.starts_with("application/") && media_type.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use http::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;
    use crate::http_api::routes::choose;
    use crate::model::{Authorization, HttpRoute, Location, PayloadFormat};

    const TRACE: &str = "Root=1-6a5145a9-1bae89e2512ec92d5d9438a0";

    struct Sent<'a> {
        route: &'a str,
        request: &'a str,
        headers: &'a [(&'a str, &'a str)],
        body: &'a [u8],
    }

    fn text(sent: &Sent<'_>, stage: &str, behaviour: &Behaviour) -> String {
        let location = Location { file: PathBuf::new(), line: 1, column: 1 };
        let (method, path) = sent.route.split_once(' ').unwrap();
        let route = HttpRoute {
            method: method.to_owned(),
            path: path.to_owned(),
            function: "F".to_owned(),
            payload_format: PayloadFormat::V2,
            authorization: Authorization::Open,
            timeout: Duration::from_secs(30),
            location: location.clone(),
        };
        let api = HttpApi {
            logical_id: "Api".to_owned(),
            api_id: "sjzepsqsu5".to_owned(),
            stages: vec![Stage {
                name: stage.to_owned(),
                variables: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
                location: location.clone(),
            }],
            routes: vec![route],
            cors: None,
            authorizers: BTreeMap::new(),
            location,
        };
        let (method, target) = sent.request.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (stage, below) = crate::http_api::routes::stage(&api.stages, path).unwrap();
        let found = choose(&api.routes, method, below, behaviour).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in sent.headers {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let domain = "sjzepsqsu5.execute-api.us-west-2.amazonaws.com";
        let peer = "203.0.113.9".parse().unwrap();
        let origin = Origin::new(Domain::Aws, domain, 3001, peer, "sjzepsqsu5", "us-west-2");
        let request = Request {
            method,
            path,
            query,
            protocol: "HTTP/1.1",
            headers: &headers,
            body: sent.body,
            origin: &origin,
            account_id: "123456789012",
            request_id: "ATfSmjLgPHcESJw=",
            trace_id: TRACE,
            now: Timestamp::from_millisecond(1_783_711_145_766).unwrap(),
        };
        String::from_utf8(build(&api, stage, &found, request, behaviour).to_vec()).unwrap()
    }

    fn event(sent: &Sent<'_>) -> Value {
        serde_json::from_str(&text(sent, "$default", &Behaviour::default())).unwrap()
    }

    fn get(request: &str) -> Value {
        event(&Sent { route: "ANY /{proxy+}", request, headers: &[], body: b"" })
    }

    fn with_body(headers: &[(&str, &str)], body: &[u8], behaviour: &Behaviour) -> (Value, Value) {
        let sent = Sent { route: "POST /x", request: "POST /x", headers, body };
        let event: Value = serde_json::from_str(&text(&sent, "$default", behaviour)).unwrap();
        (event["body"].clone(), event["isBase64Encoded"].clone())
    }

    #[test]
    fn h20_whole_event_in_the_order_of_aws() {
        let sent = Sent {
            route: "POST /users/{userId}/orders",
            request: "POST /users/123/orders?status=pending&tag=important&tag=urgent",
            headers: &[
                ("User-Agent", "curl/8.7.1"),
                ("Host", "localhost:3001"),
                ("Accept", "*/*"),
                ("Cookie", "session=abc123; theme=dark"),
                ("Content-Type", "application/json"),
            ],
            body: b"{\"a\":1}",
        };
        let expected = concat!(
            r#"{"version":"2.0","routeKey":"POST /users/{userId}/orders","rawPath":"/users/123/orders","#,
            r#""rawQueryString":"status=pending&tag=important&tag=urgent","#,
            r#""cookies":["session=abc123","theme=dark"],"#,
            r#""headers":{"accept":"*/*","content-length":"7","content-type":"application/json","#,
            r#""host":"sjzepsqsu5.execute-api.us-west-2.amazonaws.com","user-agent":"curl/8.7.1","#,
            r#""x-amzn-trace-id":"Root=1-6a5145a9-1bae89e2512ec92d5d9438a0","#,
            r#""x-forwarded-for":"203.0.113.9","x-forwarded-port":"443","x-forwarded-proto":"https"},"#,
            r#""queryStringParameters":{"status":"pending","tag":"important,urgent"},"#,
            r#""requestContext":{"accountId":"123456789012","apiId":"sjzepsqsu5","#,
            r#""domainName":"sjzepsqsu5.execute-api.us-west-2.amazonaws.com","domainPrefix":"sjzepsqsu5","#,
            r#""http":{"method":"POST","path":"/users/123/orders","protocol":"HTTP/1.1","#,
            r#""sourceIp":"203.0.113.9","userAgent":"curl/8.7.1"},"#,
            r#""requestId":"ATfSmjLgPHcESJw=","routeKey":"POST /users/{userId}/orders","stage":"$default","#,
            r#""time":"10/Jul/2026:19:19:05 +0000","timeEpoch":1783711145766},"#,
            r#""body":"{\"a\":1}","pathParameters":{"userId":"123"},"stageVariables":{"a":"b"},"#,
            r#""isBase64Encoded":false}"#,
        );
        let behaviour = Behaviour { domain: Domain::Aws, ..Behaviour::default() };
        assert_eq!(text(&sent, "$default", &behaviour), expected);
    }

    #[test]
    fn h20_what_does_not_apply_is_absent() {
        let event = event(&Sent { route: "GET /x", request: "GET /x", headers: &[], body: b"" });
        for key in ["cookies", "queryStringParameters", "pathParameters", "body"] {
            assert!(event.get(key).is_none(), "{key}");
        }
        assert!(event["requestContext"].get("authorizer").is_none());
    }

    #[test]
    fn h11_a_named_stage_is_part_of_the_path() {
        let sent = Sent { route: "GET /hello", request: "GET /dev/hello", headers: &[], body: b"" };
        let event: Value = serde_json::from_str(&text(&sent, "dev", &Behaviour::default())).unwrap();
        assert_eq!(
            (&event["rawPath"], &event["requestContext"]["http"]["path"]),
            (&json!("/dev/hello"), &json!("/dev/hello"))
        );
        assert_eq!(event["requestContext"]["stage"], "dev");
    }

    #[test]
    fn h10_a_trailing_slash_stays() {
        assert_eq!(get("GET /x/")["rawPath"], "/x/");
    }

    #[test]
    fn h21_the_raw_query_is_as_sent() {
        assert_eq!(get("GET /x?literalPlus=a+b&e=%C3%A9")["rawQueryString"], "literalPlus=a+b&e=%C3%A9");
        assert_eq!(get("GET /x")["rawQueryString"], "");
    }

    #[test]
    fn h22_query_values_are_decoded_and_repeated_keys_joined() {
        let event = get("GET /x?plus=a+b&coded=a%2Bb&empty=&tag=1&tag=2&bare");
        let expected = json!({"plus": "a b", "coded": "a+b", "empty": "", "tag": "1,2", "bare": ""});
        assert_eq!(event["queryStringParameters"], expected);
    }

    #[test]
    fn h23_the_path_is_decoded() {
        let table = [
            ("GET /capture/space%20value", "/capture/space value"),
            ("GET /%E2%98%95", "/☕"),
            ("GET /RSC/%40id%2Fassets%2Frsf0.js%23save.txt", "/RSC/@id/assets/rsf0.js#save.txt"),
            ("GET /a+b", "/a+b"),
        ];
        for (request, path) in table {
            let event = get(request);
            assert_eq!((&event["rawPath"], &event["requestContext"]["http"]["path"]), (&json!(path), &json!(path)));
        }
    }

    #[test]
    fn h24_a_decoded_question_mark_cuts_the_path() {
        assert_eq!(get("GET /a%3Fb/c")["rawPath"], "/a");
    }

    #[test]
    fn h26_headers_are_lower_case_sorted_and_joined() {
        let sent = Sent {
            route: "GET /x",
            request: "GET /x",
            headers: &[("X-Probe", "first"), ("Accept", "a"), ("x-probe", "second"), ("Connection", "keep-alive")],
            body: b"",
        };
        let event = event(&sent);
        assert_eq!(event["headers"]["x-probe"], "first,second");
        assert!(event["headers"].get("connection").is_none());
        let names: Vec<_> = event["headers"].as_object().unwrap().keys().cloned().collect();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(names, sorted);
    }

    #[test]
    fn h27_cookies_move_out_of_the_headers() {
        let sent = Sent {
            route: "GET /x",
            request: "GET /x",
            headers: &[("Cookie", "a=1;b=2; "), ("Cookie", "c=3")],
            body: b"",
        };
        let event = event(&sent);
        assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=3"]));
        assert!(event["headers"].get("cookie").is_none());
    }

    #[test]
    fn h28_content_length_is_always_there_and_no_type_is_invented() {
        let event = get("GET /x");
        assert_eq!(event["headers"]["content-length"], "0");
        assert!(event["headers"].get("content-type").is_none());
    }

    #[test]
    fn h29_the_gateway_adds_a_trace_and_forwarding() {
        let headers = get("GET /x")["headers"].clone();
        assert_eq!(headers["x-amzn-trace-id"], TRACE);
        assert_eq!(headers["x-forwarded-for"], "203.0.113.9");
    }

    #[test]
    fn h30_no_user_agent_is_an_empty_string() {
        assert_eq!(get("GET /x")["requestContext"]["http"]["userAgent"], "");
    }

    #[test]
    fn h33_text_or_base64_by_media_type() {
        let default = Behaviour::default();
        for media_type in [
            "text/csv",
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/xml",
            "application/javascript",
        ] {
            let sent = with_body(&[("content-type", media_type)], b"abc", &default);
            assert_eq!(sent, (json!("abc"), json!(false)), "{media_type}");
        }
        for media_type in [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/octet-stream",
            "application/problem+json",
        ] {
            let sent = with_body(&[("content-type", media_type)], b"abc", &default);
            assert_eq!(sent, (json!("YWJj"), json!(true)), "{media_type}");
        }
        assert_eq!(with_body(&[], b"abc", &default), (json!("YWJj"), json!(true)));
        assert_eq!(with_body(&[("content-type", "text/plain")], b"\xff", &default), (json!("/w=="), json!(true)));
    }

    #[test]
    fn h33_open_rows_are_switches() {
        let suffix = Behaviour { json_suffix_is_text: true, ..Behaviour::default() };
        assert_eq!(with_body(&[("content-type", "application/problem+json")], b"a", &suffix).1, json!(false));
        let encoded = [("content-type", "application/json"), ("content-encoding", "gzip")];
        assert_eq!(with_body(&encoded, b"a", &Behaviour::default()).1, json!(false));
        let binary = Behaviour { encoded_body_is_binary: true, ..Behaviour::default() };
        assert_eq!(with_body(&encoded, b"a", &binary).1, json!(true));
    }
}
