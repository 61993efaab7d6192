//! The Invoke API (L-14) on the gateway's port.

use std::sync::Arc;

use hyper::body::{Body as _, Incoming};

use super::accept::{Head, Unread, discard, read};
use super::{Gateway, trace_id};
use crate::answer::Answer;
use crate::http_api;
use crate::http_api::routes::decode;
use crate::lambda::invoke_api::{self, InvocationType, Name};
use crate::lambda::{Call, Entry};
use crate::management::Signature;
use crate::report::{Event, Management};
use crate::roles::Wish;

/// Name of the function a request invokes, decoded; `None` when the request is another.
pub(super) fn function(head: &Head) -> Option<String> {
    (head.parts.method == http::Method::POST).then(|| invoke_api::function_of(head.path()).map(decode)).flatten()
}

/// Answers an invocation and tells who asked for it.
pub(super) async fn answer(gateway: &Gateway, head: &Head, name: &str, body: Incoming) -> Answer {
    let (entry, qualifier) = match find(gateway, head, name) {
        Ok(found) => found,
        Err(refusal) => {
            discard(gateway, head, body);
            return identified(*refusal);
        }
    };
    let signature = Signature::read(&head.parts.headers, head.query());
    let wish = Wish { action: "lambda:InvokeFunction", resource: &entry.arn };
    let answer = if let Some(denial) = gateway.roles.denial(&gateway.application(), &signature, wish) {
        discard(gateway, head, body);
        denial
    } else {
        invoke(gateway, head, &entry, qualifier, body).await.unwrap_or_else(|refusal| *refusal)
    };
    gateway.tell(&Event::Management(Management {
        access_key: signature.access_key().map(str::to_owned),
        action: "lambda:InvokeFunction",
        resource: entry.arn.clone(),
        status: answer.status,
    }));
    identified(answer)
}

fn identified(answer: Answer) -> Answer {
    if answer.header("x-amzn-requestid").is_some() {
        return answer;
    }
    answer.with("x-amzn-requestid", uuid::Uuid::new_v4().to_string())
}

/// The function a caller means, and the alias or version it asked for.
fn find(gateway: &Gateway, head: &Head, text: &str) -> Result<(Arc<Entry>, Option<String>), Box<Answer>> {
    let name = Name::parse(text)?;
    let query = form_urlencoded::parse(head.query().as_bytes());
    let asked = query.into_iter().find(|(key, _)| key == "Qualifier").map(|(_, value)| value.into_owned());
    let qualifier = invoke_api::qualifier(name.qualifier, asked.as_deref())?;
    let application = gateway.application();
    if let Some(region) = name.region.filter(|region| *region != application.region) {
        return Err(Box::new(invoke_api::unreachable_region(region, &application.region)));
    }
    let here = |entry: &Arc<Entry>| {
        let known = |qualifier| qualifier == "$LATEST" || entry.function.alias.as_deref() == Some(qualifier);
        name.account.is_none_or(|account| account == application.account_id) && qualifier.is_none_or(known)
    };
    if let Some(entry) = gateway.functions.find(name.name).filter(here) {
        return Ok((entry, qualifier.map(str::to_owned)));
    }
    let suffix = qualifier.map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
    let account = name.account.unwrap_or(&application.account_id);
    let arn = format!("arn:aws:lambda:{}:{account}:function:{}{suffix}", application.region, name.name);
    let names = gateway.functions.names();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    Err(Box::new(invoke_api::unknown(&arn, &names)))
}

async fn invoke(
    gateway: &Gateway,
    head: &Head,
    entry: &Entry,
    qualifier: Option<String>,
    body: Incoming,
) -> Result<Answer, Box<Answer>> {
    let asked = head.header("x-amz-invocation-type");
    let options = InvocationType::parse(asked)
        .ok_or_else(|| Box::new(invoke_api::bad_type(asked.unwrap_or_default())))
        .and_then(|kind| Ok((kind, invoke_api::wants_log(head.header("x-amz-log-type"))?)))
        .and_then(|(kind, tail)| Ok((kind, tail, invoke_api::client_context(head.header("x-amz-client-context"))?)));
    let (kind, tail, client_context) = match options {
        Ok(options) => options,
        Err(refusal) => {
            discard(gateway, head, body);
            return Err(refusal);
        }
    };
    let largest = match kind {
        InvocationType::Event => invoke_api::LARGEST_EVENT,
        InvocationType::RequestResponse | InvocationType::DryRun => gateway.limits.payload,
    };
    let size = body.size_hint().exact();
    let payload = match read(gateway, head, body, largest).await {
        Ok(payload) => invoke_api::payload(payload)?,
        Err(Unread::TooLarge) => return Err(Box::new(invoke_api::too_large(size, kind))),
        Err(Unread::TooSlow | Unread::Broken) => return Err(Box::new(http_api::request_timeout())),
    };
    let trace = head.header("x-amzn-trace-id").map_or_else(|| trace_id(gateway.clock.now()), str::to_owned);
    let version = match &qualifier {
        // The alias points at the one version there is.
        Some(qualifier) if qualifier != "$LATEST" => "1",
        _ => "$LATEST",
    };
    let function = entry.function.logical_id.as_str();
    let call = Call { payload, trace, client_context, qualifier, request_id: None, tail };
    Ok(match kind {
        InvocationType::DryRun => Answer::empty(204),
        InvocationType::Event => invoke_api::accepted(gateway.functions.call_later(function, call)),
        InvocationType::RequestResponse => {
            let tail = call.tail;
            invoke_api::answer(gateway.functions.call(function, call).await, version, tail)
        }
    })
}
