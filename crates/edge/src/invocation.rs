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
pub(crate) const RESERVE: Duration = Duration::from_millis(500);

/// Serves a function whose work must not be done twice until the execution environment is shut down: what fails is
/// logged, and not done again.
pub async fn serve<D, T>(handle: impl AsyncFn(&D, T, Timestamp) -> Result<(), Failure>) -> Result<(), Error>
where
    D: FromEnvironment,
    T: DeserializeOwned,
{
    each(async |services, payload, request_id: &str, left| {
        run(services, &handle, payload, request_id, left).await;
        Ok(())
    })
    .await
}

/// The same for a function whose work can be repeated: Lambda does again what fails, twice.
pub async fn serve_repeatable<D, T>(handle: impl AsyncFn(&D, T, Timestamp) -> Result<(), Failure>) -> Result<(), Error>
where
    D: FromEnvironment,
    T: DeserializeOwned,
{
    each(async |services, payload, request_id: &str, left| {
        let done = run(services, &handle, payload, request_id, left).await;
        if done { Ok(()) } else { Err(Error::from("not done; the log says why")) }
    })
    .await
}

async fn each<D, T>(answer: impl AsyncFn(&D, T, &str, Duration) -> Result<(), Error>) -> Result<(), Error>
where
    D: FromEnvironment,
    T: DeserializeOwned,
{
    let environment = Environment::of_process();
    logs::start(environment.log_level());
    let services = D::build(&environment).await?;
    let answer = async |event: LambdaEvent<T>| {
        let left = clock::until(event.context.deadline).saturating_sub(RESERVE);
        answer(&services, event.payload, &event.context.request_id, left).await
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Handles one payload within a time. A failure is logged; whether there was none.
pub async fn run<D, T>(
    services: &D,
    handle: &impl AsyncFn(&D, T, Timestamp) -> Result<(), Failure>,
    payload: T,
    request_id: &str,
    limit: Duration,
) -> bool {
    let handled = AssertUnwindSafe(handle(services, payload, clock::now()).boxed_local()).catch_unwind();
    let outcome = match tokio::time::timeout(limit, handled).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Failure::Panicked),
        Err(_) => Err(Failure::TimedOut),
    };
    if let Err(failure) = &outcome {
        failure.log(request_id);
    }
    outcome.is_ok()
}
