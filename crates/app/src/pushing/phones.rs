//! Phones, through Amazon SNS: one endpoint there for each device, made when something is first pushed to it.

use std::collections::BTreeMap;

use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::types::MessageAttributeValue;
use aws_sdk_sns::{Client, Config};
use domain::UserId;
use domain::device::Platform;
use serde_json::{Map, Value, json};
use store::Table;
use store::devices::{self, DeviceRecord};

use super::notice::{GOOD_FOR, Notice};
use super::outcome::{self, Outcome};
use crate::error::{Error, Result};

/// ARNs of the platform applications, where there are any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applications {
    /// Apple's: `…:app/APNS/…` or `…:app/APNS_SANDBOX/…`.
    pub apns: Option<String>,
    /// Google's: `…:app/GCM/…`.
    pub fcm: Option<String>,
}

/// The way to phones. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Phones {
    client: Client,
    applications: Applications,
}

/// How SNS refused something.
struct Refusal {
    outcome: Outcome,
    code: String,
    message: String,
}

impl Phones {
    /// With a client of this configuration. How often something is tried is decided here: the SDK would publish again what
    /// may have been published.
    pub fn new(config: &Config, applications: Applications) -> Self {
        let once = config.to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(once), applications }
    }

    /// Whether there is a way to phones of this kind.
    pub(super) fn reach(&self, platform: Platform) -> bool {
        self.application(platform).is_some()
    }

    fn application(&self, platform: Platform) -> Option<&str> {
        match platform {
            Platform::Ios => self.applications.apns.as_deref(),
            Platform::Android => self.applications.fcm.as_deref(),
            Platform::Web => None,
        }
    }

    /// Pushes to one phone.
    pub(super) async fn push(
        &self,
        table: &Table,
        user: &UserId,
        device: &DeviceRecord,
        notice: &Notice,
    ) -> Result<Outcome> {
        let platform = device.platform()?;
        let Some(application) = self.application(platform) else { return Ok(Outcome::Refused) };
        let arn = match &device.arn {
            Some(arn) => arn.clone(),
            None => match self.enroll(application, &device.token).await {
                Ok(arn) => {
                    devices::enrolled(table, user, &device.token()?, &arn).await?;
                    arn
                }
                Err(outcome) => return Ok(outcome),
            },
        };
        let payload = payload(application, platform, notice).to_string();
        let attributes = attributes(application, platform)?;
        Ok(outcome::tried(async || {
            let publish = self.client.publish().target_arn(&arn).message_structure("json").message(&payload);
            match publish.set_message_attributes(Some(attributes.clone().into_iter().collect())).send().await {
                Ok(_) => (Outcome::Taken, None),
                Err(error) => (refused("Publish", &error).outcome, None),
            }
        })
        .await)
    }

    /// Makes an endpoint, or finds the one there is, and sets it to work: it was disabled if the token died once and has
    /// been registered anew.
    async fn enroll(&self, application: &str, token: &str) -> std::result::Result<String, Outcome> {
        let create = self.client.create_platform_endpoint().platform_application_arn(application).token(token);
        let arn = match create.send().await {
            Ok(made) => made.endpoint_arn.ok_or(Outcome::Later)?,
            Err(error) => {
                let refusal = refused("CreatePlatformEndpoint", &error);
                // Made by somebody else with other attributes: SNS says by which ARN.
                let known = refusal.message.split_whitespace().find(|word| word.starts_with("arn:"));
                let known = known.filter(|_| refusal.code.starts_with("InvalidParameter"));
                known.ok_or(refusal.outcome)?.to_owned()
            }
        };
        let enable = self.client.set_endpoint_attributes().endpoint_arn(&arn).attributes("Enabled", "true");
        match enable.send().await {
            Ok(_) => Ok(arn),
            Err(error) => Err(refused("SetEndpointAttributes", &error).outcome),
        }
    }

    /// Takes a device that is registered no more away from SNS too, unless it is somebody else's by now.
    pub(super) async fn forget(&self, table: &Table, device: &DeviceRecord) -> Result<()> {
        let Some(arn) = &device.arn else { return Ok(()) };
        if devices::has_owner(table, &device.token()?).await? {
            return Ok(());
        }
        match self.client.delete_endpoint().endpoint_arn(arn).send().await {
            Ok(_) => Ok(()),
            Err(error) => match refused("DeleteEndpoint", &error).outcome {
                Outcome::Gone => Ok(()),
                outcome => Err(Error::internal(format!("an endpoint could not be deleted: {outcome:?}"))),
            },
        }
    }
}

/// What an error of SNS means. Its words may hold a token: they are in no log.
fn refused<E>(operation: &str, error: &SdkError<E>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    let message = error.message().unwrap_or_default().to_owned();
    let outcome = match (error, code.as_str()) {
        (SdkError::TimeoutError(_), _) => Outcome::Unknown,
        (SdkError::DispatchFailure(failure), _) => {
            failure.as_connector_error().map_or(Outcome::Unknown, |error| outcome::without_answer(error))
        }
        (_, "EndpointDisabled" | "EndpointDisabledException" | "NotFound" | "NotFoundException") => Outcome::Gone,
        // So SNS names an endpoint that is deleted, and a token that is none.
        (_, "InvalidParameter" | "InvalidParameterException") if message.contains("TargetArn") => Outcome::Gone,
        (_, "InvalidParameter" | "InvalidParameterException") if message.contains("Token") => Outcome::Gone,
        (_, "InvalidParameter" | "InvalidParameterException" | "ParameterValueInvalid" | "InvalidParameterValue") => {
            Outcome::Refused
        }
        // Throttled, out of order, not allowed (any more), an application without credentials: somebody has to look, and
        // then it works.
        _ => Outcome::Later,
    };
    if outcome != Outcome::Gone {
        tracing::warn!(operation, code, ?outcome, "SNS did not take a push");
    }
    Refusal { outcome, code, message }
}

/// The name that SNS has for a platform, out of its application's ARN.
fn name(application: &str) -> &str {
    application.split(":app/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

/// What SNS is given: JSON texts, one for the platform (docs/push.md).
fn payload(application: &str, platform: Platform, notice: &Notice) -> Value {
    let content = &notice.content;
    let for_platform = match platform {
        Platform::Ios => apns(notice),
        Platform::Android | Platform::Web => fcm(notice),
    };
    let mut all = Map::new();
    all.insert("default".to_owned(), json!(format!("{}: {}", content.title, content.body)));
    all.insert(name(application).to_owned(), json!(for_platform.to_string()));
    Value::Object(all)
}

fn fields(notice: &Notice) -> Map<String, Value> {
    match serde_json::to_value(&notice.content) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn apns(notice: &Notice) -> Value {
    let content = &notice.content;
    let mut aps = json!({
        "alert": { "title": content.title, "body": content.body },
        "thread-id": content.conversation_id,
        "mutable-content": 1,
    });
    if notice.sound {
        aps["sound"] = json!("default");
    }
    let mut all = fields(notice);
    all.insert("aps".to_owned(), aps);
    Value::Object(all)
}

/// In the form of FCM's HTTP v1 API, whose data are texts.
fn fcm(notice: &Notice) -> Value {
    let content = &notice.content;
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let data: BTreeMap<String, String> = fields(notice).into_iter().map(|(name, value)| (name, text(value))).collect();
    let mut shown = json!({ "tag": content.message_id });
    if notice.sound {
        shown["sound"] = json!("default");
    }
    json!({ "fcmV1Message": { "message": {
        "notification": { "title": content.title, "body": content.body },
        "data": data,
        "android": {
            "priority": if notice.urgent { "HIGH" } else { "NORMAL" },
            "collapse_key": notice.topic(),
            "ttl": format!("{}s", GOOD_FOR.as_secs()),
            "notification": shown,
        },
    } } })
}

fn attributes(application: &str, platform: Platform) -> Result<BTreeMap<String, MessageAttributeValue>> {
    let mut all = BTreeMap::new();
    if platform == Platform::Ios {
        let name = name(application);
        for (attribute, value) in [
            ("AWS.SNS.MOBILE.APNS.PUSH_TYPE".to_owned(), "alert".to_owned()),
            (format!("AWS.SNS.MOBILE.{name}.TTL"), GOOD_FOR.as_secs().to_string()),
        ] {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            all.insert(attribute, value.map_err(Error::internal)?);
        }
    }
    Ok(all)
}
