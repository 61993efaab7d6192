//! What nobody should send: each gets a clear answer in the one shape, and the stack goes on.

use app::tokens::{Actor, Issuer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{SessionId, Timestamp, UserId};
use local::signing::TokenKey;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Person, TestStack};

use crate::PARLANCE;

/// The stack still does its work.
async fn goes_on(person: &Person) {
    person.get("/api/auth/me", 200).await;
}

#[tokio::test]
async fn over_http() {
    let stack = TestStack::start(PARLANCE).await;
    let ana = stack.register("ana", "es").await;
    for path in ["/", "/nothing", "/api/auth/me/more", "/api/a%20b", "/api/%E2%98%95", "/api/%23x", "/api/%3Fx"] {
        let answer = ana.get(path, 404).await;
        assert_eq!(answer["code"], "NOT_FOUND", "{path}");
    }
    let wrong_method = ana.request(Method::DELETE, "/api/auth/me").send().await.unwrap();
    assert_eq!(wrong_method.status(), 404);
    assert_eq!(wrong_method.json::<Value>().await.unwrap()["code"], "NOT_FOUND");

    for text in ["", "{", "[]", "null", "\u{0}", "{\"type\": 7, \"participantIds\": \"x\"}"] {
        let body = ana.post_text("/api/conversations", text, 400).await;
        assert_eq!(body["code"], "VALIDATION_ERROR", "{text}");
    }
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1024 * 1024));
    let body = ana.post_text("/api/conversations", large, 413).await;
    assert_eq!(body["code"], "PAYLOAD_TOO_LARGE");
    // Beyond API Gateway's own limit the answer is API Gateway's (gateway fact H-34), before any function runs.
    let huge = ana.request(Method::POST, "/api/conversations").body("x".repeat(11 * 1024 * 1024)).send().await.unwrap();
    assert_eq!(huge.status(), 413);
    assert_eq!(huge.json::<Value>().await.unwrap(), json!({ "message": "Request Entity Too Large" }));
    goes_on(&ana).await;
    stack.stop().await;
}

#[tokio::test]
async fn tokens_that_do_not_hold() {
    let stack = TestStack::start(PARLANCE).await;
    let ana = stack.register("ana", "es").await;
    let (head, rest) = ana.token.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT","kid":"x"}"#);
    let mut other: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    other["sub"] = json!("user_00000000-0000-4000-8000-000000000000");
    let other = URL_SAFE_NO_PAD.encode(other.to_string());
    let forged = [
        format!("{none}.{claims}."),
        format!("{head}.{other}.{signature}"),
        format!("{head}.{claims}."),
        ana.refresh_token.clone(),
        "x".repeat(3000),
    ];
    for token in &forged {
        let client = stack.anonymous().with_token(token);
        assert_eq!(client.get("/api/auth/me", 401).await["code"], "UNAUTHORIZED");
        assert_eq!(client.try_open("/").await.err(), Some(401), "{token:.40}");
    }
    stack.anonymous().get("/api/auth/me", 401).await;
    assert_eq!(stack.anonymous().try_open("/").await.err(), Some(401));
    assert_eq!(ana.try_open("/no-such-stage").await.err(), Some(403));
    goes_on(&ana).await;
    stack.stop().await;
}

#[tokio::test]
async fn an_expired_token() {
    let key = TokenKey::generate().unwrap();
    let stack = TestStack::builder(PARLANCE).parameter("TokenSigningKey", &key.signing_parameter()).start().await;
    let ana = stack.register("ana", "es").await;
    let issuer = Issuer::from_secret(&key.signing_parameter(), 3600).unwrap();
    let actor = Actor { user: UserId::parse(&ana.id).unwrap(), session: SessionId::new(uuid::Uuid::new_v4()) };
    let expired = issuer.access_token(&actor, Timestamp::parse("2026-01-01T00:00:00Z").unwrap()).unwrap();
    let client = stack.anonymous().with_token(&expired);
    assert_eq!(client.get("/api/auth/me", 401).await["code"], "UNAUTHORIZED");
    assert_eq!(client.try_open("/").await.err(), Some(401));
    stack.stop().await;
}

#[tokio::test]
async fn over_the_socket() {
    let stack = TestStack::start(PARLANCE).await;
    let ana = stack.register("ana", "es").await;
    let mut socket = ana.connect().await;
    let deep = format!("{{\"action\":\"message:send\",\"data\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    for text in ["", "hello", "{}", "[1]", "{\"action\":\"dance\"}", &deep] {
        socket.send_text(text).await;
        let error = socket.expect("error").await;
        assert_eq!(error["code"], "VALIDATION_ERROR", "{text:.40}: {error}");
    }
    for data in [json!(null), json!([]), json!({ "conversationId": 7 }), json!({ "conversationId": "conv_x#y" })] {
        socket.send("message:send", &data).await;
        let error = socket.expect("error").await;
        assert_eq!((&error["code"], &error["request"]), (&json!("VALIDATION_ERROR"), &json!("message:send")));
    }
    // API Gateway takes no binary frames; the connection ends, and nobody else notices.
    socket.send_binary(b"\x00\x01").await;
    assert_eq!(socket.expect_close().await, 1003);
    let mut another = ana.connect().await;
    another.send_text(&"x".repeat(40 * 1024)).await;
    assert_eq!(another.expect_close().await, 1009, "a frame over 32 KB");
    goes_on(&ana).await;
    stack.stop().await;
}
