//! The AWS SDK, set up to call the services of this stack in somebody's name.

use std::collections::BTreeMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use super::account::Account;

/// Settings for the clients of `caller`; `endpoints` holds `AWS_ENDPOINT_URL_<SERVICE>`.
pub fn config(account: &Account, caller: &str, endpoints: BTreeMap<String, String>) -> SdkConfig {
    let key = account.issue(caller);
    let credentials = Credentials::new(key.id, key.secret, None, None, "this stack");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(account.region().to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .service_config(Endpoints(endpoints))
        .build()
}

/// `AWS_ENDPOINT_URL_<SERVICE>` for the SDK, without the process's environment.
#[derive(Debug)]
struct Endpoints(BTreeMap<String, String>);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        self.0.get(&format!("{}_{service}", key.env())).cloned()
    }
}
