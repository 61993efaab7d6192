//! Whatever clients and functions send, the pure parts answer something and never panic.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use gateway::http_api::authorizer::jwt;
use gateway::http_api::{self, routes};
use gateway::lambda::{Failure, invoke_api, payloads};
use gateway::management::{self, Signature};
use gateway::model::PayloadFormat;
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

proptest! {
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
        let stage = |name: &str| gateway::model::Stage {
            name: name.to_owned(),
            variables: std::collections::BTreeMap::new(),
            location: gateway::model::Location { file: "t".into(), line: 1, column: 1 },
        };
        let _ = routes::stage(&[stage("a"), stage("$default")], &path);
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
