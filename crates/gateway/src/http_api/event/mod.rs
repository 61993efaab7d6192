//! The events an HTTP API gives functions (gateway facts H-20 to H-33) and authorizers, in payload formats 2.0 and 1.0.

mod parts;
#[cfg(test)]
mod tests;
pub mod v1;
pub mod v2;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

pub(crate) use parts::concerns_the_connection;
pub(super) use parts::query as query_values;

use super::authorizer::Caller;
use super::routes::{Match, decode};
use crate::Behaviour;
use crate::model::{HttpApi, PayloadFormat, Stage};
use crate::origin::Origin;

/// A request as it arrived, and what the gateway adds to it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Method.
    pub method: &'a str,
    /// Path as sent, percent-encoded, with the stage.
    pub path: &'a str,
    /// Query as sent, without `?`; empty when there is none.
    pub query: &'a str,
    /// E.g. `HTTP/1.1`.
    pub protocol: &'a str,
    /// Headers as sent.
    pub headers: &'a HeaderMap,
    /// Address used and address of the client.
    pub origin: &'a Origin,
    /// Region.
    pub region: &'a str,
    /// Account.
    pub account_id: &'a str,
    /// Request id (H-32).
    pub request_id: &'a str,
    /// Trace id (H-29), when the client sent none.
    pub trace_id: &'a str,
    /// When it arrived.
    pub now: Timestamp,
}

/// What a request is for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The API.
    pub api: &'a HttpApi,
    /// Its stage.
    pub stage: &'a Stage,
    /// The route, with what its variables stand for.
    pub found: &'a Match<'a>,
}

impl Target<'_> {
    /// ARN of the request, which policies of authorizers name:
    /// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`, the path decoded and without the stage.
    pub fn arn(&self, request: &Request<'_>) -> String {
        let path = super::routes::stage(&self.api.stages, request.path).map_or(request.path, |(_, below)| below);
        let path = decode(path.strip_prefix('/').unwrap_or(path));
        let Request { region, account_id, method, .. } = request;
        format!("arn:aws:execute-api:{region}:{account_id}:{}/{}/{method}/{path}", self.api.api_id, self.stage.name)
    }
}

/// What every request context begins with.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    account_id: &'a str,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Value>,
    domain_name: &'a str,
    domain_prefix: &'a str,
}

impl<'a> Place<'a> {
    /// `authorizer` is the caller in the form of the event.
    fn new(target: Target<'a>, request: &Request<'a>, authorizer: Option<Value>) -> Self {
        Self {
            account_id: request.account_id,
            api_id: &target.api.api_id,
            authorizer,
            domain_name: &request.origin.domain,
            domain_prefix: request.origin.prefix(),
        }
    }
}

/// The event of the function, as JSON in AWS's order of keys.
pub fn build(target: Target<'_>, request: Request<'_>, body: &[u8], caller: &Caller, behaviour: &Behaviour) -> Bytes {
    match target.found.route.payload_format {
        PayloadFormat::V1 => v1::build(target, request, body, caller, behaviour),
        PayloadFormat::V2 => v2::build(target, request, body, caller, behaviour),
    }
}

/// Decoded path (H-23), cut at a decoded question mark (H-24).
pub(crate) fn path(encoded: &str, behaviour: &Behaviour) -> String {
    let mut path = decode(encoded);
    if behaviour.decoded_question_mark_truncates
        && let Some(at) = path.find('?')
    {
        path.truncate(at);
    }
    path
}
