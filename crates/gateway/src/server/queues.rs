//! Queues on the gateway's port: `POST /` with `X-Amz-Target: AmazonSQS.…`.

use hyper::body::Incoming;

use super::Gateway;
use super::accept::{Head, Unread, read};
use crate::answer::Answer;
use crate::event_source::queue::api;
use crate::http_api;

/// The operation, when there are queues and the request is for them.
pub(super) fn operation<'h>(gateway: &Gateway, head: &'h Head) -> Option<&'h str> {
    let operation = api::operation(&head.parts.headers).filter(|_| head.parts.method == http::Method::POST);
    operation.filter(|_| !gateway.queues.is_empty())
}

/// Answers a request of an SQS client.
pub(super) async fn answer(gateway: &Gateway, head: &Head, operation: &str, body: Incoming) -> Answer {
    let body = match read(gateway, head, body, api::LARGEST_REQUEST).await {
        Ok(body) => body,
        Err(Unread::TooLarge) => return http_api::too_large(),
        Err(Unread::TooSlow | Unread::Broken) => return http_api::request_timeout(),
    };
    let host = head.host().map_or_else(|| format!("localhost:{}", gateway.port), str::to_owned);
    let base = format!("http://{host}/{}", gateway.application().account_id);
    api::answer(&gateway.queues, operation, &body, &base)
        .await
        .with("x-amzn-requestid", crate::ids::uuid(crate::random::bytes()))
}
