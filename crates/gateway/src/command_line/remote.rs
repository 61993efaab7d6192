//! `--invoke URL`: functions that run elsewhere.

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::launch::Remote;

/// A client of the Invoke API at `url`. Credentials are those of this shell (`AWS_ACCESS_KEY_ID` …, `AWS_PROFILE` is
/// not read); on this machine none are needed.
pub async fn connect(url: &str, region: &str) -> Result<Remote, String> {
    if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(format!("--invoke {url}: an http:// or https:// address is needed"));
    }
    let own = std::env::var_os("AWS_ACCESS_KEY_ID").is_some() && std::env::var_os("AWS_SECRET_ACCESS_KEY").is_some();
    if !own && url.contains(".amazonaws.com") {
        return Err(format!("--invoke {url}: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed"));
    }
    let tls = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    // `https://lambda.eu-west-1.amazonaws.com` says which region signs.
    let named = url.strip_prefix("https://lambda.").and_then(|rest| rest.strip_suffix(".amazonaws.com"));
    let region = Region::new(named.unwrap_or(region).to_owned());
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(tls)
        .region(region)
        .endpoint_url(url.trim_end_matches('/'))
        // What failed is for the gateway's client to see, as with a function of this machine.
        .retry_config(RetryConfig::disabled());
    let loader = if own {
        loader.credentials_provider(aws_config::environment::EnvironmentVariableCredentialsProvider::new())
    } else {
        // The SDK signs in any case; nobody here checks.
        loader.credentials_provider(Credentials::new("local", "local", None, None, "gateway"))
    };
    let by_program = !url.contains(".amazonaws.com");
    Ok(Remote { client: aws_sdk_lambda::Client::new(&loader.load().await), by_program })
}
