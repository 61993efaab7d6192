//! A function for the gateway's tests: on the real runtime, it does what an event asks of it and shows what it saw.
//!
//! Every event is printed as `EVENT {json}`. The command is the field `do` of the query, of the body, or of the event.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]

#[path = "endpoints.rs"]
mod endpoints;
#[path = "extension.rs"]
mod extension;
#[path = "records.rs"]
mod records;

use std::process::exit;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Map, Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let program = std::env::args().next().unwrap_or_default();
    if let Some(name) = program.rsplit('/').next().filter(|name| name.starts_with("extension-")) {
        return extension::run(name).await;
    }
    match std::env::var("START").as_deref() {
        Ok("exit") => exit(3),
        Ok("endpoints") => return endpoints::run().await,
        Ok("give-up") => return endpoints::give_up().await,
        Ok("hang") => std::future::pending().await,
        // The first process of an environment fails, the next one does not: `/tmp` survives (L-06).
        Ok("once") => {
            let mark = std::env::var("MARK").unwrap_or_default();
            if std::fs::File::create_new(mark).is_ok() {
                exit(3)
            }
        }
        // Says so when it hears SIGTERM, without having registered for it.
        Ok("term") => {
            let mut heard = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
            tokio::spawn(async move {
                heard.recv().await;
                println!("TERM");
            });
        }
        Ok("graceful") => {
            lambda_runtime::spawn_graceful_shutdown_handler(|| async { println!("GRACEFUL") }).await;
        }
        _ => {}
    }
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload: event, context } = event;
    println!("EVENT {event}");
    if event["type"] == "REQUEST" {
        return authorize(&event).await;
    }
    if let Some(records) = event["Records"].as_array() {
        return records::handle(records);
    }
    let command = command(&event);
    let text = |name: &str| command.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| text(name).parse::<u64>().unwrap_or_default();
    match text("do") {
        "error" => Err(text("message").into()),
        #[expect(clippy::panic, reason = "it is asked to")]
        "panic" => panic!("{}", text("message")),
        "exit" => exit(i32::try_from(number("code"))?),
        "abort" => std::process::abort(),
        "sleep" => {
            tokio::time::sleep(Duration::from_millis(number("ms"))).await;
            Ok(json!({ "statusCode": 200, "body": "slept" }))
        }
        "raw" => Ok(serde_json::from_str(text("payload"))?),
        "big" => Ok(Value::String("x".repeat(usize::try_from(number("bytes"))?))),
        "log" => {
            eprintln!("{}", text("line"));
            Ok(json!({ "statusCode": 200 }))
        }
        "environment" => {
            let variables: Map<String, Value> = std::env::vars().map(|(name, value)| (name, value.into())).collect();
            Ok(variables.into())
        }
        // A process that outlives the invocation.
        "child" => Ok(json!(std::process::Command::new("/bin/sleep").arg("600").spawn()?.id())),
        "context" => Ok(json!({
            "clientContext": context.client_context,
            "requestId": context.request_id,
            "deadline": context.deadline,
            "arn": context.invoked_function_arn,
            "trace": context.xray_trace_id,
            "process": std::process::id(),
        })),
        // To a peer that wants its own words back.
        _ if std::env::var("ECHO").as_deref() == Ok("body") => Ok(json!({ "statusCode": 200, "body": event["body"] })),
        _ => Ok(json!({
            "statusCode": 200,
            "headers": { "content-type": "application/json" },
            "body": event.to_string(),
        })),
    }
}

/// What the event asks for.
fn command(event: &Value) -> Value {
    let body = event["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok());
    let places = [body.as_ref(), event.get("queryStringParameters"), Some(event)];
    places.into_iter().flatten().find(|place| place.get("do").is_some()).cloned().unwrap_or_default()
}

/// Decides by the token.
async fn authorize(event: &Value) -> Result<Value, Error> {
    let arn = event.get("routeArn").unwrap_or(&event["methodArn"]);
    let policy = |effect: &str| {
        let statement = json!({ "Action": "execute-api:Invoke", "Effect": effect, "Resource": arn });
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    };
    if let Ok(context) = std::env::var("AUTHORIZER_CONTEXT") {
        let context: Value = serde_json::from_str(&context)?;
        return Ok(json!({ "principalId": context["userId"], "policyDocument": policy("Allow"), "context": context }));
    }
    let token = event["queryStringParameters"]["token"].as_str();
    if let Some(simple) = token.and_then(|token| token.strip_prefix("simple-")) {
        // Shows which invocation it was, and what it saw.
        let context = json!({ "by": std::process::id(), "event": event, "claims": 1, "at": event["requestContext"]["requestId"] });
        return Ok(json!({ "isAuthorized": simple == "allow", "context": context }));
    }
    match token {
        Some("allow") => {
            let context = json!({ "number": 7, "flag": true });
            Ok(json!({ "principalId": "me", "policyDocument": policy("Allow"), "context": context }))
        }
        Some("deny") => Ok(json!({ "principalId": "me", "policyDocument": policy("Deny") })),
        Some("malformed") => Ok(json!({ "statusCode": 401 })),
        Some("unauthorized") => Err("Unauthorized".into()),
        Some("slow") => std::future::pending().await,
        _ => Err("broken".into()),
    }
}
