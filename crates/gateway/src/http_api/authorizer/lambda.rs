//! What the answer of a Lambda authorizer means (gateway facts A-02 to A-04, A-08).

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Caller, Refusal};
use crate::lambda::{Failure, payloads};
use crate::model::{LambdaAuthorizer, Statement};
use crate::policy;

/// IAM action of a request.
const INVOKE: &str = "execute-api:Invoke";

/// What an authorizer said; it may be kept and asked again for another route (A-06).
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// `{"isAuthorized": …}`.
    Simple {
        /// Whether the request may pass.
        allowed: bool,
        /// `context`.
        context: Map<String, Value>,
    },
    /// An IAM policy.
    Policy {
        /// `principalId`.
        principal: String,
        /// Its statements.
        statements: Vec<Statement>,
        /// `context`.
        context: Map<String, Value>,
    },
}

impl Outcome {
    /// Whether a request with this ARN may pass.
    pub fn decide(&self, arn: &str) -> Result<Caller, Refusal> {
        match self {
            Self::Simple { allowed: true, context } => Ok(Caller::Lambda { principal: None, context: context.clone() }),
            Self::Policy { principal, statements, context } if policy::allows(statements, INVOKE, arn) => {
                Ok(Caller::Lambda { principal: Some(principal.clone()), context: context.clone() })
            }
            Self::Simple { .. } | Self::Policy { .. } => Err(Refusal::Forbidden),
        }
    }
}

/// Reads the result of the authorizer's invocation.
pub fn read(result: &Result<Bytes, Failure>, authorizer: &LambdaAuthorizer) -> Result<Outcome, Refusal> {
    let failed = |payload: &[u8]| match payloads::error_message(payload).as_deref() {
        Some("Unauthorized") => Refusal::Unauthorized,
        _ => Refusal::Failed,
    };
    match result {
        Ok(payload) => outcome(payload, authorizer.simple_responses).ok_or_else(|| failed(payload)),
        Err(Failure::Function(payload)) => Err(failed(payload)),
        Err(_) => Err(Refusal::Failed),
    }
}

fn outcome(payload: &[u8], simple: bool) -> Option<Outcome> {
    let answer: Value = serde_json::from_slice(payload).ok()?;
    let context = context(answer.get("context"))?;
    if simple {
        return Some(Outcome::Simple { allowed: answer.get("isAuthorized")?.as_bool()?, context });
    }
    let principal = answer.get("principalId")?.as_str()?.to_owned();
    Some(Outcome::Policy { principal, statements: policy::statements(answer.get("policyDocument")?).ok()?, context })
}

/// Keys sorted, types as they are, `claims` dropped (A-02).
fn context(context: Option<&Value>) -> Option<Map<String, Value>> {
    let fields = match context {
        None | Some(Value::Null) => return Some(Map::new()),
        Some(context) => context.as_object()?,
    };
    let mut fields: Vec<(&String, &Value)> = fields.iter().filter(|(key, _)| *key != "claims").collect();
    fields.sort_by_key(|(key, _)| key.as_str());
    Some(fields.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::model::{Location, PayloadFormat};

    const ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:abc/$default/GET/a";

    fn authorizer(simple_responses: bool) -> LambdaAuthorizer {
        LambdaAuthorizer {
            function: "F".to_owned(),
            payload_format: PayloadFormat::V2,
            simple_responses,
            identity_sources: Vec::new(),
            result_ttl: Some(Duration::ZERO),
            location: Location { file: "t".into(), line: 1, column: 1 },
        }
    }

    fn of(simple: bool, answer: &Value) -> Result<Caller, Refusal> {
        read(&Ok(Bytes::from(answer.to_string())), &authorizer(simple))?.decide(ARN)
    }

    fn policy(effect: &str, resource: &str) -> Value {
        let statement = json!({"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource});
        json!({"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
    }

    #[test]
    fn a02_the_context_is_sorted_keeps_its_types_and_loses_claims() {
        let context = json!({"z": 7, "claims": {"sub": "me"}, "b": true, "a": ["one", 2], "n": null, "m": {"i": "v"}});
        let caller = of(true, &json!({"isAuthorized": true, "context": context})).unwrap();
        let shown = caller.v2().unwrap().to_string();
        assert_eq!(shown, r#"{"lambda":{"a":["one",2],"b":true,"m":{"i":"v"},"n":null,"z":7}}"#);
    }

    #[test]
    fn a03_what_is_not_allowed_is_403() {
        assert_eq!(of(true, &json!({"isAuthorized": false})), Err(Refusal::Forbidden));
        for answer in [policy("Deny", "*"), policy("Allow", &ARN.replace("/a", "/b"))] {
            assert_eq!(of(false, &answer), Err(Refusal::Forbidden), "{answer}");
        }
        let answer = Refusal::Forbidden.answer();
        assert_eq!((answer.status, &answer.body[..]), (403, &br#"{"message":"Forbidden"}"#[..]));
    }

    #[test]
    fn a04_unauthorized_is_401_and_any_other_failure_500() {
        let error = |message: &str| Bytes::from(json!({"errorType": "E", "errorMessage": message}).to_string());
        let raised = |message: &str| read(&Err(Failure::Function(error(message))), &authorizer(true));
        assert_eq!(raised("Unauthorized"), Err(Refusal::Unauthorized));
        assert_eq!(raised("unauthorized"), Err(Refusal::Failed));
        // Returned rather than raised, it counts as well.
        assert_eq!(read(&Ok(error("Unauthorized")), &authorizer(false)), Err(Refusal::Unauthorized));
        assert_eq!(read(&Err(Failure::Throttled), &authorizer(true)), Err(Refusal::Failed));
        for malformed in [json!({"unexpected": 1}), json!({"isAuthorized": "true"}), json!(null), json!([1])] {
            assert_eq!(of(true, &malformed), Err(Refusal::Failed), "{malformed}");
            assert_eq!(of(false, &malformed), Err(Refusal::Failed), "{malformed}");
        }
        assert_eq!(Refusal::Failed.answer().status, 500);
        assert_eq!(&Refusal::Unauthorized.answer().body[..], br#"{"message":"Unauthorized"}"#);
    }

    #[test]
    fn a08_the_form_of_the_answer_is_the_configured_one() {
        assert!(of(false, &policy("Allow", "*")).is_ok());
        assert_eq!(of(true, &policy("Allow", "*")), Err(Refusal::Failed));
        assert_eq!(of(false, &json!({"isAuthorized": true})), Err(Refusal::Failed));
    }

    #[test]
    fn a06_a_kept_policy_is_asked_again_for_each_route() {
        let answer = Ok(Bytes::from(policy("Allow", ARN).to_string()));
        let outcome = read(&answer, &authorizer(false)).unwrap();
        assert!(outcome.decide(ARN).is_ok());
        assert_eq!(outcome.decide(&ARN.replace("/a", "/b")), Err(Refusal::Forbidden));
    }
}
