//! `@connections` over a socket.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_apigatewaymanagement::config::{BehaviorVersion, Region};
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_sdk_apigatewaymanagement::{Client as Management, Config};
use gateway::model::Statement;
use gateway::report::FrameKind;
use gateway::time::ManualClock;
use gateway::{Event, Signatures};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::support::{Client, Plan, Stack};

const GONE: &str = "gbgBJy8a2QAYKEjfZA==";

fn sdk(stack: &Stack, stage: &str) -> Management {
    sdk_as(stack, stage, Credentials::new("AKIATEST", "secret", None, None, "test"))
}

/// The credentials a function finds in its environment.
async fn credentials_of(stack: &Stack, function: &str) -> Credentials {
    let (_, _, environment) = stack.invoke(function, &json!({"do": "environment"})).await;
    let variable = |name: &str| environment[name].as_str().map(str::to_owned);
    let secret = variable("AWS_SECRET_ACCESS_KEY").unwrap();
    Credentials::new(variable("AWS_ACCESS_KEY_ID").unwrap(), secret, variable("AWS_SESSION_TOKEN"), None, "test")
}

fn sdk_as(stack: &Stack, stage: &str, credentials: Credentials) -> Management {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(credentials)
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
async fn m_01_m_05_m_06_m_07_w_35_the_sdk_posts_reads_and_deletes() {
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
async fn m_08_a_gone_connection_is_the_sdks_gone_exception() {
    let stack = Plan::new().socket(&["$default"]).start().await;
    let sent = sdk(&stack, "dev").post_to_connection().connection_id(GONE).data(Blob::new("x")).send().await;
    assert!(sent.unwrap_err().into_service_error().is_gone_exception());
}

#[tokio::test]
async fn m_03_m_04_sizes_text_and_fragments() {
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
async fn m_09_m_10_m_11_refusals() {
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
async fn m_11_who_managed_which_connection_is_told() {
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
async fn m_12_a_client_that_never_reads_costs_its_sender_429_and_nobody_else_anything() {
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
async fn w_11_a_connection_cannot_be_posted_to_before_it_is_connected() {
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

#[tokio::test]
async fn m_02_the_headers_of_a_post() {
    let mut stack =
        Plan::new().socket(&["$default"]).behaviour(|it| it.signatures = Signatures::Optional).start().await;
    let (_client, id) = connected(&mut stack).await;
    let answer = reqwest::Client::new().post(stack.url(&format!("/dev/@connections/{id}"))).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let headers = answer.headers();
    assert_eq!(
        (&headers["content-type"], &headers["content-length"]),
        (&"application/json".parse().unwrap(), &0.into())
    );
    assert_eq!((headers["x-amzn-requestid"].len(), headers["x-amz-apigw-id"].len()), (36, 16));
    assert!(headers["x-amzn-trace-id"].to_str().unwrap().starts_with("Root=1-"));
}

#[tokio::test]
async fn m_06_a_message_of_the_client_is_activity() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let mut stack = Plan::new().socket(&["$default"]).two_way("$default").clock(&clock).start().await;
    let (mut client, id) = connected(&mut stack).await;
    let management = sdk(&stack, "dev");
    clock.advance(Duration::from_secs(5));
    client.send("{}").await;
    client.text().await;
    clock.advance(Duration::from_secs(5));
    let facts = management.get_connection().connection_id(&id).send().await.unwrap();
    assert_eq!(facts.connected_at().unwrap().secs(), 0);
    assert_eq!(facts.last_active_at().unwrap().secs(), 5);
}

#[tokio::test]
async fn m_10_any_stage_of_the_api_reaches_its_connections() {
    let mut plan = Plan::new().socket(&["$default"]);
    let mut other = plan.application.websocket_apis["Socket"].clone();
    other.stage = "live".to_owned();
    plan.application.websocket_apis.insert("SocketLive".to_owned(), other.clone());
    // Another API whose stage has the same name does not come in between.
    other.api_id = "another001".to_owned();
    other.stage = "dev".to_owned();
    plan.application.websocket_apis.insert("Another".to_owned(), other);
    let mut stack = plan.start().await;
    let mut client = stack.connect("/live").await;
    let id = connection_id(&mut stack).await;
    for stage in ["dev", "live"] {
        post(&sdk(&stack, stage), &id, stage.into()).await.unwrap();
        assert_eq!(client.text().await, stage);
    }
    assert_eq!(post(&sdk(&stack, "unknown"), &id, b"x".to_vec()).await, Err(403));
}

fn allow(action: &str, resource: &str) -> Statement {
    let (actions, resources) = (vec![action.to_owned()], vec![resource.to_owned()]);
    Statement { allow: true, actions, resources, ..Statement::default() }
}

#[tokio::test]
async fn m_11_a_function_needs_the_permission_its_template_gives() {
    let posting = "arn:aws:execute-api:*:*:socketapi1/dev/POST/@connections/*";
    let plan = Plan::new()
        .function("Poster", |function| function.policies = vec![allow("execute-api:ManageConnections", posting)])
        .function("Elsewhere", |function| function.policies_elsewhere = true)
        .socket(&["$default"]);
    let mut stack = plan.start().await;
    let (mut client, id) = connected(&mut stack).await;

    let nobody = sdk_as(&stack, "dev", credentials_of(&stack, "Echo").await);
    let denied = nobody.post_to_connection().connection_id(&id).data(Blob::new("x")).send().await.unwrap_err();
    let response = denied.raw_response().unwrap();
    assert_eq!(response.headers().get("x-amzn-errortype"), Some("AccessDeniedException"));
    let body: Value = serde_json::from_slice(response.body().bytes().unwrap()).unwrap();
    let expected = format!(
        "User: arn:aws:sts::000000000000:assumed-role/EchoRole/test-echo is not authorized to perform: \
         execute-api:ManageConnections on resource: \
         arn:aws:execute-api:us-east-1:********0000:socketapi1/dev/POST/@connections/{id} because no identity-based \
         policy allows the execute-api:ManageConnections action"
    );
    assert_eq!((status(&denied), body), (403, json!({ "Message": expected })));
    // The id is looked at first (M-09).
    assert_eq!(status(&nobody.get_connection().connection_id("X").send().await.unwrap_err()), 400);

    let poster = sdk_as(&stack, "dev", credentials_of(&stack, "Poster").await);
    post(&poster, &id, b"allowed".to_vec()).await.unwrap();
    assert_eq!(client.text().await, "allowed");
    assert_eq!(status(&poster.get_connection().connection_id(&id).send().await.unwrap_err()), 403);
    let elsewhere = sdk_as(&stack, "dev", credentials_of(&stack, "Elsewhere").await);
    elsewhere.get_connection().connection_id(&id).send().await.unwrap();
}

#[tokio::test]
async fn m_13_signatures_can_be_verified() {
    let everything = vec![allow("*", "*")];
    let plan = Plan::new()
        .function("Echo", |function| function.policies = everything)
        .behaviour(|behaviour| behaviour.signatures = Signatures::Verified)
        .socket(&["$default"]);
    let mut stack = plan.start().await;
    let (mut client, id) = connected(&mut stack).await;
    let own = credentials_of(&stack, "Echo").await;
    let forged = Credentials::new(own.access_key_id(), "wrong", own.session_token().map(str::to_owned), None, "test");

    for size in [0, 5, 100_000] {
        post(&sdk_as(&stack, "dev", own.clone()), &id, vec![b'x'; size]).await.unwrap();
        assert_eq!(client.text().await.len(), size);
    }
    for (credentials, error) in [
        (forged, "InvalidSignatureException"),
        (Credentials::new("AKIATEST", "secret", None, None, "test"), "UnrecognizedClientException"),
    ] {
        let management = sdk_as(&stack, "dev", credentials);
        let refused = management.get_connection().connection_id(&id).send().await.unwrap_err();
        assert_eq!(refused.raw_response().unwrap().headers().get("x-amzn-errortype"), Some(error));
        assert_eq!(status(&refused), 403);
    }
}
