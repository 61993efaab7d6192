//! The Lambda Invoke API (L-14): `POST /2015-03-31/functions/{name}/invocations`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

use super::{Failure, Invocation};
use crate::answer::Answer;

/// How a function is to be invoked: header `X-Amz-Invocation-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvocationType {
    /// Wait for the reply.
    RequestResponse,
    /// Answer 202 at once.
    Event,
    /// Only check.
    DryRun,
}

impl InvocationType {
    /// Reads the header's value; absent means `RequestResponse`.
    pub fn parse(header: Option<&str>) -> Option<Self> {
        match header {
            None | Some("RequestResponse") => Some(Self::RequestResponse),
            Some("Event") => Some(Self::Event),
            Some("DryRun") => Some(Self::DryRun),
            Some(_) => None,
        }
    }
}

/// The part of a path that says which function it invokes: a name, a logical id, or an ARN, still percent-encoded.
pub fn function_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// Largest payload of an asynchronous invocation in bytes.
pub const LARGEST_EVENT: usize = 1024 * 1024;
/// Largest payload of a synchronous invocation in bytes, as refusals name it; what is accepted is
/// [`crate::Limits::payload`].
const LARGEST_REQUEST: usize = 6_291_456;
/// Largest client context, decoded, in bytes.
const LARGEST_CONTEXT: usize = 3_583;

/// A function as callers name it: `name`, `name:qualifier`, `account:function:name`, or an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name<'a> {
    /// Region of an ARN.
    pub region: Option<&'a str>,
    /// Account of a partial or whole ARN.
    pub account: Option<&'a str>,
    /// The name proper.
    pub name: &'a str,
    /// Alias or version.
    pub qualifier: Option<&'a str>,
}

impl<'a> Name<'a> {
    /// Reads a decoded name; the refusal when it has none of the forms.
    pub fn parse(text: &'a str) -> Result<Self, Box<Answer>> {
        let parts: Vec<&str> = text.split(':').collect();
        let (region, account, rest) = match parts.as_slice() {
            ["arn", partition, "lambda", region, account, "function", rest @ ..] if partition.starts_with("aws") => {
                (Some(*region), Some(*account), rest)
            }
            [account, "function", rest @ ..] if is_account(account) => (None, Some(*account), rest),
            ["function", rest @ ..] if !rest.is_empty() => (None, None, rest),
            rest => (None, None, rest),
        };
        let word = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        let (name, qualifier) = match rest {
            [name] => (*name, None),
            [name, qualifier] if word(qualifier) || *qualifier == "$LATEST" => (*name, Some(*qualifier)),
            _ => return Err(Box::new(bad_name(text))),
        };
        if !word(name) || account.is_some_and(|account| !is_account(account)) {
            return Err(Box::new(bad_name(text)));
        }
        Ok(Self { region, account, name, qualifier })
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The qualifier asked for in the name and in `?Qualifier=`, which must not differ.
pub fn qualifier<'a>(name: Option<&'a str>, query: Option<&'a str>) -> Result<Option<&'a str>, Box<Answer>> {
    match (name, query) {
        (Some(name), Some(query)) if name != query => Err(Box::new(invalid(
            "The derived qualifier from the function name does not match the specified qualifier.",
        ))),
        (name, query) => Ok(name.or(query)),
    }
}

/// Decodes `X-Amz-Client-Context`: base64 of a JSON object, which functions get as it is (L-03).
pub fn client_context(header: Option<&str>) -> Result<Option<String>, Box<Answer>> {
    let Some(header) = header.filter(|header| !header.is_empty()) else { return Ok(None) };
    let decoded = STANDARD.decode(header).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let object = |text: &String| serde_json::from_str::<serde_json::Map<_, _>>(text).is_ok();
    match decoded.filter(object) {
        Some(text) if text.len() > LARGEST_CONTEXT => Err(Box::new(bad_content(&format!(
            "The client context is {} bytes; the limit is {LARGEST_CONTEXT} bytes.",
            text.len()
        )))),
        Some(text) => Ok(Some(in_ascii(&text))),
        None => Err(Box::new(bad_content("Client context must be a valid Base64-encoded JSON object."))),
    }
}

/// The same JSON fit for a header: on one line, and everything beyond ASCII, which can only be in strings, escaped.
fn in_ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\r' | '\n' => text.push(' '),
            ascii if ascii.is_ascii() => text.push(ascii),
            other => {
                let mut units = [0; 2];
                text.extend(other.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
            }
        }
    }
    text
}

/// Whether `X-Amz-Log-Type` asks for the end of the log.
pub fn wants_log(header: Option<&str>) -> Result<bool, Box<Answer>> {
    match header {
        None | Some("None") => Ok(false),
        Some("Tail") => Ok(true),
        Some(other) => Err(Box::new(constraint("logType", other, "[None, Tail]"))),
    }
}

/// The event of an invocation: nothing is `{}`, and what is no JSON is refused before the function sees it.
pub fn payload(body: Bytes) -> Result<Bytes, Box<Answer>> {
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&body) {
        Ok(_) => Ok(body),
        Err(error) => Err(Box::new(bad_content(&format!(
            "Could not parse request body into json: Could not parse payload into json: {error}"
        )))),
    }
}

/// Answer to a finished `RequestResponse` invocation of `version`; `tail` asks for the last 4 KB of its log.
pub fn answer(invocation: Invocation, version: &str, tail: bool) -> Answer {
    let (answer, function_error) = match invocation.result {
        Ok(payload) => (Answer::empty(200).body(payload), false),
        Err(Failure::Function(payload)) => (Answer::empty(200).body(payload), true),
        Err(Failure::TooLarge) => return too_large(None, InvocationType::RequestResponse),
        Err(Failure::Throttled) => {
            return error(
                429,
                "TooManyRequestsException",
                &json!({
                    "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
                    "Type": "User",
                    "message": "Rate Exceeded.",
                }),
            );
        }
        Err(Failure::Unavailable) => {
            let message = invocation.execution.error.unwrap_or_else(|| "unavailable".to_owned());
            return error(503, "ServiceException", &json!({ "Type": "Service", "Message": message }));
        }
    };
    let mut answer = answer
        .with("content-type", "application/json")
        .with("x-amz-executed-version", version)
        .with("x-amzn-remapped-content-length", "0");
    if function_error {
        answer = answer.with("x-amz-function-error", "Unhandled");
    }
    if !invocation.execution.request_id.is_empty() {
        answer = answer.with("x-amzn-requestid", invocation.execution.request_id);
    }
    if tail {
        let log: Bytes = invocation.log.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into();
        answer = answer.with("x-amz-log-result", STANDARD.encode(&log[log.len().saturating_sub(4096)..]));
    }
    answer
}

/// 202: an `Event` was taken.
pub fn accepted(request_id: String) -> Answer {
    Answer::empty(202).with("x-amzn-remapped-content-length", "0").with("x-amzn-requestid", request_id)
}

/// 413: the payload is over the limit (L-09). Its size is told when it is known.
pub fn too_large(size: Option<u64>, kind: InvocationType) -> Answer {
    let (kind, limit) = match kind {
        InvocationType::Event => ("Event", LARGEST_EVENT),
        InvocationType::RequestResponse | InvocationType::DryRun => ("RequestResponse", LARGEST_REQUEST),
    };
    let message = match size {
        Some(size) => format!("{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"),
        None => format!("Request must be smaller than {limit} bytes for the InvokeFunction operation"),
    };
    error(413, "RequestEntityTooLargeException", &json!({ "Type": "User", "message": message }))
}

/// 404 in AWS's words, and which functions there are.
pub fn unknown(arn: &str, known: &[&str]) -> Answer {
    let message = format!("Function not found: {arn}. Known here: {}", known.join(", "));
    error(404, "ResourceNotFoundException", &json!({ "Type": "User", "Message": message }))
}

/// 404: the ARN is of another region.
pub fn unreachable_region(asked: &str, here: &str) -> Answer {
    let message = format!("Functions from '{asked}' are not reachable in this region ('{here}')");
    error(404, "ResourceNotFoundException", &json!({ "Type": "User", "Message": message }))
}

/// 400: `X-Amz-Invocation-Type` is none of the three.
pub fn bad_type(asked: &str) -> Answer {
    constraint("invocationType", asked, "[Event, RequestResponse, DryRun]")
}

fn constraint(member: &str, value: &str, set: &str) -> Answer {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must satisfy enum value set: {set}"
    );
    error(400, "ValidationException", &json!({ "message": message }))
}

fn bad_name(value: &str) -> Answer {
    let pattern = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";
    let message = format!(
        "1 validation error detected: Value '{value}' at 'functionName' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: {pattern}"
    );
    error(400, "ValidationException", &json!({ "message": message }))
}

fn invalid(message: &str) -> Answer {
    error(400, "InvalidParameterValueException", &json!({ "Type": "User", "message": message }))
}

fn bad_content(message: &str) -> Answer {
    error(400, "InvalidRequestContentException", &json!({ "Type": "User", "message": message }))
}

fn error(status: u16, kind: &str, body: &serde_json::Value) -> Answer {
    Answer::json(status, body).with("x-amzn-errortype", kind)
}

#[cfg(test)]
#[path = "invoke_api_tests.rs"]
mod tests;
