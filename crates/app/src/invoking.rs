//! Asking a function of one's own to do something that nobody waits for.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde::Serialize;

/// Begins asynchronous invocations of one function.
#[derive(Debug, Clone)]
pub struct Invoker {
    client: Client,
    function: String,
}

impl Invoker {
    /// Over this client, of the function of this name.
    pub fn new(client: Client, function: impl Into<String>) -> Self {
        Self { client, function: function.into() }
    }

    /// Begins one with this payload. Whether Lambda took it.
    pub(crate) async fn begin(&self, payload: &impl Serialize) -> bool {
        let Ok(payload) = serde_json::to_vec(payload) else { return false };
        let invocation = self.client.invoke().function_name(&self.function).invocation_type(InvocationType::Event);
        match invocation.payload(Blob::new(payload)).send().await {
            Ok(_) => true,
            Err(error) => {
                let function = &self.function;
                tracing::warn!(function, error = &error as &dyn std::error::Error, "an invocation was not taken");
                false
            }
        }
    }
}
