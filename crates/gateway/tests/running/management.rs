//! `@connections` over a socket.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_apigatewaymanagement::config::{BehaviorVersion, Region};
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_sdk_apigatewaymanagement::{Client as Management, Config};
use gateway::Event;
use gateway::report::FrameKind;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::support::{Client, Plan, Stack};

const GONE: &str = "gbgBJy8a2QAYKEjfZA==";

fn sdk(stack: &Stack, stage: &str) -> Management {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("AKIATEST", "secret", None, None, "test"))
        .endpoint_url(stack.url(&format!("/{stage}")))
        .retry_config(aws_sdk_apigatewaymanagement::config::retry::RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Management::from_conf(config)
}

/// A connected client and its connection id.
async fn connected(stack: &mut Stack) -> (Client, String) {
    let client = stack.connect("/dev").await;
    (client, connection_id(stack).await)
}

async fn connection_id(stack: &mut Stack) -> String {
    stack
        .until(|event| match event {
            Event::Frame(frame) if frame.kind == FrameKind::Connect => Some(frame.connection_id.clone()),
            _ => None,
        })
        .await
}

async fn post(management: &Management, id: &str, data: Vec<u8>) -> Result<(), u16> {
    let sent = management.post_to_connection().connection_id(id).data(Blob::new(data)).send().await;
    sent.map(|_| ()).map_err(|error| status(&error))
}

fn status<E>(error: &SdkError<E>) -> u16 {
    error.raw_response().map_or(0, |response| response.status().as_u16())
}

#[tokio::test]
async fn m01_m05_m06_m07_the_sdk_posts_reads_and_deletes() {
    let mut stack = Plan::new().socket(&["$default", "$disconnect"]).start().await;
    let (mut client, id) = connected(&mut stack).await;
    let management = sdk(&stack, "dev");

    let read = || management.get_connection().connection_id(&id).send();
    let before = read().await.unwrap();
    assert_eq!(before.identity().unwrap().source_ip(), Some("127.0.0.1"));
    assert_eq!(read().await.unwrap().last_active_at(), before.last_active_at());
    post(&management, &id, b"hello".to_vec()).await.unwrap();
    assert_eq!(client.text().await, "hello");
    assert!(read().await.unwrap().last_active_at() > before.last_active_at());
    post(&management, &id, Vec::new()).await.unwrap();
    assert_eq!(client.text().await, "");

    management.delete_connection().connection_id(&id).send().await.unwrap();
    assert_eq!(client.closed().await, (1000, "Connection Closed Normally".to_owned()));
    let event = stack.event().await;
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1000);
    assert_eq!(event["requestContext"]["disconnectReason"], "Connection Closed Normally");
    assert_eq!(post(&management, &id, b"x".to_vec()).await, Err(410));
}

#[tokio::test]
async fn m08_a_gone_connection_is_the_sdks_gone_exception() {
    let stack = Plan::new().socket(&["$default"]).start().await;
    let sent = sdk(&stack, "dev").post_to_connection().connection_id(GONE).data(Blob::new("x")).send().await;
    assert!(sent.unwrap_err().into_service_error().is_gone_exception());
}

#[tokio::test]
async fn m03_m04_sizes_text_and_fragments() {
    let mut stack = Plan::new().socket(&["$default"]).start().await;
    // This client refuses frames over 32 KB: larger messages must be fragmented.
    let config = WebSocketConfig::default().max_frame_size(Some(32 * 1024));
    let url = format!("ws://{}/dev", stack.address);
    let (socket, _) = tokio_tungstenite::connect_async_with_config(url, Some(config), false).await.unwrap();
    let mut client = Client(socket);
    let id = connection_id(&mut stack).await;
    let management = sdk(&stack, "dev");

    post(&management, &id, vec![b'x'; 131_072]).await.unwrap();
    assert_eq!(client.text().await.len(), 131_072);
    let sent = management.post_to_connection().connection_id(&id).data(Blob::new(vec![b'x'; 131_073])).send().await;
    let error = sent.unwrap_err();
    let response = error.raw_response().unwrap();
    assert_eq!((response.status().as_u16(), response.body().bytes()), (413, Some(&b""[..])));
    assert!(response.headers().get("x-amzn-requestid").is_none());
    post(&management, &id, b"a\xffb".to_vec()).await.unwrap();
    assert_eq!(client.text().await, "a\u{fffd}b");
}

#[tokio::test]
async fn m09_m10_m11_refusals() {
    let mut stack = Plan::new().socket(&["$default"]).start().await;
    let (_client, id) = connected(&mut stack).await;
    let body = |answer: reqwest::Response| async move {
        let kind = answer.headers().get("x-amzn-errortype").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), kind.unwrap_or_default(), answer.json::<Value>().await.unwrap())
    };
    let unsigned = reqwest::Client::new().post(stack.url(&format!("/dev/@connections/{id}"))).body("x");
    let missing =
        ("MissingAuthenticationTokenException".to_owned(), json!({"message": "Missing Authentication Token"}));
    let (code, kind, message) = body(unsigned.send().await.unwrap()).await;
    assert_eq!((code, (kind, message)), (403, missing));

    assert_eq!(post(&sdk(&stack, "other"), &id, b"x".to_vec()).await, Err(403));
    let malformed = sdk(&stack, "dev").get_connection().connection_id("X").send().await.unwrap_err();
    assert_eq!(
        malformed.raw_response().unwrap().body().bytes(),
        Some(&br#"{"message":"Invalid connectionId: X"}"#[..])
    );
    assert_eq!(status(&malformed), 400);
}

#[tokio::test]
async fn m11_who_managed_which_connection_is_told() {
    let mut stack = Plan::new().socket(&["$default"]).start().await;
    let (_client, id) = connected(&mut stack).await;
    post(&sdk(&stack, "dev"), &id, b"x".to_vec()).await.unwrap();
    let call = stack.until(|event| if let Event::Management(call) = event { Some(call.clone()) } else { None }).await;
    assert_eq!(
        (call.access_key.as_deref(), call.action, call.status),
        (Some("AKIATEST"), "execute-api:ManageConnections", 200)
    );
    assert_eq!(
        call.resource,
        format!("arn:aws:execute-api:us-east-1:000000000000:socketapi1/dev/POST/@connections/{id}")
    );
}

#[tokio::test]
async fn m12_a_client_that_never_reads_costs_its_sender_429_and_nobody_else_anything() {
    let plan = Plan::new().socket(&["$default", "$disconnect"]).limits(|limits| {
        limits.outgoing = 256 * 1024;
        limits.closing = Duration::from_millis(200);
    });
    let mut stack = plan.start().await;
    let (deaf, deaf_id) = connected(&mut stack).await;
    let (mut other, other_id) = connected(&mut stack).await;
    let management = sdk(&stack, "dev");
    let mut refused = None;
    // The kernel's buffers of both ends fill first.
    for _ in 0..1_000 {
        if let Err(status) = post(&management, &deaf_id, vec![b'x'; 128 * 1024]).await {
            refused = Some(status);
            break;
        }
    }
    assert_eq!(refused, Some(429));
    post(&management, &other_id, b"still here".to_vec()).await.unwrap();
    assert_eq!(other.text().await, "still here");
    // Its end does not depend on its reading either.
    management.delete_connection().connection_id(&deaf_id).send().await.unwrap();
    assert_eq!(stack.event().await["requestContext"]["connectionId"], deaf_id);
    drop(deaf);
}

#[tokio::test]
async fn w11_a_connection_cannot_be_posted_to_before_it_is_connected() {
    let mut stack = Plan::new().socket(&["$connect", "$default"]).start().await;
    let connecting = tokio::spawn({
        let url = format!("ws://{}/dev?do=sleep&ms=1000", stack.address);
        async move { tokio_tungstenite::connect_async(url).await.map(|(socket, _)| Client(socket)) }
    });
    let event = stack.event().await;
    let id = event["requestContext"]["connectionId"].as_str().unwrap().to_owned();
    let management = sdk(&stack, "dev");
    assert_eq!(post(&management, &id, b"early".to_vec()).await, Err(410));
    let mut client = connecting.await.unwrap().unwrap();
    post(&management, &id, b"now".to_vec()).await.unwrap();
    assert_eq!(client.text().await, "now");
}
