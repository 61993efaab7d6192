//! The authorizer of `$connect`: whether it is asked, and what its answer means (gateway facts W-40 to W-45).

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};

use super::event::{self, Session};
use crate::lambda::{Failure, payloads};
use crate::policy::{self, Decision};

/// Largest answer of an authorizer in bytes (W-45).
const LARGEST: usize = 8 * 1024;
/// IAM action of a handshake.
pub const INVOKE: &str = "execute-api:Invoke";

/// ARN of the `$connect` route, which the policy must allow.
pub fn method_arn(region: &str, account_id: &str, session: &Session) -> String {
    route_arn(region, account_id, session, "$connect")
}

/// ARN of a route, which the policy of whoever signed must allow (W-47).
pub fn route_arn(region: &str, account_id: &str, session: &Session, route_key: &str) -> String {
    format!("arn:aws:execute-api:{region}:{account_id}:{}/{}/{route_key}", session.api_id, session.stage)
}

/// Whether every identity source is there and not empty (W-41); otherwise the authorizer is not asked.
pub fn identified(sources: &[String], headers: &HeaderMap, query: &str, session: &Session) -> bool {
    let query = event::query(query);
    sources.iter().all(|source| {
        if let Some(name) = source.strip_prefix("route.request.header.") {
            headers.get(name).is_some_and(|value| !value.is_empty())
        } else if let Some(name) = source.strip_prefix("route.request.querystring.") {
            query.get(name).and_then(Value::as_str).is_some_and(|value| !value.is_empty())
        } else if let Some(name) = source.strip_prefix("stageVariables.") {
            session.stage_variables.get(name).is_some_and(|value| !value.is_empty())
        } else {
            // What the gateway itself knows is always there.
            source.starts_with("context.")
        }
    })
}

/// What an authorizer decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Go on, with `principalId` and the stringified context.
    Allow(Map<String, Value>),
    /// An explicit `Deny`, or no matching `Allow`: 403 (W-42).
    Deny {
        /// Whether a statement denied it.
        explicit: bool,
    },
    /// The function failed with the message `Unauthorized`: 401 (W-43).
    Unauthorized,
    /// The function failed otherwise: 500 (W-43).
    Failed,
    /// Its answer makes no sense: 500 with an empty message (W-43).
    Malformed,
}

impl Verdict {
    /// Status and message of the refusal; `None` for an allowance.
    pub fn refusal(&self) -> Option<(u16, &'static str)> {
        match self {
            Self::Allow(_) => None,
            Self::Deny { explicit: true } => Some((
                403,
                "User is not authorized to access this resource with an explicit deny in an identity-based policy",
            )),
            Self::Deny { explicit: false } => Some((
                403,
                "User is not authorized to access this resource because no identity-based policy allows the \
                 execute-api:Invoke action",
            )),
            Self::Unauthorized => Some((401, "Unauthorized")),
            Self::Failed => Some((500, super::INTERNAL_ERROR)),
            Self::Malformed => Some((500, "")),
        }
    }
}

/// Reads the result of the authorizer's invocation.
pub fn verdict(result: &Result<Bytes, Failure>, method_arn: &str) -> Verdict {
    match result {
        Ok(payload) => read(payload, method_arn).unwrap_or(Verdict::Malformed),
        Err(Failure::Function(payload)) if payloads::error_message(payload).as_deref() == Some("Unauthorized") => {
            Verdict::Unauthorized
        }
        Err(_) => Verdict::Failed,
    }
}

fn read(payload: &[u8], method_arn: &str) -> Option<Verdict> {
    if payload.len() > LARGEST {
        return None;
    }
    let answer: Value = serde_json::from_slice(payload).ok()?;
    let principal = answer.get("principalId")?.as_str()?;
    let statements = policy::statements(answer.get("policyDocument")?).ok()?;
    Some(match policy::decide(&statements, INVOKE, method_arn) {
        Decision::ExplicitDeny => Verdict::Deny { explicit: true },
        Decision::ImplicitDeny => Verdict::Deny { explicit: false },
        Decision::Allow => {
            let mut context = stringified(answer.get("context"))?;
            context.insert("principalId".to_owned(), principal.into());
            Verdict::Allow(context)
        }
    })
}

/// Every value as a string (W-44); nested values are not allowed.
fn stringified(context: Option<&Value>) -> Option<Map<String, Value>> {
    let context = match context {
        None | Some(Value::Null) => return Some(Map::new()),
        Some(context) => context.as_object()?,
    };
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) | Value::Null => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    };
    context.iter().map(|(key, value)| Some((key.clone(), text(value)?.into()))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use http::{HeaderName, HeaderValue};
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:abc/dev/$connect";

    fn of(answer: &Value) -> Verdict {
        verdict(&Ok(Bytes::from(answer.to_string())), ARN)
    }

    fn policy(effect: &str, resource: &str) -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]})
    }

    #[test]
    fn w_41_identity_sources_must_be_there_and_not_empty() {
        let session = Session {
            api_id: "abc".to_owned(),
            stage: "dev".to_owned(),
            stage_variables: BTreeMap::from([("v".to_owned(), "1".to_owned())]),
            connection_id: String::new(),
            connected_at: Timestamp::UNIX_EPOCH,
            domain: String::new(),
            source_ip: "127.0.0.1".parse().unwrap(),
            user_agent: None,
            authorizer: Map::new(),
            iam: None,
        };
        let headers: HeaderMap = [
            (HeaderName::from_static("x-auth"), HeaderValue::from_static("t")),
            (HeaderName::from_static("x-empty"), HeaderValue::from_static("")),
        ]
        .into_iter()
        .collect();
        let table = [
            ("route.request.header.X-Auth", true),
            ("route.request.header.x-empty", false),
            ("route.request.header.x-none", false),
            ("route.request.querystring.token", true),
            ("route.request.querystring.empty", false),
            ("route.request.querystring.none", false),
            ("stageVariables.v", true),
            ("stageVariables.w", false),
            ("context.connectionId", true),
            ("nonsense", false),
        ];
        for (source, expected) in table {
            let sources = [source.to_owned()];
            assert_eq!(identified(&sources, &headers, "token=t&empty=", &session), expected, "{source}");
        }
        assert!(identified(&[], &HeaderMap::new(), "", &session));
    }

    #[test]
    fn w_42_denials_explicit_and_implicit() {
        let denied = of(&json!({"principalId": "me", "policyDocument": policy("Deny", "*")}));
        assert_eq!(denied, Verdict::Deny { explicit: true });
        assert_eq!(
            denied.refusal(),
            Some((
                403,
                "User is not authorized to access this resource with an explicit deny in an identity-based policy"
            ))
        );
        let other = ARN.replace("abc", "other");
        let denied = of(&json!({"principalId": "me", "policyDocument": policy("Allow", &other)}));
        assert_eq!(
            denied.refusal(),
            Some((
                403,
                "User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action"
            ))
        );
    }

    #[test]
    fn w_43_failures() {
        let function = |message: &str| {
            let payload = json!({"errorType": "E", "errorMessage": message}).to_string();
            verdict(&Err(Failure::Function(Bytes::from(payload))), ARN)
        };
        assert_eq!(function("Unauthorized").refusal(), Some((401, "Unauthorized")));
        assert_eq!(function("unauthorized").refusal(), Some((500, "Internal server error")));
        assert_eq!(verdict(&Err(Failure::Throttled), ARN).refusal(), Some((500, "Internal server error")));
        for malformed in [
            json!({"statusCode": 401}),
            json!({"principalId": "me"}),
            json!({"policyDocument": policy("Allow", "*")}),
            json!({"principalId": "me", "policyDocument": {}}),
            json!({"principalId": "me", "policyDocument": policy("Allow", "*"), "context": {"a": {}}}),
            json!(null),
        ] {
            assert_eq!(of(&malformed).refusal(), Some((500, "")), "{malformed}");
        }
    }

    #[test]
    fn w_44_the_context_is_stringified() {
        let context = json!({"s": "x", "n": 7, "b": true, "principalId": "other"});
        let Verdict::Allow(context) =
            of(&json!({"principalId": "me", "policyDocument": policy("Allow", ARN), "context": context}))
        else {
            panic!("not allowed")
        };
        assert_eq!(Value::Object(context), json!({"s": "x", "n": "7", "b": "true", "principalId": "me"}));
    }

    #[test]
    fn w_45_an_answer_over_eight_kilobytes_is_malformed() {
        let large =
            json!({"principalId": "me", "policyDocument": policy("Allow", "*"), "context": {"a": "x".repeat(8192)}});
        assert_eq!(of(&large), Verdict::Malformed);
    }
}
