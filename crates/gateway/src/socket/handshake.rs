//! The handshake: which API it reaches, and what the reply of `$connect` makes of it (gateway facts W-01, W-06 to W-12).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::{FORBIDDEN, INTERNAL_ERROR, error_body};
use crate::Behaviour;
use crate::answer::Answer;
use crate::http_api::reply;
use crate::http_api::routes::decode;
use crate::lambda::Failure;
use crate::model::WebSocketApi;

/// Whether a request asks for a WebSocket.
pub fn wanted(headers: &HeaderMap) -> bool {
    let lists = |name: &str, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
    };
    lists("upgrade", "websocket") && lists("connection", "upgrade")
}

/// The client's key, when the handshake is one that RFC 6455 accepts.
pub fn key(headers: &HeaderMap) -> Option<&[u8]> {
    let version = headers.get("sec-websocket-version")?;
    let key = headers.get("sec-websocket-key")?.as_bytes();
    let sixteen_bytes = STANDARD.decode(key).is_ok_and(|key| key.len() == 16);
    (version == "13" && sixteen_bytes).then_some(key)
}

/// The API a handshake reaches: by its stage (W-12), or at `/` the first one, by switch.
pub fn api<'a>(
    apis: impl IntoIterator<Item = &'a WebSocketApi>,
    path: &str,
    behaviour: &Behaviour,
) -> Option<&'a WebSocketApi> {
    let mut apis = apis.into_iter();
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return if behaviour.socket_at_root { apis.next() } else { None };
    }
    let (stage, below) = path.split_once('/').unwrap_or((path, ""));
    let stage = decode(stage);
    apis.find(|api| api.stage == stage).filter(|_| below.is_empty() || behaviour.paths_below_stage)
}

/// No such stage or path, or no handshake (W-09).
pub fn forbidden() -> Answer {
    Answer::message(403, FORBIDDEN)
}

/// A request that is no handshake (W-09).
pub fn plain_request(behaviour: &Behaviour) -> Answer {
    match behaviour.plain_request_status {
        403 => forbidden(),
        status => Answer::message(status, "Upgrade Required").with("upgrade", "websocket"),
    }
}

/// More handshakes than there may be (W-10); AWS's own text is not known.
pub fn too_many() -> Answer {
    Answer::message(429, "Too Many Requests")
}

/// What a proxy in front of API Gateway says to two `Authorization` headers (W-46).
pub fn bad_request() -> Answer {
    let body = "<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n\
                <center><h1>400 Bad Request</h1></center>\r\n</body>\r\n</html>\r\n";
    Answer::empty(400).with("content-type", "text/html").body(body)
}

/// Query and URL over 4 096 characters (W-10); AWS's own text is not known.
pub fn url_too_long() -> Answer {
    Answer::message(414, "Request-URI Too Long")
}

/// A refusal by the gateway (W-08, W-41).
pub fn refuse(status: u16, message: &str, connection_id: &str, request_id: &str) -> Answer {
    Answer::json(status, &error_body(message, connection_id, request_id)).with("x-amz-apigw-id", request_id)
}

/// What the reply of `$connect` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connected {
    /// Upgrade, with the sub-protocol the function chose (W-07).
    Accept(Option<String>),
    /// Answer this instead of 101.
    Refuse(Answer),
}

/// Reads the result of the `$connect` invocation.
pub fn connected(result: &Result<Bytes, Failure>, connection_id: &str, request_id: &str) -> Connected {
    let failed = |status| Connected::Refuse(refuse(status, INTERNAL_ERROR, connection_id, request_id));
    let payload = match result {
        Ok(payload) => payload,
        Err(Failure::Unavailable) => return failed(503),
        Err(Failure::Function(_) | Failure::TooLarge | Failure::Throttled) => return failed(502),
    };
    let Ok(Value::Object(reply)) = serde_json::from_slice(payload) else { return failed(500) };
    match reply::status(&reply) {
        Ok(200..300) => Connected::Accept(subprotocol(&reply)),
        Ok(status) => {
            let body = reply.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
            Connected::Refuse(refused(status, body, request_id))
        }
        Err(_) => failed(500),
    }
}

/// What the integration of `$connect` says in place of an upgrade (W-06).
pub fn refused(status: u16, body: String, request_id: &str) -> Answer {
    Answer::empty(status)
        .with("content-type", "application/json; charset=UTF-8")
        .with("x-amz-apigw-id", request_id)
        .body(body)
}

fn subprotocol(reply: &Map<String, Value>) -> Option<String> {
    let headers = reply.get("headers")?.as_object()?;
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"))?;
    value.as_str().filter(|value| HeaderValue::from_str(value).is_ok()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use http::HeaderName;
    use serde_json::json;

    use super::*;
    use crate::model::{Location, Throttling};

    fn stage(name: &str) -> WebSocketApi {
        WebSocketApi {
            logical_id: name.to_owned(),
            api_id: "abc".to_owned(),
            stage: name.to_owned(),
            stage_variables: BTreeMap::new(),
            throttling: Throttling::default(),
            route_selection_expression: "$request.body.action".to_owned(),
            routes: BTreeMap::new(),
            authorizer: None,
            signed: false,
            location: Location { file: PathBuf::new(), line: 1, column: 1 },
        }
    }

    fn of(reply: &Value) -> Connected {
        connected(&Ok(Bytes::from(reply.to_string())), "c==", "r=")
    }

    fn refusal(connected: Connected) -> (u16, String) {
        match connected {
            Connected::Refuse(answer) => (answer.status, String::from_utf8(answer.body.to_vec()).unwrap()),
            Connected::Accept(_) => panic!("accepted"),
        }
    }

    #[test]
    fn w_12_the_stage_is_the_path_and_the_root_a_documented_deviation() {
        let apis = [stage("dev"), stage("chat")];
        let found = |path: &str, behaviour: &Behaviour| api(&apis, path, behaviour).map(|api| api.stage.clone());
        let default = Behaviour::default();
        assert_eq!(found("/chat", &default).as_deref(), Some("chat"));
        assert_eq!(found("/chat/", &default).as_deref(), Some("chat"));
        assert_eq!(found("/", &default).as_deref(), Some("dev"));
        assert_eq!(found("/other", &default), None);
        assert_eq!(found("/chat/more", &default), None);
        let lenient = Behaviour { paths_below_stage: true, socket_at_root: false, ..default };
        assert_eq!(found("/chat/more", &lenient).as_deref(), Some("chat"));
        assert_eq!(found("/", &lenient), None);
    }

    #[test]
    fn w_01_only_a_2xx_upgrades() {
        assert_eq!(of(&json!({"statusCode": 200})), Connected::Accept(None));
        assert_eq!(of(&json!({"statusCode": 204})), Connected::Accept(None));
        assert_eq!(refusal(of(&json!({"statusCode": 302}))).0, 302);
    }

    #[test]
    fn w_06_status_and_body_of_a_rejection_reach_the_client() {
        assert_eq!(refusal(of(&json!({"statusCode": 403, "body": "{\"no\":1}"}))), (403, "{\"no\":1}".to_owned()));
    }

    #[test]
    fn w_07_the_function_chooses_the_sub_protocol() {
        let reply = json!({"statusCode": 200, "headers": {"sec-websocket-protocol": "bearer"}});
        assert_eq!(of(&reply), Connected::Accept(Some("bearer".to_owned())));
    }

    #[test]
    fn w_08_failures_of_connect() {
        let error = Err(Failure::Function(Bytes::from_static(b"{}")));
        let body = r#"{"message":"Internal server error","connectionId":"c==","requestId":"r="}"#;
        assert_eq!(refusal(connected(&error, "c==", "r=")), (502, body.to_owned()));
        assert_eq!(refusal(of(&json!({"statusCode": "200"}))).0, 500);
        assert_eq!(refusal(of(&json!(null))), (500, body.to_owned()));
    }

    #[test]
    fn rfc_6455_handshakes() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
        };
        let good = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        assert!(wanted(&headers(&good)) && key(&headers(&good)).is_some());
        assert!(!wanted(&headers(&good[1..])));
        assert!(key(&headers(&good[..3])).is_none());
        assert!(key(&headers(&[("sec-websocket-version", "12"), good[3]])).is_none());
        assert!(key(&headers(&[good[2], ("sec-websocket-key", "short")])).is_none());
    }
}
