//! Functions that others invoke and that nobody waits for.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::Timestamp;
use futures_util::FutureExt;
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;

use crate::config::Environment;
use crate::failure::Failure;
use crate::services::FromEnvironment;
use crate::{Error, clock, logs};

/// What is left of an invocation's time when it is given up: so much that this can be logged.
const RESERVE: Duration = Duration::from_millis(500);

/// Serves a function until the execution environment is shut down.
pub async fn serve<D, T>(handle: impl AsyncFn(&D, T, Timestamp) -> Result<(), Failure>) -> Result<(), Error>
where
    D: FromEnvironment,
    T: DeserializeOwned,
{
    let environment = Environment::of_process().await;
    logs::start(environment.log_level());
    let services = D::build(&environment).await?;
    let answer = async |event: LambdaEvent<T>| {
        let left = clock::until(event.context.deadline).saturating_sub(RESERVE);
        run(&services, &handle, event.payload, &event.context.request_id, left).await;
        Ok::<_, Error>(())
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Handles one payload within a time. A failure is logged and not returned: Lambda would run the whole once more.
pub async fn run<D, T>(
    services: &D,
    handle: &impl AsyncFn(&D, T, Timestamp) -> Result<(), Failure>,
    payload: T,
    request_id: &str,
    limit: Duration,
) {
    let handled = AssertUnwindSafe(handle(services, payload, clock::now()).boxed_local()).catch_unwind();
    let outcome = match tokio::time::timeout(limit, handled).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Failure::Panicked),
        Err(_) => Err(Failure::TimedOut),
    };
    if let Err(failure) = outcome {
        failure.log(request_id);
    }
}
