//! The events a WebSocket API gives functions (gateway facts W-03 to W-05, W-20, W-33, W-40, W-44).

use std::collections::BTreeMap;
use std::net::IpAddr;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::close::Closing;
use crate::http_api::authorizer::iam::Iam;
use crate::ids;
use crate::origin::Origin;

/// What stays the same for the whole life of a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// API id.
    pub api_id: String,
    /// Stage.
    pub stage: String,
    /// Variables of the stage.
    pub stage_variables: BTreeMap<String, String>,
    /// Connection id (W-04).
    pub connection_id: String,
    /// When the handshake arrived; on every event (W-05).
    pub connected_at: Timestamp,
    /// `domainName`.
    pub domain: String,
    /// Client's address.
    pub source_ip: IpAddr,
    /// Client's `User-Agent`, when sent.
    pub user_agent: Option<String>,
    /// Context of the authorizer: `principalId` and strings (W-44); empty without an authorizer.
    pub authorizer: Map<String, Value>,
    /// Who signed the handshake (W-47).
    pub iam: Option<Iam>,
}

/// What differs from event to event.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Request id (W-04).
    pub request_id: &'a str,
    /// When.
    pub now: Timestamp,
}

/// A handshake's headers and query.
#[derive(Debug, Clone, Copy)]
pub struct Handshake<'a> {
    /// Headers as sent.
    pub headers: &'a HeaderMap,
    /// Query as sent, without `?`.
    pub query: &'a str,
    /// Address used and address of the client.
    pub origin: &'a Origin,
    /// Trace id, when the client sent none.
    pub trace_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    route_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_status_code: Option<u16>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    authorizer: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
    event_type: &'static str,
    extended_request_id: &'a str,
    request_time: String,
    message_direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_reason: Option<&'a str>,
    stage: &'a str,
    connected_at: i64,
    request_time_epoch: i64,
    identity: Identity<'a>,
    request_id: &'a str,
    domain_name: &'a str,
    connection_id: &'a str,
    api_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    source_ip: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
}

impl<'a> Identity<'a> {
    fn new(session: &'a Session) -> Self {
        let of = |field: fn(&Iam) -> &str| session.iam.as_ref().map(field);
        Self {
            user_arn: of(|iam| &iam.user_arn),
            user_agent: session.user_agent.as_deref(),
            account_id: of(|iam| &iam.account_id),
            caller: of(|iam| &iam.caller_id),
            source_ip: session.source_ip.to_string(),
            access_key: of(|iam| &iam.access_key),
            user: of(|iam| &iam.user_id),
        }
    }
}

fn context<'a>(session: &'a Session, moment: Moment<'a>, event_type: &'static str, route_key: &'a str) -> Context<'a> {
    Context {
        route_key,
        disconnect_status_code: None,
        authorizer: session.authorizer.clone(),
        message_id: None,
        event_type,
        extended_request_id: moment.request_id,
        request_time: ids::request_time(moment.now),
        message_direction: "IN",
        disconnect_reason: None,
        stage: &session.stage,
        connected_at: session.connected_at.as_millisecond(),
        request_time_epoch: moment.now.as_millisecond(),
        identity: Identity::new(session),
        request_id: moment.request_id,
        domain_name: &session.domain,
        connection_id: &session.connection_id,
        api_id: &session.api_id,
    }
}

/// `$connect` (W-03). `authorizer_ms` is the time the authorizer took, told in this event only (W-44).
pub fn connect(session: &Session, handshake: Handshake<'_>, moment: Moment<'_>, authorizer_ms: Option<u64>) -> Bytes {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Event<'a> {
        headers: BTreeMap<String, String>,
        multi_value_headers: BTreeMap<String, Vec<String>>,
        #[serde(skip_serializing_if = "Map::is_empty")]
        query_string_parameters: Map<String, Value>,
        #[serde(skip_serializing_if = "Map::is_empty")]
        multi_value_query_string_parameters: Map<String, Value>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        stage_variables: &'a BTreeMap<String, String>,
        request_context: Context<'a>,
        is_base64_encoded: bool,
    }
    let mut request_context = context(session, moment, "CONNECT", "$connect");
    if let Some(ms) = authorizer_ms {
        request_context.authorizer.insert("integrationLatency".to_owned(), ms.into());
    }
    let multi_value_headers = headers(handshake);
    json(&Event {
        headers: last_values(&multi_value_headers),
        multi_value_headers,
        query_string_parameters: query(handshake.query),
        multi_value_query_string_parameters: multi_value_query(handshake.query),
        stage_variables: &session.stage_variables,
        request_context,
        is_base64_encoded: false,
    })
}

/// What the authorizer of `$connect` gets (section 9): more headers, and maps that are present even when empty.
pub fn authorizer(session: &Session, handshake: Handshake<'_>, moment: Moment<'_>, method_arn: &str) -> Bytes {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Event<'a> {
        r#type: &'static str,
        method_arn: &'a str,
        headers: BTreeMap<String, String>,
        multi_value_headers: BTreeMap<String, Vec<String>>,
        query_string_parameters: Map<String, Value>,
        multi_value_query_string_parameters: Map<String, Value>,
        stage_variables: &'a BTreeMap<String, String>,
        request_context: Context<'a>,
    }
    let mut multi_value_headers = headers(handshake);
    for (name, value) in [("Connection", "upgrade"), ("Upgrade", "websocket"), ("content-length", "0")] {
        multi_value_headers.insert(name.to_owned(), vec![value.to_owned()]);
    }
    json(&Event {
        r#type: "REQUEST",
        method_arn,
        headers: last_values(&multi_value_headers),
        multi_value_headers,
        query_string_parameters: query(handshake.query),
        multi_value_query_string_parameters: multi_value_query(handshake.query),
        stage_variables: &session.stage_variables,
        request_context: context(session, moment, "CONNECT", "$connect"),
    })
}

/// A message (W-20): the text as it was sent. Binary messages, where the switch lets them in, come as base64.
pub fn message(
    session: &Session,
    moment: Moment<'_>,
    route_key: &str,
    message_id: &str,
    body: &str,
    is_base64_encoded: bool,
) -> Bytes {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Event<'a> {
        request_context: Context<'a>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        stage_variables: &'a BTreeMap<String, String>,
        body: &'a str,
        is_base64_encoded: bool,
    }
    let mut request_context = context(session, moment, "MESSAGE", route_key);
    request_context.message_id = Some(message_id);
    json(&Event { request_context, stage_variables: &session.stage_variables, body, is_base64_encoded })
}

/// `$disconnect` (W-33).
pub fn disconnect(session: &Session, moment: Moment<'_>, closing: &Closing) -> Bytes {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Event<'a> {
        headers: Map<String, Value>,
        multi_value_headers: Map<String, Value>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        stage_variables: &'a BTreeMap<String, String>,
        request_context: Context<'a>,
        is_base64_encoded: bool,
    }
    let headers = [("Host", session.domain.as_str()), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")];
    let mut request_context = context(session, moment, "DISCONNECT", "$disconnect");
    request_context.disconnect_status_code = Some(closing.code);
    request_context.disconnect_reason = Some(&closing.reason);
    json(&Event {
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(),
        multi_value_headers: headers.iter().map(|(name, value)| ((*name).to_owned(), vec![*value].into())).collect(),
        stage_variables: &session.stage_variables,
        request_context,
        is_base64_encoded: false,
    })
}

fn json(event: &impl Serialize) -> Bytes {
    // Strings and numbers always serialise.
    serde_json::to_vec(event).unwrap_or_default().into()
}

/// Headers with canonical names, without what concerns the connection only, and with what the gateway adds (W-03).
fn headers(handshake: Handshake<'_>) -> BTreeMap<String, Vec<String>> {
    let Handshake { headers, origin, trace_id, .. } = handshake;
    let mut all = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in headers {
        if !matches!(name.as_str(), "connection" | "upgrade" | "content-length" | "keep-alive" | "transfer-encoding") {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            all.entry(canonical(name.as_str())).or_default().push(value);
        }
    }
    let sent = all.get("X-Forwarded-For").and_then(|values| values.last()).map(String::as_str);
    let forwarded_for = origin.forwarded_for(sent);
    all.entry("X-Amzn-Trace-Id".to_owned()).or_insert_with(|| vec![trace_id.to_owned()]);
    for (name, value) in [
        ("Host", origin.domain.clone()),
        ("X-Forwarded-For", forwarded_for),
        ("X-Forwarded-Port", origin.port.to_string()),
        ("X-Forwarded-Proto", origin.protocol.to_owned()),
    ] {
        all.insert(name.to_owned(), vec![value]);
    }
    all
}

/// `sec-websocket-key` → `Sec-WebSocket-Key`.
fn canonical(name: &str) -> String {
    let word = |word: &str| match word {
        "websocket" => "WebSocket".to_owned(),
        word => word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect(),
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

fn last_values(all: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, String> {
    all.iter().map(|(name, values)| (name.clone(), values.last().cloned().unwrap_or_default())).collect()
}

/// Decoded values; a repeated key keeps its last one (W-03).
pub(crate) fn query(query: &str) -> Map<String, Value> {
    form_urlencoded::parse(query.as_bytes()).map(|(key, value)| (key.into_owned(), value.into_owned().into())).collect()
}

fn multi_value_query(query: &str) -> Map<String, Value> {
    let mut all = Map::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let values = all.entry(key.into_owned()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(value.into_owned().into());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;
    use crate::Domain;

    fn session() -> Session {
        Session {
            api_id: "abc".to_owned(),
            stage: "probe".to_owned(),
            stage_variables: BTreeMap::new(),
            connection_id: "gbgBJy8a2QAYKEjfZA==".to_owned(),
            connected_at: Timestamp::from_millisecond(1_790_294_508_000).unwrap(),
            domain: "abc.execute-api.us-east-1.amazonaws.com".to_owned(),
            source_ip: "203.0.113.9".parse().unwrap(),
            user_agent: Some("probe/1".to_owned()),
            authorizer: Map::new(),
            iam: None,
        }
    }

    fn moment() -> Moment<'static> {
        Moment { request_id: "EOn8-FZVoAMEBig=", now: Timestamp::from_millisecond(1_790_294_508_000).unwrap() }
    }

    fn sent() -> HeaderMap {
        let pairs = [
            ("host", "localhost:3001"),
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("user-agent", "probe/1"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-version", "13"),
            ("origin", "https://probe.invalid"),
            ("content-length", "0"),
        ];
        pairs
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .into_iter()
            .collect()
    }

    fn on_handshake(query: &str, build: impl FnOnce(Handshake<'_>) -> Bytes) -> String {
        let peer = "203.0.113.9".parse().unwrap();
        let origin = Origin::new(Domain::Aws, "localhost:3001", 3001, peer, "abc", "us-east-1");
        let headers = sent();
        let handshake = Handshake { headers: &headers, query, origin: &origin, trace_id: "Root=1-6a5145a9-00" };
        String::from_utf8(build(handshake).to_vec()).unwrap()
    }

    #[test]
    fn w_03_connect_event_in_the_order_of_aws() {
        let event = on_handshake("token=t&repeat=first&repeat=second", |h| connect(&session(), h, moment(), None));
        let expected = concat!(
            r#"{"headers":{"Host":"abc.execute-api.us-east-1.amazonaws.com","Origin":"https://probe.invalid","#,
            r#""Sec-WebSocket-Key":"dGhlIHNhbXBsZSBub25jZQ==","Sec-WebSocket-Version":"13","User-Agent":"probe/1","#,
            r#""X-Amzn-Trace-Id":"Root=1-6a5145a9-00","X-Forwarded-For":"203.0.113.9","X-Forwarded-Port":"443","#,
            r#""X-Forwarded-Proto":"https"},"#,
            r#""multiValueHeaders":{"Host":["abc.execute-api.us-east-1.amazonaws.com"],"Origin":["https://probe.invalid"],"#,
            r#""Sec-WebSocket-Key":["dGhlIHNhbXBsZSBub25jZQ=="],"Sec-WebSocket-Version":["13"],"User-Agent":["probe/1"],"#,
            r#""X-Amzn-Trace-Id":["Root=1-6a5145a9-00"],"X-Forwarded-For":["203.0.113.9"],"X-Forwarded-Port":["443"],"#,
            r#""X-Forwarded-Proto":["https"]},"#,
            r#""queryStringParameters":{"token":"t","repeat":"second"},"#,
            r#""multiValueQueryStringParameters":{"token":["t"],"repeat":["first","second"]},"#,
            r#""requestContext":{"routeKey":"$connect","eventType":"CONNECT","extendedRequestId":"EOn8-FZVoAMEBig=","#,
            r#""requestTime":"25/Sep/2026:00:01:48 +0000","messageDirection":"IN","stage":"probe","#,
            r#""connectedAt":1790294508000,"requestTimeEpoch":1790294508000,"#,
            r#""identity":{"userAgent":"probe/1","sourceIp":"203.0.113.9"},"requestId":"EOn8-FZVoAMEBig=","#,
            r#""domainName":"abc.execute-api.us-east-1.amazonaws.com","connectionId":"gbgBJy8a2QAYKEjfZA==","apiId":"abc"},"#,
            r#""isBase64Encoded":false}"#,
        );
        assert_eq!(event, expected);
    }

    #[test]
    fn w_03_without_a_query_its_keys_are_absent() {
        let event: Value = serde_json::from_str(&on_handshake("", |h| connect(&session(), h, moment(), None))).unwrap();
        assert!(event.get("queryStringParameters").is_none() && event.get("multiValueQueryStringParameters").is_none());
        assert!(event.get("body").is_none() && event.get("stageVariables").is_none());
    }

    #[test]
    fn w_04_identity_has_only_what_is_known() {
        let session = Session { user_agent: None, ..session() };
        let event: Value = serde_json::from_slice(&message(&session, moment(), "$default", "m=", "x", false)).unwrap();
        assert_eq!(event["requestContext"]["identity"], json!({"sourceIp": "203.0.113.9"}));
    }

    #[test]
    fn w_20_message_event_in_the_order_of_aws() {
        let event = message(&session(), moment(), "$default", "EOn8-cIAoAMCJig=", "{\"action\":\"x\"}", false);
        let expected = concat!(
            r#"{"requestContext":{"routeKey":"$default","messageId":"EOn8-cIAoAMCJig=","eventType":"MESSAGE","#,
            r#""extendedRequestId":"EOn8-FZVoAMEBig=","requestTime":"25/Sep/2026:00:01:48 +0000","messageDirection":"IN","#,
            r#""stage":"probe","connectedAt":1790294508000,"requestTimeEpoch":1790294508000,"#,
            r#""identity":{"userAgent":"probe/1","sourceIp":"203.0.113.9"},"requestId":"EOn8-FZVoAMEBig=","#,
            r#""domainName":"abc.execute-api.us-east-1.amazonaws.com","connectionId":"gbgBJy8a2QAYKEjfZA==","apiId":"abc"},"#,
            r#""body":"{\"action\":\"x\"}","isBase64Encoded":false}"#,
        );
        assert_eq!(event, expected);
    }

    #[test]
    fn w_33_disconnect_event_in_the_order_of_aws() {
        let event = disconnect(&session(), moment(), &Closing::new(1000, "bye"));
        let expected = concat!(
            r#"{"headers":{"Host":"abc.execute-api.us-east-1.amazonaws.com","x-api-key":"","X-Forwarded-For":"","x-restapi":""},"#,
            r#""multiValueHeaders":{"Host":["abc.execute-api.us-east-1.amazonaws.com"],"x-api-key":[""],"X-Forwarded-For":[""],"x-restapi":[""]},"#,
            r#""requestContext":{"routeKey":"$disconnect","disconnectStatusCode":1000,"eventType":"DISCONNECT","#,
            r#""extendedRequestId":"EOn8-FZVoAMEBig=","requestTime":"25/Sep/2026:00:01:48 +0000","messageDirection":"IN","#,
            r#""disconnectReason":"bye","stage":"probe","connectedAt":1790294508000,"requestTimeEpoch":1790294508000,"#,
            r#""identity":{"userAgent":"probe/1","sourceIp":"203.0.113.9"},"requestId":"EOn8-FZVoAMEBig=","#,
            r#""domainName":"abc.execute-api.us-east-1.amazonaws.com","connectionId":"gbgBJy8a2QAYKEjfZA==","apiId":"abc"},"#,
            r#""isBase64Encoded":false}"#,
        );
        assert_eq!(event, expected);
    }

    #[test]
    fn w_40_authorizer_event_has_more_headers_and_empty_maps() {
        let arn = "arn:aws:execute-api:us-east-1:123456789012:abc/probe/$connect";
        let event = on_handshake("", |h| authorizer(&session(), h, moment(), arn));
        assert!(
            event
                .starts_with(&format!(r#"{{"type":"REQUEST","methodArn":"{arn}","headers":{{"Connection":"upgrade","#))
        );
        let event: Value = serde_json::from_str(&event).unwrap();
        assert_eq!(
            (&event["headers"]["Upgrade"], &event["headers"]["content-length"]),
            (&json!("websocket"), &json!("0"))
        );
        for key in ["queryStringParameters", "multiValueQueryStringParameters", "stageVariables"] {
            assert_eq!(event[key], json!({}), "{key}");
        }
        assert_eq!(event["requestContext"]["connectionId"], "gbgBJy8a2QAYKEjfZA==");
        assert!(event.get("isBase64Encoded").is_none());
    }

    #[test]
    fn w_44_the_authorizers_context_is_on_every_event_and_its_latency_on_connect_only() {
        let authorizer = Map::from_iter([("principalId".to_owned(), json!("me")), ("n".to_owned(), json!("7"))]);
        let session = Session { authorizer, ..session() };
        let event: Value =
            serde_json::from_str(&on_handshake("", |h| connect(&session, h, moment(), Some(12)))).unwrap();
        let expected = json!({"principalId": "me", "n": "7", "integrationLatency": 12});
        assert_eq!(event["requestContext"]["authorizer"], expected);
        for event in [
            message(&session, moment(), "$default", "m=", "x", false),
            disconnect(&session, moment(), &Closing::no_status()),
        ] {
            let event: Value = serde_json::from_slice(&event).unwrap();
            assert_eq!(event["requestContext"]["authorizer"], json!({"principalId": "me", "n": "7"}));
        }
    }
}
