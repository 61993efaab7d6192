//! Messages: W-20 to W-32.

use std::time::Duration;

use futures_util::SinkExt;
use gateway::MessageOrder;
use gateway::report::Outcome;
use gateway::time::ManualClock;
use jiff::Timestamp;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::Data;

use super::{ALL, disconnected, saw, text_frame};
use crate::support::Plan;

#[tokio::test]
async fn w_20_w21_messages_reach_their_route_as_sent() {
    let mut stack = Plan::new().socket(ALL).start().await;
    let mut client = stack.connect("/dev").await;
    for (text, route) in [(r#"{ "action" : "named" }"#, "named"), ("no json", "$default"), ("", "$default")] {
        client.send(text).await;
        let event = saw(&mut stack, "MESSAGE").await;
        assert_eq!((&event["body"], &event["requestContext"]["routeKey"]), (&json!(text), &json!(route)));
    }
}

#[tokio::test]
async fn w_23_without_a_route_the_client_is_told_and_stays() {
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
async fn w_24_failures_are_told_and_the_connection_stays() {
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
async fn w_25_only_two_way_routes_answer() {
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
async fn w_27_frames_of_32_kb_and_messages_of_128_kb_are_the_largest() {
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
async fn w_28_binary_frames_invalid_text_and_protocol_errors_close() {
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
async fn w_28_binary_frames_can_be_let_in() {
    let plan = Plan::new().socket(ALL).behaviour(|behaviour| behaviour.binary_closes = false);
    let mut stack = plan.start().await;
    let mut client = stack.connect("/dev").await;
    client.0.send(Message::binary(vec![1, 2])).await.unwrap();
    let event = saw(&mut stack, "MESSAGE").await;
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("AQI="), &json!(true)));
}

#[tokio::test]
async fn w_32_messages_overlap_unless_the_switch_says_otherwise() {
    for order in [MessageOrder::Concurrent, MessageOrder::InOrder] {
        let plan = Plan::new().socket(&["$default"]).two_way("$default");
        let stack = plan.behaviour(|behaviour| behaviour.message_order = order).start().await;
        let mut client = stack.connect("/dev").await;
        client.send(r#"{"do":"sleep","ms":"700"}"#).await;
        let fast = json!({"statusCode": 200, "body": "fast"}).to_string();
        client.send(&json!({"do": "raw", "payload": fast}).to_string()).await;
        let answers = [client.text().await, client.text().await];
        assert_eq!(answers, if order == MessageOrder::InOrder { ["slept", "fast"] } else { ["fast", "slept"] });
    }
}

#[tokio::test]
async fn w_20_a_message_event_has_three_keys() {
    let mut stack = Plan::new().socket(ALL).start().await;
    let mut client = stack.connect("/dev").await;
    client.send("hi").await;
    let event = saw(&mut stack, "MESSAGE").await;
    let keys: Vec<_> = event.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["requestContext", "body", "isBase64Encoded"]);
    let context: Vec<_> = event["requestContext"].as_object().unwrap().keys().cloned().collect();
    let expected = "routeKey messageId eventType extendedRequestId requestTime messageDirection stage connectedAt \
                    requestTimeEpoch identity requestId domainName connectionId apiId";
    assert_eq!(context.join(" "), expected);
}

#[tokio::test]
async fn w_22_expressions_combine_variables() {
    let mut plan = Plan::new().socket(&["$default", "a-b"]).two_way("a-b").two_way("$default");
    let api = plan.application.websocket_apis.get_mut("Socket").unwrap();
    api.route_selection_expression = "${request.body.x}-${request.body.y}".to_owned();
    let stack = plan.start().await;
    let mut client = stack.connect("/dev").await;
    for (message, route) in [(r#"{"x":"a","y":"b"}"#, "a-b"), (r#"{"x":"a"}"#, "$default")] {
        client.send(message).await;
        assert_eq!(client.json().await["requestContext"]["routeKey"], route, "{message}");
    }
}

#[tokio::test]
async fn w_24_w_31_an_integration_has_29_seconds() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let mut stack = Plan::new().socket(&["$default"]).two_way("$default").clock(&clock).start().await;
    let mut client = stack.connect("/dev").await;
    client.send(r#"{"do":"sleep","ms":"60000"}"#).await;
    saw(&mut stack, "MESSAGE").await;
    clock.advance(Duration::from_millis(28_999));
    // Answered while the first one still may take its time.
    client.send("{}").await;
    assert_eq!(client.json().await["body"], "{}");
    clock.advance(Duration::from_millis(1));
    assert_eq!(client.json().await["message"], "Endpoint request timed out");
}

#[tokio::test]
async fn w_26_changes_apply_to_connections_that_are_open() {
    let plan = Plan::new().socket(&["$default"]).two_way("$default");
    let mut changed = Plan::new().function("Later", |_| {}).socket(&["$default", "new"]).two_way("new").application;
    let api = changed.websocket_apis.get_mut("Socket").unwrap();
    api.routes.get_mut("new").unwrap().function = "Later".to_owned();
    let without = Plan::new().socket(&["new"]).application;
    let stack = plan.start().await;
    let mut client = stack.connect("/dev").await;
    client.send(r#"{"action":"new"}"#).await;
    assert_eq!(client.json().await["requestContext"]["routeKey"], "$default");
    stack.running.replace(changed).unwrap();
    let environment = r#"{"action":"new","do":"environment"}"#;
    client.send(environment).await;
    assert_eq!(client.json().await["message"], "Internal server error", "an environment is no reply");
    client.send(r#"{"action":"new"}"#).await;
    assert_eq!(client.json().await["requestContext"]["routeKey"], "new");
    stack.running.replace(without).unwrap();
    client.send("{}").await;
    assert_eq!(client.json().await["message"], "Forbidden");
}

#[tokio::test]
async fn w_32_shuffled_messages_wait_for_a_while() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let plan = Plan::new().socket(&["$connect", "$default"]).clock(&clock);
    let mut stack = plan.behaviour(|behaviour| behaviour.message_order = MessageOrder::Shuffled).start().await;
    let mut client = stack.connect("/dev").await;
    saw(&mut stack, "CONNECT").await;
    for number in 0..20 {
        client.send(&format!("{number}")).await;
    }
    // Read, all of them: a ping is answered after what came before it.
    client.0.send(Message::Ping(vec![1].into())).await.unwrap();
    assert_eq!(client.next().await, Message::Pong(vec![1].into()));
    clock.advance(Duration::from_millis(50));
    let mut seen = Vec::new();
    for _ in 0..20 {
        let event = saw(&mut stack, "MESSAGE").await;
        assert_eq!(event["requestContext"]["requestTimeEpoch"], 50, "not before time has passed");
        seen.push(event["body"].as_str().unwrap().parse::<u32>().unwrap());
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..20));
}
