//! WebSocket routes: from API Gateway's event to a handler; failures go back as `error` frames.

mod frame;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use app::delivery::Push;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde_json::{Value, json};
use wire::frame::Event;

use crate::config::Environment;
use crate::failure::Failure;
use crate::services::FromEnvironment;
use crate::{Error, clock, logs};

pub use frame::{Frame, SocketEvent};

/// What is left of an invocation's time when a client is told at the latest that it ran out.
const RESERVE: Duration = Duration::from_millis(500);

/// Serves an action until the execution environment is shut down.
pub async fn serve<D: FromEnvironment>(handle: impl AsyncFn(&D, Frame) -> Result<(), Failure>) -> Result<(), Error> {
    let environment = Environment::of_process();
    logs::start(environment.log_level());
    let services = <(D, Push)>::build(&environment).await?;
    let answer = async |event: LambdaEvent<SocketEvent>| {
        let left = clock::until(event.context.deadline).saturating_sub(RESERVE);
        act(&services, &handle, event.payload, left).await;
        Ok::<_, Error>(json!({ "statusCode": 200 }))
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Handles one frame within a time. Whatever goes wrong, the sending connection is told in the one error shape. One whose
/// token or session has ended is closed after that: its client sees `UNAUTHORIZED`, then the end, and at the next
/// handshake 401 until it comes with a token that holds (security C7).
pub async fn act<D>(
    (services, push): &(D, Push),
    handle: &impl AsyncFn(&D, Frame) -> Result<(), Failure>,
    event: SocketEvent,
    limit: Duration,
) {
    let frame = Frame::read(event, clock::now());
    let (request_id, connection) = (frame.request_id().to_owned(), frame.connection().clone());
    let (action, temp_id) = (frame.action().to_owned(), frame.temp_id());
    let outcome = within(limit, handle(services, frame).boxed_local()).await;
    if let Err(failure) = &outcome {
        failure.log(&request_id);
        let (_, body, _) = failure.told(&request_id);
        tracing::info!(request_id, code = ?body.code, "refused");
        if let Err(error) = push.answer(&connection, &Event::error(action, temp_id, body)).await {
            tracing::error!(request_id, error = &error as &dyn std::error::Error, "the client could not be told");
        }
        if matches!(failure, Failure::App(app::Error::Unauthorized(_))) {
            push.close(&connection).await;
        }
    }
}

/// Serves `$connect` or `$disconnect` until the execution environment is shut down. A failed `$connect` refuses the
/// handshake with the failure's status and body (gateway fact W-06).
pub async fn serve_lifecycle<D: FromEnvironment>(
    handle: impl AsyncFn(&D, Frame) -> Result<(), Failure>,
) -> Result<(), Error> {
    let environment = Environment::of_process();
    logs::start(environment.log_level());
    let services = D::build(&environment).await?;
    let answer = async |event: LambdaEvent<SocketEvent>| {
        let left = clock::until(event.context.deadline).saturating_sub(RESERVE);
        Ok::<_, Error>(admit(&services, &handle, event.payload, left).await)
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Answers one `$connect` or `$disconnect` within a time.
pub async fn admit<D>(
    services: &D,
    handle: &impl AsyncFn(&D, Frame) -> Result<(), Failure>,
    event: SocketEvent,
    limit: Duration,
) -> Value {
    let frame = Frame::read(event, clock::now());
    let (request_id, sub_protocol) = (frame.request_id().to_owned(), frame.sub_protocol());
    match within(limit, handle(services, frame).boxed_local()).await {
        Ok(()) => match sub_protocol {
            // The client offered it to carry its token; one of its offers must come back (gateway fact W-07).
            Some(name) => json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": name } }),
            None => json!({ "statusCode": 200 }),
        },
        Err(failure) => {
            failure.log(&request_id);
            let (status, body, _) = failure.told(&request_id);
            json!({
                "statusCode": status.as_u16(),
                "headers": { "content-type": "application/json" },
                "body": serde_json::to_string(&body).unwrap_or_default(),
            })
        }
    }
}

async fn within(limit: Duration, handled: LocalBoxFuture<'_, Result<(), Failure>>) -> Result<(), Failure> {
    match tokio::time::timeout(limit, AssertUnwindSafe(handled).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Failure::Panicked),
        Err(_) => Err(Failure::TimedOut),
    }
}
