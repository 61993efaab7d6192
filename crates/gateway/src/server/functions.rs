//! The Invoke API (L-14) on the gateway's port.

use hyper::body::Incoming;

use super::accept::{Head, Unread, discard, read};
use super::{Gateway, trace_id};
use crate::answer::Answer;
use crate::http_api;
use crate::http_api::routes::decode;
use crate::lambda::invoke_api::{self, InvocationType};
use crate::management::Signature;
use crate::report::{Event, Management};

/// Name of the function a request invokes, decoded; `None` when the request is another.
pub(super) fn function(head: &Head) -> Option<String> {
    (head.parts.method == http::Method::POST).then(|| invoke_api::function_of(head.path()).map(decode)).flatten()
}

/// Answers an invocation and tells who asked for it.
pub(super) async fn answer(gateway: &Gateway, head: &Head, name: &str, body: Incoming) -> Answer {
    let Some((function, arn)) = gateway.functions.find(name) else {
        discard(gateway, head, body);
        return invoke_api::unknown(name, &gateway.functions.names());
    };
    let answer = invoke(gateway, head, function, body).await;
    let signature = Signature::read(&head.parts.headers, head.query());
    gateway.tell(&Event::Management(Management {
        access_key: signature.access_key().map(str::to_owned),
        action: "lambda:InvokeFunction",
        resource: arn,
        status: answer.status,
    }));
    answer.with("x-amzn-requestid", uuid::Uuid::new_v4().to_string())
}

async fn invoke(gateway: &Gateway, head: &Head, function: &str, body: Incoming) -> Answer {
    let Some(kind) = InvocationType::parse(head.header("x-amz-invocation-type")) else {
        discard(gateway, head, body);
        return invoke_api::bad_type();
    };
    let largest = match kind {
        InvocationType::Event => invoke_api::LARGEST_EVENT,
        InvocationType::RequestResponse | InvocationType::DryRun => gateway.limits.payload,
    };
    let payload = match read(gateway, head, body, largest).await {
        Ok(payload) => payload,
        Err(Unread::TooLarge) => return invoke_api::too_large(),
        Err(Unread::TooSlow | Unread::Broken) => return http_api::request_timeout(),
    };
    let trace = trace_id(gateway.clock.now());
    match kind {
        InvocationType::DryRun => Answer::empty(204),
        InvocationType::Event => {
            gateway.functions.invoke_later(function, payload, &trace);
            Answer::empty(202)
        }
        InvocationType::RequestResponse => {
            let tail = head.header("x-amz-log-type") == Some("Tail");
            invoke_api::answer(gateway.functions.invoke(function, payload, &trace).await, tail)
        }
    }
}
