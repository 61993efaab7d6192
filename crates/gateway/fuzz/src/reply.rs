//! Reply reader: a function's payload as an HTTP answer, a socket's answer, a handshake, an authorizer's policy, and the
//! outcome of a batch.

use bytes::Bytes;
use gateway::event_source::answer;
use gateway::http_api;
use gateway::http_api::authorizer::lambda;
use gateway::lambda::{Failure, payloads};
use gateway::model::{LambdaAuthorizer, PayloadFormat};
use gateway::socket::{authorizer, handshake, reply};
use http::Response;
use http_body_util::Full;

use super::sample;

/// Reads the payload in every way there is.
pub fn run(data: &[u8]) {
    let payload = Bytes::copy_from_slice(data);
    let replied: Result<Bytes, Failure> = Ok(payload.clone());
    let failed: Result<Bytes, Failure> = Err(Failure::Function(payload.clone()));
    for result in [&replied, &failed] {
        for format in [PayloadFormat::V1, PayloadFormat::V2] {
            let answer = http_api::answer(format, result);
            assert!((200..600).contains(&answer.status), "{}", answer.status);
            let headers = answer.headers.len();
            let written = Response::<Full<Bytes>>::from(answer);
            assert_eq!(written.headers().len(), headers, "every header can be written");
        }
        let connected = handshake::connected(result, "c", "r");
        if let handshake::Connected::Refuse(answer) = connected {
            let _ = Response::<Full<Bytes>>::from(answer);
        }
        for checked in [false, true] {
            let _ = reply::text(result, checked);
        }
        let _ = authorizer::verdict(result, "arn:aws:execute-api:us-east-1:0:s/dev/$connect").refusal();
        for partial in [false, true] {
            let _ = answer::outcome(result, &["10", "11"], partial);
        }
        for (payload_format, simple_responses) in
            [(PayloadFormat::V1, false), (PayloadFormat::V2, false), (PayloadFormat::V2, true)]
        {
            let authorizer = LambdaAuthorizer {
                function: "F".to_owned(),
                payload_format,
                simple_responses,
                identity_sources: Vec::new(),
                result_ttl: None,
                location: sample::location(),
            };
            let arn = "arn:aws:execute-api:us-east-1:0:a/$default/GET/a";
            if let Ok(caller) = lambda::read(result, &authorizer).and_then(|outcome| outcome.decide(arn)) {
                let _ = (caller.v1(), caller.v2());
            }
        }
    }
    let _ = (payloads::error_message(&payload), payloads::error_type(&payload));
}
