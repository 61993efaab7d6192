//! Handshakes: W-01 to W-12.

use std::collections::BTreeSet;
use std::time::Duration;

use gateway::Event;
use gateway::report::{Frame, FrameKind};
use gateway::time::ManualClock;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

use super::{ALL, disconnected, saw};
use crate::support::{Plan, Stack};

/// Target of a handshake whose `$connect` replies this.
fn replying(reply: &Value) -> String {
    let pairs = [("do", "raw"), ("payload", &reply.to_string())];
    form_urlencoded::Serializer::new("/dev?".to_owned()).extend_pairs(pairs).finish()
}

#[tokio::test]
async fn w_01_w03_connect_runs_before_the_upgrade_and_sees_the_handshake() {
    let mut stack = Plan::new().socket(ALL).start().await;
    let _client = stack.connect("/dev?token=t&repeat=1&repeat=2").await;
    let event = saw(&mut stack, "CONNECT").await;
    assert_eq!(event["queryStringParameters"], json!({"token": "t", "repeat": "2"}));
    assert_eq!(event["headers"]["Host"], stack.address.to_string());
    assert_eq!(event["requestContext"]["stage"], "dev");
    assert_eq!(event["requestContext"]["domainName"], stack.address.to_string());
    assert_eq!(event["requestContext"]["connectionId"].as_str().unwrap().len(), 20);
    // The root is the first API too.
    stack.connect("/?token=t").await;
}

#[tokio::test]
async fn w_01_without_a_connect_route_the_upgrade_succeeds() {
    let mut stack = Plan::new().socket(&["$default"]).start().await;
    stack.connect("/dev").await;
    assert!(stack.cold_starts().is_empty());
}

#[tokio::test]
async fn w_02_the_upgrade_carries_four_headers_and_no_extension() {
    let stack = Plan::new().socket(ALL).start().await;
    let offer = [("sec-websocket-extensions", "permessage-deflate")];
    let (_socket, response) = stack.try_connect("/dev", &offer).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    let names: BTreeSet<_> = response.headers().keys().map(http::HeaderName::as_str).collect();
    assert_eq!(names, BTreeSet::from(["connection", "date", "sec-websocket-accept", "upgrade"]));
}

#[tokio::test]
async fn w_06_w08_refusals_of_connect() {
    let mut stack = Plan::new().socket_within(ALL, Duration::from_millis(500)).start().await;
    let refused = stack.refused(&replying(&json!({"statusCode": 403, "body": "{\"no\":1}"}))).await;
    assert_eq!(refused, (403, "{\"no\":1}".to_owned()));
    assert_eq!(stack.refused(&replying(&json!({}))).await.0, 500);
    assert_eq!(stack.refused("/dev?do=error&message=no").await.0, 502);
    let (status, body) = stack.refused("/dev?do=sleep&ms=1000").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["message"]), (504, &json!("Endpoint request timed out")));
    let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["message", "connectionId", "requestId"]);
    let ended = |event: &Event| matches!(event, Event::Frame(Frame { kind: FrameKind::Disconnect(_), .. }));
    assert!(!stack.told().iter().any(ended), "no $disconnect follows a refusal");
}

#[tokio::test]
async fn w_07_the_function_chooses_the_sub_protocol() {
    let stack = Plan::new().socket(ALL).start().await;
    let reply = json!({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "bearer"}});
    let target = replying(&reply);
    let offer = [("sec-websocket-protocol", "bearer, token")];
    let (_socket, response) = stack.try_connect(&target, &offer).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "bearer");
}

#[tokio::test]
async fn w_09_unknown_stages_and_plain_requests_are_403() {
    let stack = Plan::new().socket(ALL).start().await;
    let forbidden = (403, r#"{"message":"Forbidden"}"#.to_owned());
    assert_eq!(stack.refused("/other").await, forbidden);
    assert_eq!(stack.refused("/dev/deeper").await, forbidden);
    let plain = reqwest::get(stack.url("/dev")).await.unwrap();
    assert_eq!((plain.status().as_u16(), plain.text().await.unwrap()), forbidden);
}

#[tokio::test]
async fn w_10_a_url_over_4096_characters_is_refused() {
    let stack = Plan::new().socket(ALL).start().await;
    assert_eq!(stack.refused(&format!("/dev?token={}", "x".repeat(4096))).await.0, 414);
    stack.connect(&format!("/dev?token={}", "x".repeat(4000))).await;
}

#[tokio::test]
async fn w_05_every_event_says_when_it_connected() {
    let mut stack = Plan::new().socket(ALL).start().await;
    let mut client = stack.connect("/dev").await;
    let connect = saw(&mut stack, "CONNECT").await["requestContext"].clone();
    client.send("{}").await;
    let message = saw(&mut stack, "MESSAGE").await["requestContext"].clone();
    client.0.close(None).await.unwrap();
    let disconnect = saw(&mut stack, "DISCONNECT").await["requestContext"].clone();
    for context in [&connect, &message, &disconnect] {
        assert_eq!(context["connectedAt"].as_i64(), connect["connectedAt"].as_i64());
        assert!(context["requestTimeEpoch"].as_i64() >= context["connectedAt"].as_i64());
        assert!(context["connectedAt"].as_i64() > Some(1_700_000_000_000));
    }
}

#[tokio::test]
async fn w_06_the_headers_of_a_refusal() {
    let stack = Plan::new().socket(ALL).start().await;
    let refused = stack.try_connect(&replying(&json!({"statusCode": 403, "body": "{}"})), &[]).await;
    let Err(Error::Http(response)) = refused else { panic!("not refused") };
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/json; charset=UTF-8");
    assert_eq!(headers["connection"], "keep-alive");
    assert_eq!(headers["x-amz-apigw-id"].len(), 16);
    assert!(!headers.contains_key("x-amzn-requestid"));
}

#[tokio::test]
async fn w_08_a_connect_that_takes_29_s_is_504() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let mut stack = Plan::new().socket(ALL).clock(&clock).start().await;
    let url = format!("ws://{}/dev?do=sleep&ms=60000", stack.address);
    let connecting = tokio::spawn(tokio_tungstenite::connect_async(url));
    saw(&mut stack, "CONNECT").await;
    clock.advance(Duration::from_secs(29));
    let Err(Error::Http(response)) = connecting.await.unwrap() else { panic!("not refused") };
    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    let body: Value = serde_json::from_slice(response.body().as_deref().unwrap()).unwrap();
    assert_eq!(body["message"], "Endpoint request timed out");
}

#[tokio::test]
async fn w_09_what_a_plain_request_gets_can_be_switched() {
    let stack = Plan::new().socket(ALL).behaviour(|behaviour| behaviour.plain_request_status = 426).start().await;
    assert_eq!(reqwest::get(stack.url("/dev")).await.unwrap().status(), StatusCode::UPGRADE_REQUIRED);
}

#[tokio::test]
async fn w_10_url_and_query_count_together() {
    let stack = Plan::new().socket(ALL).start().await;
    let longest = format!("/dev?token={}", "x".repeat(4096 - "/dev?token=".len()));
    stack.connect(&longest).await;
    assert_eq!(stack.refused(&format!("{longest}x")).await.0, 414);
}

#[tokio::test]
async fn w_10_more_than_the_rate_of_new_connections_is_429() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let plan = Plan::new().socket(&["$default"]).clock(&clock).limits(|limits| limits.handshakes = 3);
    let stack = plan.start().await;
    for _ in 0..3 {
        stack.connect("/dev").await;
    }
    assert_eq!(stack.refused("/dev").await.0, 429);
    // What is refused for another reason costs nothing.
    assert_eq!(stack.refused("/other").await.0, 403);
    clock.advance(Duration::from_secs(1));
    stack.connect("/dev").await;
    assert_eq!(gateway::Limits::default().handshakes, 500);
}

#[tokio::test]
async fn w_12_the_stage_is_part_of_the_path() {
    let stack = Plan::new().socket(ALL).behaviour(|behaviour| behaviour.socket_at_root = false).start().await;
    assert_eq!(stack.refused("/").await.0, 403);
    stack.connect("/dev").await;
}

#[tokio::test]
async fn w_12_a_host_that_names_an_api_means_that_api() {
    let mut plan = Plan::new().socket(ALL);
    let mut other = plan.application.websocket_apis["Socket"].clone();
    other.api_id = "socketapi2".to_owned();
    plan.application.websocket_apis.insert("Zweite".to_owned(), other);
    let mut stack = plan.start().await;
    let host = [("host", "socketapi2.execute-api.us-east-1.amazonaws.com")];
    let _open = stack.try_connect("/dev", &host).await.unwrap();
    assert_eq!(saw(&mut stack, "CONNECT").await["requestContext"]["apiId"], "socketapi2");
    let _open = stack.connect("/dev").await;
    assert_eq!(saw(&mut stack, "CONNECT").await["requestContext"]["apiId"], "socketapi1");
}

/// A client that gives up while `$connect` runs: the connection ends as soon as it has begun.
#[tokio::test]
async fn w_01_a_client_that_gives_up_is_disconnected() {
    let mut stack: Stack = Plan::new().socket(ALL).start().await;
    let url = format!("ws://{}/dev?do=sleep&ms=300", stack.address);
    let connecting = tokio::spawn(tokio_tungstenite::connect_async(url));
    saw(&mut stack, "CONNECT").await;
    connecting.abort();
    assert_eq!(disconnected(&mut stack).await, (1006, String::new()));
}
