//! HTTP routes: from API Gateway's event (payload format 2.0) to a handler and back.
//!
//! Events are taken as they are rather than through `lambda_http`'s request type, which builds a URI from the decoded
//! path (gateway facts H-23 and H-24) and panics where that is none.

mod reply;
mod request;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde::Serialize;

use crate::config::Environment;
use crate::failure::Failure;
use crate::services::FromEnvironment;
use crate::{Error, clock, logs};

pub use reply::{Cookie, Reply};
pub use request::Request;

/// What is left of an invocation's time when an answer is given at the latest: a client gets the one error body and not
/// the gateway's own.
const RESERVE: Duration = Duration::from_millis(500);

/// Serves a route until the execution environment is shut down.
pub async fn serve<D, B>(handle: impl AsyncFn(&D, Request) -> Result<Reply<B>, Failure>) -> Result<(), Error>
where
    D: FromEnvironment,
    B: Serialize,
{
    let environment = Environment::of_process();
    logs::start(environment.log_level());
    let services = D::build(&environment).await?;
    let answer = async |event: LambdaEvent<ApiGatewayV2httpRequest>| {
        let left = clock::until(event.context.deadline).saturating_sub(RESERVE);
        Ok::<_, Error>(answer(&services, &handle, event.payload, left).await)
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Answers one event within a time: whatever happens, with a JSON body.
pub async fn answer<D, B: Serialize>(
    services: &D,
    handle: &impl AsyncFn(&D, Request) -> Result<Reply<B>, Failure>,
    event: ApiGatewayV2httpRequest,
    limit: Duration,
) -> ApiGatewayV2httpResponse {
    let request_id = event.request_context.request_id.clone().unwrap_or_default();
    let route = event.request_context.route_key.clone().unwrap_or_default();
    let standing = request::StandingCell::default();
    let outcome = match Request::read(event, standing.clone(), clock::now()) {
        Ok(request) => {
            let handled = AssertUnwindSafe(handle(services, request).boxed_local()).catch_unwind();
            match tokio::time::timeout(limit, handled).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Err(Failure::Panicked),
                Err(_) => Err(Failure::TimedOut),
            }
        }
        Err(failure) => Err(failure),
    };
    let response = match outcome {
        Ok(reply) => reply.render(standing.get()),
        Err(failure) => {
            failure.log(&request_id);
            reply::failed(&failure, &request_id, standing.get(), clock::now())
        }
    };
    tracing::info!(request_id, route, status = response.status_code, "answered");
    response
}
