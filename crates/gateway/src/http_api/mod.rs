//! HTTP APIs as pure code: route choice, event, reply, backends, parameter mapping, errors, CORS, authorizers (gateway
//! facts H-01 to H-64, C-01 to C-07, A-01 to A-10).

pub mod authorizer;
pub mod backend;
pub mod context;
pub mod cors;
pub mod event;
pub mod mapping;
pub mod reply;
pub mod routes;

use bytes::Bytes;

use crate::Behaviour;
use crate::answer::Answer;
use crate::lambda::Failure;
use crate::model::PayloadFormat;

/// No stage or no route (H-01, H-02).
pub fn not_found() -> Answer {
    Answer::message(404, "Not Found")
}

/// The request is over 10 MB, or over 6 MB as a payload (H-34).
pub fn too_large() -> Answer {
    Answer::message(413, "Request Entity Too Large")
}

/// Request line and headers over 10 240 bytes (H-35).
pub fn headers_too_large() -> Answer {
    Answer::message(431, "Request Header Fields Too Large")
}

/// The client took too long to send its body. Ours: AWS's own answer is not known.
pub fn request_timeout() -> Answer {
    Answer::message(408, "Request Timeout")
}

/// The integration took longer than the route allows (H-47).
pub fn integration_timeout(status: u16) -> Answer {
    let message = if status == 504 { "Gateway Timeout" } else { "Service Unavailable" };
    Answer::message(status, message)
}

/// The backend cannot be reached, or its response is none, or over 10 MB (H-53).
pub fn unreachable(status: u16) -> Answer {
    let status = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::SERVICE_UNAVAILABLE);
    Answer::message(status.as_u16(), status.canonical_reason().unwrap_or_default())
}

/// More requests than the stage or the route lets through (H-70, H-71).
pub fn throttled(behaviour: &Behaviour) -> Answer {
    Answer::message(429, &behaviour.throttled_message)
}

/// The answer to an invocation's result (H-40 to H-48).
pub fn answer(format: PayloadFormat, result: &Result<Bytes, Failure>) -> Answer {
    match result {
        Ok(payload) => reply::read_as(format, payload).unwrap_or_else(|_| internal_error()),
        Err(Failure::TooLarge) => too_large(),
        Err(Failure::Unavailable) => Answer::message(503, "Service Unavailable"),
        Err(Failure::Function(_) | Failure::Throttled) => internal_error(),
    }
}

pub(crate) fn internal_error() -> Answer {
    Answer::message(500, "Internal Server Error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h46_h48_function_errors_and_throttling_are_500() {
        let error = Bytes::from_static(br#"{"errorType":"Sandbox.Timedout","errorMessage":"m"}"#);
        for failure in [Failure::Function(error), Failure::Throttled] {
            let answer = answer(PayloadFormat::V2, &Err(failure));
            assert_eq!((answer.status, &answer.body[..]), (500, &br#"{"message":"Internal Server Error"}"#[..]));
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
    }

    #[test]
    fn h49_error_bodies() {
        let table = [
            (not_found(), 404, r#"{"message":"Not Found"}"#),
            (too_large(), 413, r#"{"message":"Request Entity Too Large"}"#),
            (integration_timeout(503), 503, r#"{"message":"Service Unavailable"}"#),
        ];
        for (answer, status, body) in table {
            assert_eq!((answer.status, &answer.body[..]), (status, body.as_bytes()));
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
    }
}
