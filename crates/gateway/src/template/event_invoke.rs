//! What becomes of asynchronous invocations: `EventInvokeConfig`, `DeadLetterQueue`, `AWS::Lambda::EventInvokeConfig`.

use std::time::Duration;

use serde_json::Value;

use super::fields::Fields;
use crate::model::{Application, EventInvoke, Function};

/// Settings of a function's own properties.
pub(super) fn of(fields: &Fields<'_>) -> EventInvoke {
    let mut settings = EventInvoke::default();
    for (key, target) in [("DeadLetterQueue", "TargetArn"), ("DeadLetterConfig", "TargetArn")] {
        if let Some(node) = fields.get(key) {
            settings.dead_letters = fields.part(node).text(target);
        }
    }
    let Some(node) = fields.get("EventInvokeConfig") else { return settings };
    let config = fields.part(node);
    if let Some(retries) = config.number("MaximumRetryAttempts", 0..=2, "") {
        settings.retries = u32::try_from(retries).unwrap_or(settings.retries);
    }
    if let Some(age) = config.number("MaximumEventAgeInSeconds", 60..=21_600, " (seconds)") {
        settings.max_age = Duration::from_secs(age);
    }
    let Some(node) = config.get("DestinationConfig") else { return settings };
    let destinations = config.part(node);
    let destination = |key: &str| destinations.get(key).and_then(|node| destinations.part(node).text("Destination"));
    settings.on_success = destination("OnSuccess");
    settings.on_failure = destination("OnFailure");
    settings
}

/// Settings of an `AWS::Lambda::EventInvokeConfig` that names the function.
pub(crate) fn declared(application: &Application, function: &Function) -> Option<EventInvoke> {
    let configs = application.resources.values().filter(|resource| resource.kind == "AWS::Lambda::EventInvokeConfig");
    let properties = configs.map(|resource| &resource.properties).find(|properties| {
        let named = properties["FunctionName"].as_str().unwrap_or_default();
        named == function.name || named.ends_with(&format!(":function:{}", function.name))
    })?;
    let number = |key: &str| match &properties[key] {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    };
    let destination = |key: &str| properties["DestinationConfig"][key]["Destination"].as_str().map(str::to_owned);
    let mut settings = function.event_invoke.clone();
    if let Some(retries) = number("MaximumRetryAttempts") {
        settings.retries = u32::try_from(retries.min(2)).unwrap_or(2);
    }
    if let Some(age) = number("MaximumEventAgeInSeconds") {
        settings.max_age = Duration::from_secs(age);
    }
    settings.on_success = destination("OnSuccess").or(settings.on_success);
    settings.on_failure = destination("OnFailure").or(settings.on_failure);
    Some(settings)
}
