//! Event builder: a request's parts to the events of functions and authorizers, over HTTP and of a WebSocket handshake.
//!
//! Input: a line with the route's key (`ANY /{a}/{rest+}`), then the request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::answer::Answer;
use gateway::http_api::authorizer::{Caller, identity};
use gateway::http_api::{cors, event, routes};
use gateway::model::{IdentitySource, PayloadFormat};
use gateway::socket::{authorizer, event as socket_event, handshake};
use gateway::{Behaviour, Domain};
use http::request::Parts;
use jiff::Timestamp;
use serde_json::Value;

use super::{message, sample};

/// Builds every event that the request can lead to.
pub fn run(data: &[u8]) {
    let (key, rest) = message::line(data);
    let (Ok(key), Some((head, body))) = (std::str::from_utf8(key), message::read(rest)) else { return };
    let (method, path) = key.split_once(' ').unwrap_or(("$default", ""));
    let told = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let switched = Behaviour {
        domain: Domain::Aws,
        trailing_slash_matches: true,
        graphql_is_text: true,
        json_suffix_is_text: true,
        encoded_body_is_binary: true,
        decoded_question_mark_truncates: false,
        ..Behaviour::default()
    };
    for behaviour in [Behaviour::default(), switched] {
        for format in [PayloadFormat::V1, PayloadFormat::V2] {
            http(&head, body, (method, path, format), &behaviour);
        }
        let authority = head.uri.authority().map(http::uri::Authority::as_str).or(told("host"));
        socket(&head, authority.unwrap_or("localhost"), &behaviour);
    }
}

fn http(head: &Parts, body: &[u8], (method, path, format): (&str, &str, PayloadFormat), behaviour: &Behaviour) {
    let api = sample::http_api(method, path, format);
    if let Some(configured) = &api.cors {
        let _ = cors::preflight(configured, &head.method, &head.headers);
        let _ = cors::apply(configured, &head.headers, Answer::empty(200));
    }
    let found = routes::find([&api], head.method.as_str(), head.uri.path(), behaviour);
    let Some((stage, route)) = found.and_then(|found| Some((found.stage, found.route?))) else { return };
    let authority = head.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let origin = sample::origin(behaviour.domain, authority);
    let request = event::Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        protocol: "HTTP/1.1",
        headers: &head.headers,
        origin: &origin,
        region: "us-east-1",
        account_id: "000000000000",
        request_id: "r",
        trace_id: "Root=1-0-0",
        now: Timestamp::UNIX_EPOCH,
    };
    let target = event::Target { api: &api, stage, found: &route };
    let sources = [
        IdentitySource::Header("authorization".to_owned()),
        IdentitySource::Query("token".to_owned()),
        IdentitySource::Context("path".to_owned()),
    ];
    let identity = identity::values(&sources, format, &target, &request).unwrap_or_default();
    let built = event::build(target, request, body, &Caller::Unknown, behaviour);
    let event: Value = serde_json::from_slice(&built).expect("an event is JSON");
    assert_eq!(event["version"], if format == PayloadFormat::V1 { "1.0" } else { "2.0" });
    assert_eq!(body_of(&event), body, "a function gets the body that was sent");
    for event in [
        event::v1::authorizer(target, request, &identity, behaviour),
        event::v2::authorizer(target, request, &identity, behaviour),
    ] {
        let event: Value = serde_json::from_slice(&event).expect("an event is JSON");
        assert_eq!(event["type"], "REQUEST");
    }
}

fn body_of(event: &Value) -> Vec<u8> {
    let body = event["body"].as_str().unwrap_or_default();
    if event["isBase64Encoded"] == true { STANDARD.decode(body).expect("base64") } else { body.as_bytes().to_vec() }
}

fn socket(head: &Parts, authority: &str, behaviour: &Behaviour) {
    let api = sample::websocket_api("$request.body.action");
    let _ = handshake::wanted(&head.headers);
    let _ = handshake::key(&head.headers);
    let _ = handshake::api([&api], head.uri.path(), behaviour);
    let _ = gateway::socket::addressed([&api].into_iter(), Some(authority)).count();
    let session = sample::session(head.headers.get("user-agent").and_then(|value| value.to_str().ok()));
    let query = head.uri.query().unwrap_or_default();
    let sources = ["route.request.header.authorization", "route.request.querystring.token"].map(str::to_owned);
    let _ = authorizer::identified(&sources, &head.headers, query, &session);
    let origin = sample::origin(behaviour.domain, authority);
    let handshake = socket_event::Handshake { headers: &head.headers, query, origin: &origin, trace_id: "Root=1-0-0" };
    let moment = socket_event::Moment { request_id: "r", now: Timestamp::UNIX_EPOCH };
    for event in [
        socket_event::connect(&session, handshake, moment, Some(1)),
        socket_event::authorizer(&session, handshake, moment, "arn"),
    ] {
        let event: Value = serde_json::from_slice(&event).expect("an event is JSON");
        assert!(event["requestContext"]["connectionId"].is_string());
    }
}
