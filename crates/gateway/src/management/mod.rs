//! The `@connections` management API as pure code (gateway facts M-01 to M-13).

pub mod signature;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::http_api::routes::decode;

pub use signature::Signature;

/// The connection a management request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Stage in the path.
    pub stage: String,
    /// Connection id, decoded.
    pub connection_id: String,
}

/// Reads `/{stage}/@connections/{connectionId}`, in any percent-encoding (M-01); `None` when the path is another.
pub fn target(path: &str) -> Option<Target> {
    let mut segments = path.strip_prefix('/')?.splitn(3, '/');
    let (stage, word, id) = (segments.next()?, segments.next()?, segments.next()?);
    (decode(word) == "@connections").then(|| Target { stage: decode(stage), connection_id: decode(id) })
}

/// ARN that `execute-api:ManageConnections` is checked on (M-11).
pub fn arn(region: &str, account_id: &str, api_id: &str, verb: &str, target: &Target) -> String {
    let Target { stage, connection_id } = target;
    format!("arn:aws:execute-api:{region}:{account_id}:{api_id}/{stage}/{verb}/@connections/{connection_id}")
}

/// 403 for what is not signed, and for other methods (M-11).
pub fn missing_token() -> Answer {
    error(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

/// 400: not an id (M-09).
pub fn invalid_id(id: &str) -> Answer {
    error(400, "BadRequestException", &format!("Invalid connectionId: {id}"))
}

/// 403: the signer's role does not allow it (M-11). API Gateway hides most of the account in the resource's ARN.
pub fn access_denied(signer: &str, action: &str, resource: &str, explicit: bool) -> Answer {
    let mut parts: Vec<_> = resource.splitn(6, ':').map(str::to_owned).collect();
    if let Some(account) = parts.get_mut(4).filter(|_| action.starts_with("execute-api:")) {
        let shown = account.split_off(account.len().saturating_sub(4));
        *account = format!("********{shown}");
    }
    let why = if explicit {
        "with an explicit deny in an identity-based policy".to_owned()
    } else {
        format!("because no identity-based policy allows the {action} action")
    };
    let resource = parts.join(":");
    let message = format!("User: {signer} is not authorized to perform: {action} on resource: {resource} {why}");
    Answer::json(403, &json!({ "Message": message })).with("x-amzn-errortype", "AccessDeniedException")
}

/// 403: no such stage (M-10).
pub fn unknown_stage() -> Answer {
    error(403, "ForbiddenException", "Forbidden")
}

/// 410: no such connection any more (M-08).
pub fn gone() -> Answer {
    Answer::empty(410).with("x-amzn-errortype", "GoneException")
}

/// 413: over 128 KB (M-03).
pub fn too_large() -> Answer {
    Answer::empty(413)
}

/// 429: the client does not read what was posted before (M-12).
pub fn limit_exceeded() -> Answer {
    error(429, "LimitExceededException", "Limit exceeded")
}

/// 200: posted (M-02).
pub fn posted() -> Answer {
    Answer::empty(200).with("content-type", "application/json")
}

/// 204: closed (M-07).
pub fn deleted() -> Answer {
    Answer::empty(204)
}

/// What GET tells about a connection.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Client's address.
    pub source_ip: std::net::IpAddr,
    /// Client's `User-Agent`, when sent.
    pub user_agent: Option<&'a str>,
    /// When it connected.
    pub connected_at: Timestamp,
    /// Last message in either direction (M-06).
    pub last_active_at: Timestamp,
}

/// 200 with the facts, pretty-printed (M-05).
pub fn facts(facts: Facts<'_>) -> Answer {
    let mut identity = json!({ "sourceIp": facts.source_ip.to_string() });
    if let Some(user_agent) = facts.user_agent {
        identity["userAgent"] = user_agent.into();
    }
    let time = |time: Timestamp| Value::from(format!("{time:.3}"));
    let body = json!({
        "identity": identity,
        "connectedAt": time(facts.connected_at),
        "lastActiveAt": time(facts.last_active_at),
    });
    Answer::empty(200).with("content-type", "application/json").body(format!("{body:#}"))
}

pub(crate) fn error(status: u16, kind: &str, message: &str) -> Answer {
    Answer::message(status, message).with("x-amzn-errortype", kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m_01_every_encoding_of_the_path() {
        let expected = Target { stage: "dev".to_owned(), connection_id: "gbgBJy8a2QAYKEjfZA==".to_owned() };
        for path in [
            "/dev/@connections/gbgBJy8a2QAYKEjfZA==",
            "/dev/%40connections/gbgBJy8a2QAYKEjfZA%3D%3D",
            "/dev/%40connections/gbgBJy8a2QAYKEjfZA%3d=",
        ] {
            assert_eq!(target(path), Some(expected.clone()), "{path}");
        }
        for path in ["/dev/connections/x", "/@connections/x", "/dev/@connections", "/"] {
            assert_eq!(target(path), None, "{path}");
        }
    }

    #[test]
    fn m_02_m_03_m_07_m_08_statuses_and_bodies() {
        for (answer, status) in [(posted(), 200), (too_large(), 413), (deleted(), 204), (gone(), 410)] {
            assert_eq!((answer.status, answer.body.len()), (status, 0));
        }
        assert_eq!(gone().header("x-amzn-ErrorType"), Some("GoneException"));
        assert_eq!(too_large().headers, []);
    }

    #[test]
    fn m_05_get_is_pretty_printed() {
        let facts = facts(Facts {
            source_ip: "203.0.113.9".parse().unwrap(),
            user_agent: Some("probe/1"),
            connected_at: Timestamp::from_millisecond(1_790_294_508_123).unwrap(),
            last_active_at: Timestamp::from_millisecond(1_790_294_509_000).unwrap(),
        });
        let expected = "{\n  \"identity\": {\n    \"sourceIp\": \"203.0.113.9\",\n    \"userAgent\": \"probe/1\"\n  },\n  \
                        \"connectedAt\": \"2026-09-25T00:01:48.123Z\",\n  \"lastActiveAt\": \"2026-09-25T00:01:49.000Z\"\n}";
        assert_eq!(facts.body, expected);
    }

    #[test]
    fn m_09_an_invalid_id_is_named() {
        let answer = invalid_id("X");
        assert_eq!((answer.status, &answer.body[..]), (400, &br#"{"message":"Invalid connectionId: X"}"#[..]));
        assert_eq!(answer.header("x-amzn-errortype"), Some("BadRequestException"));
    }

    #[test]
    fn m_11_a_denial_has_a_capital_message() {
        let resource = "arn:aws:execute-api:us-east-1:123456789012:abc/dev/POST/@connections/id=";
        let answer = access_denied("me", "execute-api:ManageConnections", resource, false);
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, Some("AccessDeniedException")));
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        let message = "User: me is not authorized to perform: execute-api:ManageConnections on resource: \
                       arn:aws:execute-api:us-east-1:********9012:abc/dev/POST/@connections/id= because no \
                       identity-based policy allows the execute-api:ManageConnections action";
        assert_eq!(body, json!({ "Message": message }));
        let lambda = access_denied("me", "lambda:InvokeFunction", "arn:aws:lambda:r:123456789012:function:f", true);
        assert!(String::from_utf8_lossy(&lambda.body).contains(":123456789012:function:f with an explicit deny"));
    }

    #[test]
    fn m_11_arn() {
        let target = Target { stage: "dev".to_owned(), connection_id: "id=".to_owned() };
        assert_eq!(
            arn("us-east-1", "000000000000", "abc", "POST", &target),
            "arn:aws:execute-api:us-east-1:000000000000:abc/dev/POST/@connections/id="
        );
    }
}
