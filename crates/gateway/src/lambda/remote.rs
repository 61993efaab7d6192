//! A function that runs elsewhere, reached by the Lambda Invoke API: AWS, LocalStack, `cargo lambda watch`.

use std::sync::OnceLock;
use std::time::Instant;

use aws_sdk_lambda::error::{DisplayErrorContext, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::{Call, Failure, Invocation, payloads, unavailable};
use crate::launch::{self, Remote};
use crate::model::Function;
use crate::report::Execution;

/// One function behind an Invoke API.
pub(super) struct Client {
    function: String,
    remote: Remote,
    /// What it may be called there: the function's name, its program's (`cargo lambda watch`), its logical id.
    names: Vec<String>,
    /// Which of the names is known there.
    known: OnceLock<usize>,
}

impl Client {
    pub(super) fn new(function: &Function, remote: Remote) -> Self {
        let program = launch::name(function).map(str::to_owned);
        let mut names = vec![function.name.clone()];
        names.extend(program);
        if remote.by_program {
            names.reverse();
        }
        names.push(function.logical_id.clone());
        names.dedup();
        Self { function: function.logical_id.clone(), remote, names, known: OnceLock::new() }
    }

    /// Invokes it and waits.
    pub(super) async fn invoke(&self, call: Call) -> Invocation {
        let started = Instant::now();
        let names = match self.known.get() {
            Some(known) => *known..*known + 1,
            None => 0..self.names.len(),
        };
        let mut missing = String::new();
        for (index, name) in names.clone().zip(&self.names[names]) {
            match self.send(name, &call).await {
                Ok(output) => {
                    let _ = self.known.set(index);
                    return self.done(output, started);
                }
                Err(error) if is_unknown(&error) => missing = format!("not known there ({})", self.names.join(", ")),
                Err(error) => return self.failed(&error, started),
            }
        }
        let execution = Execution { error: Some(missing), ..unavailable(&self.function).execution };
        Invocation { execution, ..unavailable(&self.function) }
    }

    async fn send(&self, name: &str, call: &Call) -> Result<InvokeOutput, SdkError<InvokeError>> {
        self.remote
            .client
            .invoke()
            .function_name(name)
            .payload(Blob::new(call.payload.to_vec()))
            .set_qualifier(call.qualifier.clone())
            .set_client_context(call.client_context.as_ref().map(|context| STANDARD.encode(context)))
            .set_log_type(call.tail.then_some(LogType::Tail))
            .send()
            .await
    }

    fn done(&self, output: InvokeOutput, started: Instant) -> Invocation {
        let payload = output.payload.map(|payload| Bytes::from(payload.into_inner())).unwrap_or_default();
        let log = output.log_result.and_then(|log| STANDARD.decode(log).ok()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).lines().map(str::to_owned).collect();
        let error = output.function_error.is_some();
        let mut execution = unavailable(&self.function).execution;
        execution.duration = started.elapsed();
        execution.error = error.then(|| payloads::error_type(&payload).unwrap_or_else(|| "error".to_owned()));
        let result = if error { Err(Failure::Function(payload)) } else { Ok(payload) };
        Invocation { execution, result, log }
    }

    fn failed(&self, error: &SdkError<InvokeError>, started: Instant) -> Invocation {
        let failure = match error.as_service_error() {
            Some(InvokeError::TooManyRequestsException(_)) => Failure::Throttled,
            Some(InvokeError::RequestTooLargeException(_)) => Failure::TooLarge,
            _ => Failure::Unavailable,
        };
        let mut execution = unavailable(&self.function).execution;
        execution.duration = started.elapsed();
        execution.error = Some(DisplayErrorContext(error).to_string());
        Invocation { execution, result: Err(failure), log: Vec::new() }
    }
}

/// Whether the other side has no such function; not every one of them says so in AWS's shape.
fn is_unknown(error: &SdkError<InvokeError>) -> bool {
    matches!(error.as_service_error(), Some(InvokeError::ResourceNotFoundException(_)))
        || error.raw_response().is_some_and(|response| response.status().as_u16() == 404)
}
