//! WebSocket APIs over a socket.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::SinkExt;
use gateway::Event;
use gateway::report::{Frame, FrameKind, Outcome};
use gateway::time::ManualClock;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

use crate::support::{Client, Plan, Stack, seen_by_function};

const ALL: &[&str] = &["$connect", "$disconnect", "$default", "named"];

/// The next event of a kind that a function saw.
async fn saw(stack: &mut Stack, kind: &str) -> Value {
    stack.until(|event| seen_by_function(event).filter(|event| event["requestContext"]["eventType"] == kind)).await
}

async fn disconnected(stack: &mut Stack) -> (u64, String) {
    let event = saw(stack, "DISCONNECT").await;
    let context = &event["requestContext"];
    (context["disconnectStatusCode"].as_u64().unwrap(), context["disconnectReason"].as_str().unwrap().to_owned())
}

fn text_frame(payload: Vec<u8>, code: Data, last: bool) -> Message {
    Message::Frame(RawFrame::message(payload, OpCode::Data(code), last))
}

#[tokio::test]
async fn w01_w03_connect_runs_before_the_upgrade_and_sees_the_handshake() {
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
async fn w01_without_a_connect_route_the_upgrade_succeeds() {
    let mut stack = Plan::new().socket(&["$default"]).start().await;
    stack.connect("/dev").await;
    assert!(stack.cold_starts().is_empty());
}

#[tokio::test]
async fn w02_the_upgrade_carries_four_headers_and_no_extension() {
    let stack = Plan::new().socket(ALL).start().await;
    let offer = [("sec-websocket-extensions", "permessage-deflate")];
    let (_socket, response) = stack.try_connect("/dev", &offer).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    let names: BTreeSet<_> = response.headers().keys().map(http::HeaderName::as_str).collect();
    assert_eq!(names, BTreeSet::from(["connection", "date", "sec-websocket-accept", "upgrade"]));
}

#[tokio::test]
async fn w06_w08_refusals_of_connect() {
    let mut stack = Plan::new().socket_within(ALL, Duration::from_millis(500)).start().await;
    let raw = |reply: Value| {
        form_urlencoded::Serializer::new("/dev?".to_owned())
            .extend_pairs([("do", "raw"), ("payload", &reply.to_string())])
            .finish()
    };
    let refused = stack.refused(&raw(json!({"statusCode": 403, "body": "{\"no\":1}"}))).await;
    assert_eq!(refused, (403, "{\"no\":1}".to_owned()));
    assert_eq!(stack.refused(&raw(json!({}))).await.0, 500);
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
async fn w07_the_function_chooses_the_sub_protocol() {
    let stack = Plan::new().socket(ALL).start().await;
    let reply = json!({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "bearer"}});
    let target = form_urlencoded::Serializer::new("/dev?".to_owned())
        .extend_pairs([("do", "raw"), ("payload", &reply.to_string())])
        .finish();
    let offer = [("sec-websocket-protocol", "bearer, token")];
    let (_socket, response) = stack.try_connect(&target, &offer).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "bearer");
}

#[tokio::test]
async fn w09_unknown_stages_and_plain_requests_are_403() {
    let stack = Plan::new().socket(ALL).start().await;
    let forbidden = (403, r#"{"message":"Forbidden"}"#.to_owned());
    assert_eq!(stack.refused("/other").await, forbidden);
    assert_eq!(stack.refused("/dev/deeper").await, forbidden);
    let plain = reqwest::get(stack.url("/dev")).await.unwrap();
    assert_eq!((plain.status().as_u16(), plain.text().await.unwrap()), forbidden);
}

#[tokio::test]
async fn w10_a_url_over_4096_characters_is_refused() {
    let stack = Plan::new().socket(ALL).start().await;
    assert_eq!(stack.refused(&format!("/dev?token={}", "x".repeat(4096))).await.0, 414);
    stack.connect(&format!("/dev?token={}", "x".repeat(4000))).await;
}

#[tokio::test]
async fn w41_w42_w43_refusals_of_the_authorizer() {
    let stack = Plan::new().socket(ALL).authorizer().start().await;
    let table = [
        ("/dev", 401, "Unauthorized"),
        ("/dev?token=", 401, "Unauthorized"),
        ("/dev?token=unauthorized", 401, "Unauthorized"),
        ("/dev?token=broken", 500, "Internal server error"),
        ("/dev?token=malformed", 500, ""),
        (
            "/dev?token=deny",
            403,
            "User is not authorized to access this resource with an explicit deny in an identity-based policy",
        ),
    ];
    for (target, status, message) in table {
        let (refused, body) = stack.refused(target).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((refused, &body["message"]), (status, &json!(message)), "{target}");
    }
}

#[tokio::test]
async fn w41_without_its_source_the_authorizer_is_not_asked() {
    let mut stack = Plan::new().socket(ALL).authorizer().start().await;
    stack.refused("/dev").await;
    assert!(stack.cold_starts().is_empty());
}

#[tokio::test]
async fn w44_the_authorizers_context_reaches_every_event() {
    let mut stack = Plan::new().socket(ALL).authorizer().start().await;
    let mut client = stack.connect("/dev?token=allow").await;
    let authorizer = stack.event().await;
    assert!(authorizer["methodArn"].as_str().unwrap().ends_with(":socketapi1/dev/$connect"));
    let connect = saw(&mut stack, "CONNECT").await["requestContext"]["authorizer"].clone();
    assert!(connect["integrationLatency"].is_u64());
    client.send("{}").await;
    let expected = json!({"number": "7", "flag": "true", "principalId": "me"});
    assert_eq!(saw(&mut stack, "MESSAGE").await["requestContext"]["authorizer"], expected);
    client.0.close(None).await.unwrap();
    assert_eq!(saw(&mut stack, "DISCONNECT").await["requestContext"]["authorizer"], expected);
}

#[tokio::test]
async fn w46_two_authorization_headers_are_400_html() {
    let stack = Plan::new().socket(ALL).authorizer().start().await;
    let twice = [("authorization", "a"), ("authorization", "b")];
    let Err(tokio_tungstenite::tungstenite::Error::Http(response)) =
        stack.try_connect("/dev?token=allow", &twice).await
    else {
        panic!("not refused")
    };
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (400, &http::HeaderValue::from_static("text/html"))
    );
}

#[tokio::test]
async fn w20_w21_messages_reach_their_route_as_sent() {
    let mut stack = Plan::new().socket(ALL).start().await;
    let mut client = stack.connect("/dev").await;
    for (text, route) in [(r#"{ "action" : "named" }"#, "named"), ("no json", "$default"), ("", "$default")] {
        client.send(text).await;
        let event = saw(&mut stack, "MESSAGE").await;
        assert_eq!((&event["body"], &event["requestContext"]["routeKey"]), (&json!(text), &json!(route)));
    }
}

#[tokio::test]
async fn w23_without_a_route_the_client_is_told_and_stays() {
    let mut stack = Plan::new().socket(&["named"]).two_way("named").start().await;
    let mut client = stack.connect("/dev").await;
    for _ in 0..2 {
        client.send(r#"{"action":"other"}"#).await;
        let answer = client.json().await;
        assert_eq!(answer["message"], "Forbidden");
        assert_eq!(answer.as_object().unwrap().len(), 3);
    }
    assert_eq!(stack.message().await.outcome, Outcome::NoRoute);
    client.send(r#"{"action":"named"}"#).await;
    assert_eq!(client.json().await["requestContext"]["routeKey"], "named");
}

#[tokio::test]
async fn w24_failures_are_told_and_the_connection_stays() {
    let stack = Plan::new().socket_within(&["$default"], Duration::from_millis(400)).start().await;
    let mut client = stack.connect("/dev").await;
    let table = [
        (json!({"do": "error", "message": "no"}), "Internal server error"),
        (json!({"do": "exit", "code": "1"}), "Internal server error"),
        (json!({"do": "raw", "payload": "null"}), "Internal server error"),
        (json!({"do": "sleep", "ms": "2000"}), "Endpoint request timed out"),
    ];
    for (command, message) in table {
        client.send(&command.to_string()).await;
        assert_eq!(client.json().await["message"], message, "{command}");
    }
}

#[tokio::test]
async fn w25_only_two_way_routes_answer() {
    let mut stack = Plan::new().socket(ALL).two_way("named").start().await;
    let mut client = stack.connect("/dev").await;
    client.send("{}").await;
    assert_eq!(stack.message().await.outcome, Outcome::Done);
    let reply = json!({"statusCode": 200, "body": "verbatim"}).to_string();
    client.send(&json!({"action": "named", "do": "raw", "payload": reply}).to_string()).await;
    // The first frame that arrives: the one-way route sent none.
    assert_eq!(client.text().await, "verbatim");
}

#[tokio::test]
async fn w27_frames_of_32_kb_and_messages_of_128_kb_are_the_largest() {
    let mut stack = Plan::new().socket(ALL).start().await;
    let mut client = stack.connect("/dev").await;
    let kb32 = || vec![b'x'; 32 * 1024];
    client.0.send(text_frame(kb32(), Data::Text, false)).await.unwrap();
    for last in [false, false, true] {
        client.0.send(text_frame(kb32(), Data::Continue, last)).await.unwrap();
    }
    assert_eq!(saw(&mut stack, "MESSAGE").await["body"].as_str().unwrap().len(), 128 * 1024);

    let too_big = (1009, "Message too big".to_owned());
    client.0.send(text_frame(kb32(), Data::Text, false)).await.unwrap();
    for _ in 0..3 {
        client.0.send(text_frame(kb32(), Data::Continue, false)).await.unwrap();
    }
    client.0.send(text_frame(vec![b'x'], Data::Continue, true)).await.unwrap();
    assert_eq!(client.closed().await, too_big);
    assert_eq!(disconnected(&mut stack).await, (1009, "Message too big".to_owned()));

    let mut client = stack.connect("/dev").await;
    client.0.send(text_frame(vec![b'x'; 32 * 1024 + 1], Data::Text, true)).await.unwrap();
    assert_eq!(client.closed().await, too_big);
}

#[tokio::test]
async fn w28_binary_frames_invalid_text_and_protocol_errors_close() {
    let mut stack = Plan::new().socket(ALL).start().await;
    let table = [
        (Message::binary(vec![1, 2]), 1003, "Binary is not supported"),
        (text_frame(vec![0xff], Data::Text, true), 1007, "Invalid UTF-8"),
        (text_frame(vec![b'x'], Data::Continue, true), 1002, "Protocol error"),
    ];
    for (frame, code, reason) in table {
        let mut client = stack.connect("/dev").await;
        client.0.send(frame).await.unwrap();
        assert_eq!(client.closed().await, (code, reason.to_owned()));
        assert_eq!(disconnected(&mut stack).await, (u64::from(code), reason.to_owned()));
    }
}

#[tokio::test]
async fn w28_binary_frames_can_be_let_in() {
    let plan = Plan::new().socket(ALL).behaviour(|behaviour| behaviour.binary_closes = false);
    let mut stack = plan.start().await;
    let mut client = stack.connect("/dev").await;
    client.0.send(Message::binary(vec![1, 2])).await.unwrap();
    let event = saw(&mut stack, "MESSAGE").await;
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("AQI="), &json!(true)));
}

#[tokio::test]
async fn w29_w33_closes_are_echoed_and_told() {
    let mut stack = Plan::new().socket(ALL).start().await;
    for (code, reason) in [(1000, "bye"), (1001, ""), (4000, "own")] {
        let mut client = stack.connect("/dev").await;
        let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
        client.0.close(Some(frame)).await.unwrap();
        assert_eq!(client.closed().await, (code, reason.to_owned()));
        assert_eq!(disconnected(&mut stack).await, (u64::from(code), reason.to_owned()));
    }
    let mut client = stack.connect("/dev").await;
    client.0.close(None).await.unwrap();
    assert_eq!(disconnected(&mut stack).await, (1005, "Client-side close frame status not set".to_owned()));
    drop(stack.connect("/dev").await);
    assert_eq!(disconnected(&mut stack).await, (1006, String::new()));
}

#[tokio::test]
async fn w30_pings_are_answered() {
    let stack = Plan::new().socket(&["$default"]).start().await;
    let mut client = stack.connect("/dev").await;
    client.0.send(Message::Ping(vec![1].into())).await.unwrap();
    assert_eq!(client.next().await, Message::Pong(vec![1].into()));
}

#[tokio::test]
async fn w32_messages_overlap_unless_the_switch_says_otherwise() {
    for in_order in [false, true] {
        let plan = Plan::new().socket(&["$default"]).two_way("$default");
        let stack = plan.behaviour(|behaviour| behaviour.messages_in_order = in_order).start().await;
        let mut client = stack.connect("/dev").await;
        client.send(r#"{"do":"sleep","ms":"700"}"#).await;
        let fast = json!({"statusCode": 200, "body": "fast"}).to_string();
        client.send(&json!({"do": "raw", "payload": fast}).to_string()).await;
        let order = [client.text().await, client.text().await];
        assert_eq!(order, if in_order { ["slept", "fast"] } else { ["fast", "slept"] });
    }
}

#[tokio::test]
async fn w_34_ten_minutes_of_silence_end_a_connection() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let mut stack = Plan::new().socket(ALL).two_way("named").clock(&clock).start().await;
    let mut client = stack.connect("/dev").await;
    clock.advance(Duration::from_secs(599));
    // Talk begins the silence anew: without it the next ten minutes would end one second from here.
    client.send(r#"{"action":"named"}"#).await;
    client.text().await;
    clock.advance(Duration::from_secs(599));
    client.send(r#"{"action":"named"}"#).await;
    client.text().await;
    clock.advance(Duration::from_mins(10));
    assert_eq!(client.closed().await, (1001, "Going away".to_owned()));
    assert_eq!(disconnected(&mut stack).await, (1001, "Going away".to_owned()));
}

#[tokio::test]
async fn w_34_talk_does_not_prolong_two_hours() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let stack = Plan::new().socket(&["$default"]).two_way("$default").clock(&clock).start().await;
    let mut client = stack.connect("/dev").await;
    for _ in 0..15 {
        client.send("{}").await;
        client.text().await;
        clock.advance(Duration::from_mins(8));
    }
    assert_eq!(client.closed().await, (1001, "Going away".to_owned()));
}

#[tokio::test]
async fn w36_a_failing_disconnect_harms_nobody() {
    let mut stack = Plan::new().function("Gone", |function| {
        function.environment.insert("START".to_owned(), "exit".to_owned());
    });
    stack = stack.socket(ALL);
    let api = stack.application.websocket_apis.get_mut("Socket").unwrap();
    api.routes.get_mut("$disconnect").unwrap().function = "Gone".to_owned();
    let mut stack = stack.start().await;
    let mut client = stack.connect("/dev").await;
    client.0.close(None).await.unwrap();
    let outcome = stack
        .until(|event| match event {
            Event::Frame(Frame { kind: FrameKind::Disconnect(code), outcome, .. }) => Some((*code, *outcome)),
            _ => None,
        })
        .await;
    assert_eq!(outcome, (1005, Outcome::Failed));
    stack.connect("/dev").await;
}

#[tokio::test]
async fn shutdown_closes_sockets_and_runs_disconnect() {
    let stack = Plan::new().socket(ALL).start().await;
    let mut client: Client = stack.connect("/dev").await;
    let reading = tokio::spawn(async move { client.closed().await });
    let events = stack.stop().await;
    assert_eq!(reading.await.unwrap(), (1001, "Going away".to_owned()));
    let told =
        events.iter().filter_map(seen_by_function).any(|event| event["requestContext"]["eventType"] == "DISCONNECT");
    assert!(told, "{events:#?}");
}
