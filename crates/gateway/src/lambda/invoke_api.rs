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

/// Name of the function a path invokes: a name, a logical id, or an ARN, still percent-encoded.
pub fn function_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// Largest payload of an asynchronous invocation in bytes.
pub const LARGEST_EVENT: usize = 1024 * 1024;

/// Answer to a finished `RequestResponse` invocation; `tail` asks for the last 4 KB of its log.
pub fn answer(invocation: Invocation, tail: bool) -> Answer {
    let (answer, function_error) = match invocation.result {
        Ok(payload) => (Answer::empty(200).body(payload), false),
        Err(Failure::Function(payload)) => (Answer::empty(200).body(payload), true),
        Err(Failure::TooLarge) => return too_large(),
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
            return error(503, "ServiceException", &json!({ "Type": "Service", "message": "Stopping." }));
        }
    };
    let mut answer = answer.with("content-type", "application/json").with("x-amz-executed-version", "$LATEST");
    if function_error {
        answer = answer.with("x-amz-function-error", "Unhandled");
    }
    if tail {
        let log: Bytes = invocation.log.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into();
        answer = answer.with("x-amz-log-result", STANDARD.encode(&log[log.len().saturating_sub(4096)..]));
    }
    answer
}

/// 413: the payload is over the limit.
pub fn too_large() -> Answer {
    let body = json!({ "Type": "User", "message": "Request must be smaller than 6291456 bytes for the InvokeFunction operation" });
    error(413, "RequestTooLargeException", &body)
}

/// 404 that names what there is.
pub fn unknown(name: &str, known: &[&str]) -> Answer {
    let message = format!("Function not found: {name}. Known: {}", known.join(", "));
    error(404, "ResourceNotFoundException", &json!({ "Type": "User", "Message": message }))
}

/// 400: `X-Amz-Invocation-Type` is none of the three.
pub fn bad_type() -> Answer {
    let body = json!({ "Type": "User", "message": "Unknown invocation type" });
    error(400, "InvalidParameterValueException", &body)
}

fn error(status: u16, kind: &str, body: &serde_json::Value) -> Answer {
    Answer::json(status, body).with("x-amzn-errortype", kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::unavailable;

    #[test]
    fn l14_paths_and_types() {
        assert_eq!(function_of("/2015-03-31/functions/pets/invocations"), Some("pets"));
        assert_eq!(function_of("/2015-03-31/functions//invocations"), None);
        assert_eq!(function_of("/2015-03-31/functions/pets"), None);
        assert_eq!(InvocationType::parse(None), Some(InvocationType::RequestResponse));
        assert_eq!(InvocationType::parse(Some("Event")), Some(InvocationType::Event));
        assert_eq!(InvocationType::parse(Some("event")), None);
    }

    #[test]
    fn l08_a_function_error_is_a_200_with_a_header() {
        let payload = Bytes::from_static(br#"{"errorType":"E","errorMessage":"m"}"#);
        let invocation = Invocation { result: Err(Failure::Function(payload.clone())), ..unavailable("F") };
        let answer = answer(invocation, false);
        assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, Some("Unhandled")));
        assert_eq!(answer.body, payload);
    }

    #[test]
    fn l10_throttling_is_a_429_with_its_reason() {
        let answer = answer(Invocation { result: Err(Failure::Throttled), ..unavailable("F") }, false);
        assert_eq!(answer.status, 429);
        assert_eq!(
            answer.body,
            r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
        );
    }

    #[test]
    fn l14_the_log_tail_is_the_last_four_kilobytes() {
        let log = vec!["x".repeat(5000), "end".to_owned()];
        let answer = answer(Invocation { result: Ok(Bytes::new()), log, ..unavailable("F") }, true);
        let tail = STANDARD.decode(answer.header("x-amz-log-result").unwrap()).unwrap();
        assert_eq!(tail.len(), 4096);
        assert!(tail.ends_with(b"end\n"));
    }
}
