//! Settings: environment variables, read here alone, at start, failing with the variable's name.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::sync::OnceCell;

/// A setting that is missing or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name}: {problem}")]
pub struct ConfigError {
    /// The variable's name.
    pub name: String,
    /// What is wrong with it; never its value.
    pub problem: String,
}

/// The settings of a function and the way to AWS.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: HashMap<String, String>,
    sdk: OnceCell<SdkConfig>,
}

impl Environment {
    /// The process's own environment.
    #[allow(clippy::disallowed_methods, reason = "this is where settings come in")]
    pub fn of_process() -> Self {
        Self { variables: std::env::vars().collect(), sdk: OnceCell::new() }
    }

    /// Settings and a way to AWS that are given.
    pub fn new(variables: HashMap<String, String>, sdk: SdkConfig) -> Self {
        Self { variables, sdk: OnceCell::new_with(Some(sdk)) }
    }

    /// The way to AWS: region, credentials, endpoints, HTTP client. Made when it is first asked for: a function that
    /// never asks is built without the SDK.
    pub async fn sdk(&self) -> &SdkConfig {
        self.sdk.get_or_init(way_to_aws).await
    }

    /// A setting that must be there.
    pub fn text(&self, name: &str) -> Result<&str, ConfigError> {
        match self.variables.get(name).map(String::as_str) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(ConfigError { name: name.to_owned(), problem: "is not set".to_owned() }),
        }
    }

    /// A number that must be there.
    pub fn number<N: FromStr>(&self, name: &str) -> Result<N, ConfigError> {
        let unreadable = |_| ConfigError { name: name.to_owned(), problem: "is not a number in range".to_owned() };
        self.text(name)?.parse().map_err(unreadable)
    }

    /// What `LOG_LEVEL` says, `info` when it says nothing.
    pub(crate) fn log_level(&self) -> &str {
        self.text("LOG_LEVEL").unwrap_or("info")
    }
}

async fn way_to_aws() -> SdkConfig {
    let tls = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build();
    // On Lambda, region and credentials are always in the environment: no other source is asked.
    let credentials = aws_config::environment::EnvironmentVariableCredentialsProvider::new();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(tls)
        .timeout_config(timeouts)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(aws_config::environment::EnvironmentVariableRegionProvider::new())
        .load()
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_setting_is_named_without_its_value() {
        let variables = HashMap::from([("LIMIT".to_owned(), "s3cret".to_owned()), ("EMPTY".to_owned(), String::new())]);
        let environment = Environment::new(variables, SdkConfig::builder().build());
        assert_eq!(environment.text("EMPTY").unwrap_err().to_string(), "environment variable EMPTY: is not set");
        let error = environment.number::<u32>("LIMIT").unwrap_err().to_string();
        assert!(error.contains("LIMIT") && !error.contains("s3cret"), "{error}");
    }
}
