//! A stand-in for Amazon SNS, as far as phones are pushed to through it: `CreatePlatformEndpoint`,
//! `SetEndpointAttributes`, `Publish` to an endpoint, and `DeleteEndpoint`, in the AWS Query protocol, with the errors that
//! SNS documents. There is no Apple and no Google behind it: what would be pushed is shown.
//!
//! Every platform application of this account exists. Unlike SNS it knows of no token by itself that it is dead: an
//! endpoint is disabled by `SetEndpointAttributes`.

mod query;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Request;
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::account::{Account, Permission, Usage};
use super::endpoint::Endpoint;
use query::{Answer, Fault, Parameters};

/// Platforms that there are applications for.
const PLATFORMS: [&str; 3] = ["APNS", "APNS_SANDBOX", "GCM"];
/// Most bytes of a message.
const LARGEST: usize = 256 * 1024;

/// What would have been pushed to a phone.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The application: `APNS/name`, `APNS_SANDBOX/name` or `GCM/name`.
    pub application: String,
    /// The phone's token.
    pub token: String,
    /// What the platform would get.
    pub payload: Value,
}

impl std::fmt::Display for Published {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let token: String = self.token.chars().take(12).collect();
        write!(formatter, "stand-in for SNS: to {} {token}…: {}", self.application, self.payload)
    }
}

/// Who is shown what would have been pushed.
pub type Show = Arc<dyn Fn(&Published) + Send + Sync>;

/// A phone as SNS knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Phone {
    application: String,
    token: String,
    enabled: bool,
}

/// An action.
type Run = fn(&StandInSns, &Parameters) -> Result<Answer, Fault>;

struct StandInSns {
    account: Account,
    show: Show,
    /// By ARN.
    phones: Mutex<BTreeMap<String, Phone>>,
    file: Option<PathBuf>,
}

/// Starts it on a free loopback port; phones are kept in a file, if there is one.
pub async fn start(account: &Account, file: Option<PathBuf>, show: Show) -> io::Result<Endpoint> {
    let kept = match &file {
        Some(path) if path.exists() => serde_json::from_slice(&std::fs::read(path)?)?,
        _ => BTreeMap::new(),
    };
    let service = Arc::new(StandInSns { account: account.clone(), show, phones: Mutex::new(kept), file });
    Endpoint::serve(move |request: Request<Incoming>| {
        let service = Arc::clone(&service);
        async move {
            let (parts, body) = request.into_parts();
            let Some(caller) = service.account.caller(&parts) else {
                return query::failed(&Fault::sender(
                    403,
                    "MissingAuthenticationToken",
                    "Missing Authentication Token",
                ));
            };
            match Parameters::read(body).await {
                Ok(parameters) => match service.answer(caller, &parameters) {
                    Ok(answer) => query::done(&answer),
                    Err(fault) => query::failed(&fault),
                },
                Err(fault) => query::failed(&fault),
            }
        }
    })
    .await
}

impl StandInSns {
    fn phones(&self) -> MutexGuard<'_, BTreeMap<String, Phone>> {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, caller: String, parameters: &Parameters) -> Result<Answer, Fault> {
        let action = parameters.get("Action");
        let (resource, run): (_, Run) = match action {
            "CreatePlatformEndpoint" => ("PlatformApplicationArn", Self::create),
            "SetEndpointAttributes" => ("EndpointArn", Self::set_attributes),
            "Publish" => ("TargetArn", Self::publish),
            "DeleteEndpoint" => ("EndpointArn", Self::delete),
            _ => {
                let message = format!("The action {action} is not valid for this stand-in for SNS");
                return Err(Fault::sender(400, "InvalidAction", message));
            }
        };
        let operation = format!("sns:{action}");
        let permissions = vec![Permission::new(operation.as_str(), parameters.get(resource))];
        self.account.record(Usage { caller, operation, permissions, capacity: None });
        run(self, parameters)
    }

    /// Gives the endpoint that there is already for the same token; one with other attributes is an error.
    fn create(&self, parameters: &Parameters) -> Result<Answer, Fault> {
        let arn = parameters.get("PlatformApplicationArn");
        let application = arn.strip_prefix(&self.account.arn("sns", "app/")).unwrap_or_default();
        if !application.split_once('/').is_some_and(|(kind, name)| PLATFORMS.contains(&kind) && !name.is_empty()) {
            return Err(Fault::invalid("PlatformApplicationArn Reason: An ARN of a platform application is expected"));
        }
        let token = parameters.get("Token");
        if token.is_empty() {
            return Err(Fault::invalid("Token Reason: Token is required"));
        }
        let id = uuid::Uuid::from_slice(&Sha256::digest(format!("{application} {token}"))[..16]).unwrap_or_default();
        let arn = self.account.arn("sns", &format!("endpoint/{application}/{id}"));
        let phone = Phone { application: application.to_owned(), token: token.to_owned(), enabled: true };
        self.phones().entry(arn.clone()).or_insert(phone);
        self.keep()?;
        Ok(Answer::new("CreatePlatformEndpoint").with("EndpointArn", arn))
    }

    fn set_attributes(&self, parameters: &Parameters) -> Result<Answer, Fault> {
        let arn = parameters.get("EndpointArn");
        {
            let mut phones = self.phones();
            let phone = phones.get_mut(arn).ok_or_else(|| Fault::not_found("Endpoint does not exist"))?;
            for (key, value) in parameters.entries("Attributes") {
                match key {
                    "Enabled" => phone.enabled = value.eq_ignore_ascii_case("true"),
                    "Token" => value.clone_into(&mut phone.token),
                    "CustomUserData" => {}
                    _ => return Err(Fault::invalid("Attributes Reason: Invalid attribute name")),
                }
            }
        }
        self.keep()?;
        Ok(Answer::new("SetEndpointAttributes"))
    }

    fn publish(&self, parameters: &Parameters) -> Result<Answer, Fault> {
        let phone = self.phones().get(parameters.get("TargetArn")).cloned();
        let none = "TargetArn Reason: No endpoint found for the target arn specified";
        let phone = phone.ok_or_else(|| Fault::invalid(none))?;
        if !phone.enabled {
            return Err(Fault::sender(400, "EndpointDisabled", "Endpoint is disabled"));
        }
        let message = parameters.get("Message");
        if message.is_empty() || message.len() > LARGEST {
            return Err(Fault::invalid("Message Reason: Empty or too long message"));
        }
        let platform = phone.application.split('/').next().unwrap_or_default();
        let payload = if parameters.get("MessageStructure") == "json" {
            let structure = |why: &str| Fault::invalid(format!("Message Structure - {why}"));
            let by_platform: BTreeMap<String, String> =
                serde_json::from_str(message).map_err(|_| structure("JSON message body failed to parse"))?;
            let plain = by_platform.get("default").ok_or_else(|| structure("No default entry in JSON message body"))?;
            let text = by_platform.get(platform).unwrap_or(plain);
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
        } else {
            Value::String(message.to_owned())
        };
        (self.show)(&Published { application: phone.application, token: phone.token, payload });
        Ok(Answer::new("Publish").with("MessageId", uuid::Uuid::new_v4().to_string()))
    }

    /// Deleting what is not there is no mistake.
    fn delete(&self, parameters: &Parameters) -> Result<Answer, Fault> {
        self.phones().remove(parameters.get("EndpointArn"));
        self.keep()?;
        Ok(Answer::new("DeleteEndpoint"))
    }

    fn keep(&self) -> Result<(), Fault> {
        let Some(path) = &self.file else { return Ok(()) };
        let failed = |error: String| Fault::receiver("InternalError", error);
        let text = serde_json::to_vec(&*self.phones()).map_err(|error| failed(error.to_string()))?;
        std::fs::write(path, text).map_err(|error| failed(error.to_string()))
    }
}
