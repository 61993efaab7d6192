//! The Invoke API (L-14) from outside: the AWS SDK for Rust, and plain HTTP where that cannot be wrong enough.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_lambda::error::ProvideErrorMetadata as _;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::Event;
use gateway::model::EventInvoke;
use gateway::report::Delivery;
use serde_json::{Value, json};

use crate::support::{Plan, Stack};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:test-echo";

fn client(stack: &Stack) -> Client {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKIATEST", "secret", None, None, "test"))
        .endpoint_url(stack.url(""))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(aws_sdk_lambda::config::retry::RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn blob(value: &Value) -> Blob {
    Blob::new(value.to_string())
}

fn json_of(payload: Option<Blob>) -> Value {
    serde_json::from_slice(payload.unwrap().as_ref()).unwrap()
}

async fn delivery(stack: &mut Stack) -> Delivery {
    stack.until(|event| if let Event::Delivery(delivery) = event { Some(delivery.clone()) } else { None }).await
}

#[tokio::test]
async fn l_14_the_sdk_invokes_by_every_form_of_a_name() {
    let plan = Plan::new().function("Echo", |function| {
        function.alias = Some("live".to_owned());
        function.code = "/nowhere/target/lambda/echo-program".into();
    });
    let stack = plan.start().await;
    let client = client(&stack);
    let context = json!({"do": "context"});
    for name in ["test-echo", "Echo", "echo-program", "000000000000:function:test-echo", ARN] {
        let output = client.invoke().function_name(name).payload(blob(&context)).send().await.unwrap();
        assert_eq!((output.status_code, output.executed_version.as_deref()), (200, Some("$LATEST")), "{name}");
        assert_eq!(json_of(output.payload)["arn"], ARN);
    }
    let output = client.invoke().function_name("test-echo:live").payload(blob(&context)).send().await.unwrap();
    assert_eq!(output.executed_version.as_deref(), Some("1"));
    assert_eq!(json_of(output.payload)["arn"], format!("{ARN}:live"));
    let output = client.invoke().function_name(ARN).qualifier("live").send().await.unwrap();
    assert_eq!(output.executed_version.as_deref(), Some("1"));
}

#[tokio::test]
async fn l_14_what_is_not_there_is_not_found() {
    let stack = Plan::new().start().await;
    let client = client(&stack);
    let elsewhere = ARN.replace("us-east-1", "eu-west-1");
    for name in ["nobody", "test-echo:7", "111111111111:function:test-echo", &elsewhere] {
        let error = client.invoke().function_name(name).send().await.unwrap_err().into_service_error();
        assert!(error.is_resource_not_found_exception(), "{name}: {error:?}");
    }
    let error = client.invoke().function_name("nobody").send().await.unwrap_err();
    let message = error.message().unwrap_or_default().to_owned();
    let arn = ARN.replace("test-echo", "nobody");
    assert_eq!(message, format!("Function not found: {arn}. Known here: test-echo"));
    let error = client.invoke().function_name("test-echo:a").qualifier("b").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_parameter_value_exception());
}

#[tokio::test]
async fn l_14_errors_of_a_function_come_with_the_tail_of_its_log() {
    let stack = Plan::new().start().await;
    let event = json!({"do": "error", "message": "no"});
    let call = client(&stack).invoke().function_name("Echo").log_type(LogType::Tail).payload(blob(&event));
    let output = call.send().await.unwrap();
    assert_eq!(output.function_error.as_deref(), Some("Unhandled"));
    assert_eq!(json_of(output.payload)["errorMessage"], "no");
    let log = String::from_utf8(STANDARD.decode(output.log_result.unwrap()).unwrap()).unwrap();
    let words: Vec<_> = log.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!((words[0], words[1]), ("START", "EVENT"), "{log}");
    assert!(log.trim_end_matches('\n').ends_with('\t') && words.contains(&"REPORT"), "{log}");
}

#[tokio::test]
async fn l_14_the_client_context_reaches_the_function() {
    let stack = Plan::new().start().await;
    let context = json!({"custom": {"name": "Zoë"}});
    let encoded = STANDARD.encode(context.to_string());
    let call = client(&stack).invoke().function_name("Echo").client_context(encoded);
    let output = call.payload(blob(&json!({"do": "context"}))).send().await.unwrap();
    assert_eq!(json_of(output.payload)["clientContext"]["custom"], context["custom"]);
    let call = client(&stack).invoke().function_name("Echo").client_context("no base64!");
    let error = call.send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_request_content_exception(), "{error:?}");
}

#[tokio::test]
async fn l_14_payloads_are_json_and_nothing_is_an_empty_object() {
    let mut stack = Plan::new().start().await;
    let client = client(&stack);
    client.invoke().function_name("Echo").send().await.unwrap();
    assert_eq!(stack.event().await, json!({}));
    let error = client.invoke().function_name("Echo").payload(Blob::new("{no")).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_request_content_exception());
    let large = blob(&json!({"large": "x".repeat(6_291_556)}));
    let error = client.invoke().function_name("Echo").payload(large).send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 413);
    assert_eq!(error.code(), Some("RequestEntityTooLargeException"));
}

#[tokio::test]
async fn l_14_a_dry_run_starts_nothing_and_an_event_is_taken_at_once() {
    let mut stack = Plan::new().start().await;
    let client = client(&stack);
    let call =
        |kind| client.invoke().function_name("Echo").invocation_type(kind).payload(blob(&json!({"do": "later"})));
    assert_eq!(call(InvocationType::DryRun).send().await.unwrap().status_code, 204);
    assert!(stack.cold_starts().is_empty());
    assert_eq!(call(InvocationType::Event).send().await.unwrap().status_code, 202);
    assert_eq!(stack.event().await, json!({"do": "later"}));
    let unknown = call(InvocationType::from("Sometimes")).send().await.unwrap_err();
    assert_eq!((unknown.raw_response().unwrap().status().as_u16(), unknown.code()), (400, Some("ValidationException")));
}

fn quickly(plan: Plan) -> Plan {
    plan.limits(|limits| {
        limits.event_retries = [Duration::from_millis(1); 2];
        limits.event_throttled = Duration::from_millis(1);
    })
}

#[tokio::test]
async fn l_14_an_event_that_fails_is_tried_three_times_and_goes_to_its_destination() {
    let plan = Plan::new().function("Failed", |_| {}).function("Echo", |function| {
        function.event_invoke.on_failure = Some(ARN.replace("echo", "failed"));
    });
    let mut stack = quickly(plan).start().await;
    let event = json!({"do": "error", "message": "no"});
    let call = client(&stack).invoke().function_name("Echo").invocation_type(InvocationType::Event);
    assert_eq!(call.payload(blob(&event)).send().await.unwrap().status_code, 202);
    for _ in 0..3 {
        assert_eq!(stack.event().await, event);
    }
    let delivered = delivery(&mut stack).await;
    assert_eq!(delivered.condition, "RetriesExhausted");
    let record = stack.event().await;
    assert_eq!(record, delivered.record);
    assert_eq!(record["version"], "1.0");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 3);
    assert_eq!(record["requestContext"]["functionArn"], format!("{ARN}:$LATEST"));
    assert_eq!(record["requestContext"]["requestId"], delivered.request_id);
    assert_eq!(record["requestPayload"], event);
    let response = json!({"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"});
    assert_eq!(record["responseContext"], response);
    assert_eq!(record["responsePayload"]["errorMessage"], "no");
}

#[tokio::test]
async fn l_14_retries_destinations_and_dead_letters_are_as_configured() {
    let queue = "arn:aws:sqs:us-east-1:000000000000:dead";
    let plan = Plan::new().function("Echo", |function| {
        function.event_invoke = EventInvoke {
            retries: 0,
            on_success: Some("arn:aws:sqs:us-east-1:000000000000:done".to_owned()),
            dead_letters: Some(queue.to_owned()),
            ..EventInvoke::default()
        };
    });
    let mut stack = quickly(plan).start().await;
    let client = client(&stack);
    let call = |event: &Value| {
        client.invoke().function_name("Echo").invocation_type(InvocationType::Event).payload(blob(event)).send()
    };
    call(&json!({"do": "raw", "payload": "[1]"})).await.unwrap();
    let done = delivery(&mut stack).await;
    assert_eq!((done.condition.as_str(), &done.record["responsePayload"]), ("Success", &json!([1])));
    let event = json!({"do": "exit", "code": "1"});
    call(&event).await.unwrap();
    let dead = delivery(&mut stack).await;
    assert_eq!((dead.destination.as_str(), dead.record), (queue, event));
}

#[tokio::test]
async fn l_10_l_14_throttled_events_wait_without_using_up_attempts() {
    let plan = Plan::new().function("Echo", |function| {
        function.reserved_concurrency = Some(0);
        function.event_invoke.max_age = Duration::from_millis(100);
    });
    let mut stack = quickly(plan).start().await;
    let call = client(&stack).invoke().function_name("Echo").invocation_type(InvocationType::Event);
    call.send().await.unwrap();
    let given_up = delivery(&mut stack).await;
    assert_eq!(given_up.condition, "EventAgeExceeded");
    assert_eq!(given_up.record["requestContext"]["approximateInvokeCount"], 0);
    let error = client(&stack).invoke().function_name("Echo").send().await.unwrap_err().into_service_error();
    assert!(error.is_too_many_requests_exception(), "{error:?}");
}
