//! The authorizer of `$connect`: W-40 to W-46.

use gateway::time::ManualClock;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

use super::{ALL, saw};
use crate::support::{Plan, seen_by_function};

#[tokio::test]
async fn w_41_w42_w43_refusals_of_the_authorizer() {
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
async fn w_41_without_its_source_the_authorizer_is_not_asked() {
    let mut stack = Plan::new().socket(ALL).authorizer().start().await;
    stack.refused("/dev").await;
    assert!(stack.cold_starts().is_empty());
}

#[tokio::test]
async fn w_44_the_authorizers_context_reaches_every_event() {
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
async fn w_46_two_authorization_headers_are_400_html() {
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
async fn w_40_w_41_headers_identify_too() {
    let mut plan = Plan::new().socket(ALL).authorizer();
    let api = plan.application.websocket_apis.get_mut("Socket").unwrap();
    api.authorizer.as_mut().unwrap().identity_sources = vec!["route.request.header.X-Auth".to_owned()];
    let stack = plan.start().await;
    assert_eq!(stack.refused("/dev?token=allow").await.0, 401);
    assert!(stack.try_connect("/dev?token=allow", &[("x-auth", "")]).await.is_err());
    stack.try_connect("/dev?token=allow", &[("x-auth", "t")]).await.unwrap();
}

#[tokio::test]
async fn w_45_every_handshake_asks_the_authorizer_anew() {
    let stack = Plan::new().socket(ALL).authorizer().start().await;
    for _ in 0..3 {
        stack.connect("/dev?token=allow").await;
    }
    let asked = |event: &gateway::Event| seen_by_function(event).is_some_and(|event| event["type"] == "REQUEST");
    assert_eq!(stack.stop().await.iter().filter(|event| asked(event)).count(), 3);
}

#[tokio::test]
async fn w_43_an_authorizer_that_takes_ten_seconds_is_500() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let mut stack = Plan::new().socket(ALL).authorizer().clock(&clock).start().await;
    let url = format!("ws://{}/dev?token=slow", stack.address);
    let connecting = tokio::spawn(tokio_tungstenite::connect_async(url));
    stack.event().await;
    clock.advance(Duration::from_secs(10));
    let Err(tokio_tungstenite::tungstenite::Error::Http(response)) = connecting.await.unwrap() else {
        panic!("not refused")
    };
    assert_eq!(response.status().as_u16(), 500);
}
