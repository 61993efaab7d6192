//! Functions that follow the table's stream.

use domain::Timestamp;
use futures_util::stream::{self, StreamExt};
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use store::stream::{Happened, StreamRecord};

use crate::config::Environment;
use crate::failure::Failure;
use crate::services::FromEnvironment;
use crate::{Error, clock, invocation, logs};

/// Records of one batch that are handled at once.
const AT_ONCE: usize = 16;

/// A batch of records.
#[derive(Debug, Clone, Deserialize)]
pub struct Batch {
    /// The records, in their order.
    #[serde(rename = "Records")]
    pub records: Vec<StreamRecord>,
}

/// Which records could not be handled: from the first of them on they come again (gateway fact E-06).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The first record that failed, if one did.
    pub batch_item_failures: Vec<FailedItem>,
}

/// A record that could not be handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedItem {
    /// Its sequence number.
    pub item_identifier: String,
}

/// Serves a function of the table's stream until the execution environment is shut down. What it does has to bear being
/// done again.
pub async fn serve<D>(handle: impl AsyncFn(&D, Happened, Timestamp) -> Result<(), Failure>) -> Result<(), Error>
where
    D: FromEnvironment,
{
    let environment = Environment::of_process();
    logs::start(environment.log_level());
    let services = D::build(&environment).await?;
    let answer = async |event: LambdaEvent<Batch>| {
        let left = clock::until(event.context.deadline).saturating_sub(invocation::RESERVE);
        Ok::<_, Error>(follow(&services, &handle, event.payload, &event.context.request_id, left).await)
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Handles a batch within a time, several records at once; which are to come again.
pub async fn follow<D>(
    services: &D,
    handle: &impl AsyncFn(&D, Happened, Timestamp) -> Result<(), Failure>,
    batch: Batch,
    request_id: &str,
    limit: std::time::Duration,
) -> Report {
    let one = async |record: StreamRecord| {
        let number = record.sequence_number().to_owned();
        let done = match record.happened() {
            Ok(happened) => invocation::run(services, handle, happened, request_id, limit).await,
            Err(error) => {
                Failure::from(error).log(request_id);
                false
            }
        };
        (number, done)
    };
    let handled: Vec<_> = stream::iter(batch.records.into_iter().map(one)).buffered(AT_ONCE).collect().await;
    let failed = handled.into_iter().find(|(_, done)| !done);
    Report {
        batch_item_failures: failed.map(|(item_identifier, _)| FailedItem { item_identifier }).into_iter().collect(),
    }
}
