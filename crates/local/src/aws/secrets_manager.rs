//! AWS Secrets Manager: `GetSecretValue` for the secrets of a template.

use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use super::account::{Account, Permission};
use super::endpoint::Endpoint;
use super::protocol::{self, Fault, Service};

/// A secret and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// `Name`.
    pub name: String,
    /// `SecretString`.
    pub value: String,
}

/// Starts the service on a free loopback port.
pub async fn start(account: &Account, secrets: Vec<Secret>) -> io::Result<Endpoint> {
    let service = Arc::new(SecretsManager { account: account.clone(), secrets });
    let account = account.clone();
    Endpoint::serve(move |request| protocol::answer(Arc::clone(&service), account.clone(), request)).await
}

struct SecretsManager {
    account: Account,
    secrets: Vec<Secret>,
}

impl SecretsManager {
    /// By name, by ARN, or by ARN without the hyphen and the six characters that AWS adds; with the full ARN.
    fn find(&self, id: &str) -> Option<(&Secret, String)> {
        self.secrets.iter().find_map(|secret| {
            let start = self.account.arn("secretsmanager", &format!("secret:{}", secret.name));
            let rest = id.strip_prefix(&start);
            if rest.is_some_and(|rest| rest.len() == 7 && rest.starts_with('-')) {
                return Some((secret, id.to_owned()));
            }
            (secret.name == id || rest == Some("")).then(|| (secret, format!("{start}-{ADDED}")))
        })
    }
}

/// What is added to the ARN of a secret that was asked for without.
const ADDED: &str = "LoCaL0";

#[async_trait::async_trait]
impl Service for SecretsManager {
    const NAME: &'static str = "secretsmanager";
    const NAMESPACE: &'static str = "com.amazonaws.secretsmanager";
    const IAM: &'static str = "secretsmanager";

    fn permissions(&self, operation: &str, input: &Value) -> Vec<Permission> {
        let id = input["SecretId"].as_str().unwrap_or_default();
        let resource = match self.find(id) {
            Some((_, arn)) => arn,
            None if id.starts_with("arn:") => id.to_owned(),
            None => self.account.arn("secretsmanager", &format!("secret:{id}")),
        };
        vec![Permission::new(format!("secretsmanager:{operation}"), resource)]
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        if operation != "GetSecretValue" {
            return Err(Fault::unknown_operation());
        }
        let Some(id) = input["SecretId"].as_str().filter(|id| !id.is_empty()) else {
            return Err(Fault::client("InvalidParameterException", "SecretId must name a secret."));
        };
        let stage = input["VersionStage"].as_str().unwrap_or("AWSCURRENT");
        let Some((secret, arn)) = self.find(id) else {
            return Err(Fault::client("ResourceNotFoundException", "Secrets Manager can't find the specified secret."));
        };
        if stage != "AWSCURRENT" {
            let message = format!("Secrets Manager can't find the specified secret value for staging label: {stage}");
            return Err(Fault::client("ResourceNotFoundException", message));
        }
        Ok(json!({
            "ARN": arn,
            "Name": secret.name,
            "SecretString": secret.value,
            "VersionId": uuid::Uuid::nil().to_string(),
            "VersionStages": ["AWSCURRENT"],
        }))
    }
}
