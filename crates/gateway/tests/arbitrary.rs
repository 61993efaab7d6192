//! Whatever clients and functions send, the pure parts answer something and never panic.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway::Behaviour;
use gateway::http_api::authorizer::{Caller, identity, jwt, lambda};
use gateway::http_api::{self, event, routes};
use gateway::lambda::{Failure, invoke_api, payloads};
use gateway::management::{self, Signature};
use gateway::model::{
    Authorization, HttpApi, HttpRoute, IdentitySource, LambdaAuthorizer, Location, PayloadFormat, Stage,
};
use gateway::origin::Origin;
use gateway::socket::{authorizer, handshake, select};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

/// Text made of the characters that mean something to one of the readers.
fn meaningful() -> impl Strategy<Value = String> {
    "[-${}\\\\./%@:=&?+a-c0-9\"\\[\\]é ]{0,60}"
}

/// Replies that are nearly right.
fn reply() -> impl Strategy<Value = Bytes> {
    let field = prop_oneof![
        Just("\"statusCode\":200".to_owned()),
        Just("\"isBase64Encoded\":true".to_owned()),
        meaningful().prop_map(|text| format!("\"body\":{}", serde_json::json!(text))),
        meaningful().prop_map(|text| format!(
            "\"headers\":{{{}:{}}}",
            serde_json::json!(text),
            serde_json::json!(text)
        )),
        meaningful().prop_map(|text| format!("\"cookies\":[{}]", serde_json::json!(text))),
        meaningful().prop_map(|text| format!("\"statusCode\":{text}")),
    ];
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..80).prop_map(Bytes::from),
        proptest::collection::vec(field, 0..5).prop_map(|fields| Bytes::from(format!("{{{}}}", fields.join(",")))),
    ]
}

/// An API of one route and two stages.
fn api(method: &str, path: &str, payload_format: PayloadFormat) -> HttpApi {
    let location = Location { file: "t".into(), line: 1, column: 1 };
    let stage = |name: &str| Stage { name: name.to_owned(), variables: BTreeMap::new(), location: location.clone() };
    let route = HttpRoute {
        method: method.to_owned(),
        path: path.to_owned(),
        function: "F".to_owned(),
        payload_format,
        authorization: Authorization::Open,
        timeout: std::time::Duration::from_secs(30),
        location: location.clone(),
    };
    HttpApi {
        logical_id: "A".to_owned(),
        api_id: "a".to_owned(),
        stages: vec![stage("$default"), stage("a")],
        routes: vec![route],
        cors: None,
        authorizers: BTreeMap::new(),
        location,
    }
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, Vec<u8>)>> {
    let name = prop::sample::select(vec![
        "accept",
        "cookie",
        "content-type",
        "content-length",
        "content-encoding",
        "host",
        "user-agent",
        "x-forwarded-for",
        "x-amzn-trace-id",
        "x-a",
        "authorization",
        "connection",
    ]);
    let value = prop_oneof![
        meaningful().prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..20),
        Just(b"a=1; b=2".to_vec()),
        Just(b"text/plain".to_vec()),
    ];
    proptest::collection::vec((name, value), 0..8)
}

proptest! {
    #[test]
    fn every_request_is_an_event(
        format in prop::sample::select(vec![PayloadFormat::V1, PayloadFormat::V2]),
        (method, route) in prop::sample::select(vec![("$default", ""), ("ANY", "/{a}/{b+}"), ("GET", "/{proxy+}")]),
        path in meaningful(),
        query in meaningful(),
        sent in headers(),
        body in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let (api, behaviour, path) = (api(method, route, format), Behaviour::default(), format!("/{path}"));
        let found = routes::find([&api], "GET", &path, &behaviour).unwrap();
        let (stage, Some(route)) = (found.stage, found.route) else { return Ok(()) };
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(name, value);
            }
        }
        let peer = std::net::Ipv4Addr::LOCALHOST.into();
        let origin = Origin::new(behaviour.domain, "localhost:1", 1, peer, "a", "us-east-1");
        let request = event::Request {
            method: "GET",
            path: &path,
            query: &query,
            protocol: "HTTP/1.1",
            headers: &headers,
            origin: &origin,
            region: "us-east-1",
            account_id: "000000000000",
            request_id: "r",
            trace_id: "Root=1-0-0",
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let target = event::Target { api: &api, stage, found: &route };
        let sources = [
            IdentitySource::Header("x-a".to_owned()),
            IdentitySource::Query(query.clone()),
            IdentitySource::Context("path".to_owned()),
        ];
        let identity = identity::values(&sources, format, &target, &request).unwrap_or_default();
        for event in [
            event::build(target, request, &body, &Caller::Unknown, &behaviour),
            event::v1::authorizer(target, request, &identity, &behaviour),
            event::v2::authorizer(target, request, &identity, &behaviour),
        ] {
            let event: serde_json::Value = serde_json::from_slice(&event).unwrap();
            prop_assert!(event["version"].is_string(), "{event}");
        }
    }

    #[test]
    fn every_reply_is_an_answer_that_can_be_written(payload in reply()) {
        for format in [PayloadFormat::V1, PayloadFormat::V2] {
            let answer = http_api::answer(format, &Ok(payload.clone()));
            prop_assert!((200..600).contains(&answer.status));
            for (name, value) in &answer.headers {
                prop_assert!(http::HeaderName::from_bytes(name.as_bytes()).is_ok(), "{name}");
                prop_assert!(HeaderValue::from_bytes(value.as_bytes()).is_ok(), "{value}");
            }
            let _ = http_api::answer(format, &Err(Failure::Function(payload.clone())));
        }
        let _ = handshake::connected(&Ok(payload.clone()), "c", "r");
        let _ = authorizer::verdict(&Ok(payload.clone()), "arn");
        let _ = payloads::error_message(&payload);
        for simple_responses in [false, true] {
            let authorizer = LambdaAuthorizer {
                function: "F".to_owned(),
                payload_format: PayloadFormat::V2,
                simple_responses,
                identity_sources: Vec::new(),
                result_ttl: None,
                location: Location { file: "t".into(), line: 1, column: 1 },
            };
            let _ = lambda::read(&Ok(payload.clone()), &authorizer).and_then(|outcome| outcome.decide("arn"));
        }
    }

    #[test]
    fn every_expression_has_a_value(expression in meaningful(), body in meaningful()) {
        let _ = select::evaluate(&expression, &body);
        let _ = select::evaluate(&format!("$request.body.{expression}"), &format!("{{\"a\":{body}}}"));
    }

    #[test]
    fn every_path_is_read(path in meaningful()) {
        let path = format!("/{path}");
        let _ = management::target(&path);
        let _ = routes::stage(&api("GET", "/", PayloadFormat::V2).stages, &path);
        let _ = invoke_api::function_of(&path);
    }

    #[test]
    fn every_token_is_read(token in meaningful(), set in meaningful()) {
        let _ = jwt::key_id(jwt::token(&token));
        let _ = jwt::keys(set.as_bytes());
        let _ = jwt::keys_address(set.as_bytes());
    }

    #[test]
    fn every_signature_is_read(header in meaningful(), query in meaningful()) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(format!("AWS4-HMAC-SHA256 Credential={header}").as_bytes()) {
            headers.insert(http::header::AUTHORIZATION, value);
        }
        prop_assert_ne!(Signature::read(&headers, &query), Signature::Missing);
        let _ = Signature::read(&HeaderMap::new(), &query);
    }
}
