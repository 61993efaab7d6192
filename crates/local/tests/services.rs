//! Each embedded service alone, by the real AWS SDK clients.
#![allow(clippy::disallowed_methods, reason = "a test has its own clock and environment")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "services/dynamodb.rs"]
mod dynamodb;
#[path = "services/s3.rs"]
mod s3;
#[path = "services/secrets_manager.rs"]
mod secrets_manager;
#[path = "services/stand_in_sns.rs"]
mod stand_in_sns;
#[path = "services/translate.rs"]
mod translate;

use aws_credential_types::Credentials;
use local::aws::{Account, Usage};

/// An account that records, as the stack's does in tests.
fn account() -> Account {
    Account::recording("us-east-1", "000000000000")
}

/// What a client of `caller` needs to know to talk to one endpoint.
fn config(account: &Account, caller: &str, url: &str) -> aws_config::SdkConfig {
    let key = account.issue(caller);
    aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new(account.region().to_owned()))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(Credentials::new(
            key.id, key.secret, None, None, "test",
        )))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .endpoint_url(url)
        .build()
}

/// Operation and permissions of each request, in a form that reads well in a failure.
fn told(usage: &[Usage]) -> Vec<String> {
    let permissions = |usage: &Usage| {
        let each = usage.permissions.iter().map(|used| format!("{} {}", used.action, used.resource));
        each.collect::<Vec<_>>().join(", ")
    };
    usage.iter().map(|usage| format!("{}: {} ({})", usage.caller, usage.operation, permissions(usage))).collect()
}
