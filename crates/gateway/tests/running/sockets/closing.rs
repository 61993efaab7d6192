//! Ends: W-29, W-30, W-33 to W-36.

use std::time::Duration;

use futures_util::SinkExt;
use gateway::Event;
use gateway::report::{Frame, FrameKind, Outcome};
use gateway::time::ManualClock;
use jiff::Timestamp;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{ALL, disconnected};
use crate::support::{Client, Plan, seen_by_function};

#[tokio::test]
async fn w_29_w33_closes_are_echoed_and_told() {
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
async fn w_30_pings_are_answered() {
    let stack = Plan::new().socket(&["$default"]).start().await;
    let mut client = stack.connect("/dev").await;
    client.0.send(Message::Ping(vec![1].into())).await.unwrap();
    assert_eq!(client.next().await, Message::Pong(vec![1].into()));
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
async fn w_36_a_failing_disconnect_harms_nobody() {
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

#[tokio::test]
async fn w_30_whether_pings_are_activity_is_a_switch() {
    for counts in [true, false] {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let plan = Plan::new().socket(ALL).clock(&clock);
        let stack = plan.behaviour(|behaviour| behaviour.ping_resets_idle = counts).start().await;
        let mut client = stack.connect("/dev").await;
        clock.advance(Duration::from_mins(9));
        client.0.send(Message::Ping(vec![1].into())).await.unwrap();
        assert_eq!(client.next().await, Message::Pong(vec![1].into()));
        clock.advance(Duration::from_mins(9));
        if counts {
            client.0.send(Message::Ping(vec![2].into())).await.unwrap();
            assert_eq!(client.next().await, Message::Pong(vec![2].into()));
        } else {
            assert_eq!(client.closed().await.0, 1001);
        }
    }
}
