//! The `@connections` management API as pure code (gateway facts M-01 to M-13).

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::http_api::routes::decode;

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

/// What a request says about who signed it (M-13): its form is read, the signature itself is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// Not signed.
    Missing,
    /// Signed, but not in the form of `SigV4`.
    Malformed,
    /// Signed with this access key.
    By(String),
}

impl Signature {
    /// Reads the `Authorization` header, or the query of a presigned request.
    pub fn read(headers: &HeaderMap, query: &str) -> Self {
        if let Some(header) = headers.get(http::header::AUTHORIZATION) {
            let fields = header.to_str().ok().and_then(|header| header.strip_prefix("AWS4-HMAC-SHA256"));
            let field = |name: &str| {
                let parts = fields.into_iter().flat_map(|fields| fields.split(','));
                parts.filter_map(|part| part.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v)
            };
            let complete = field("SignedHeaders").is_some() && field("Signature").is_some_and(is_signature);
            return Self::by(field("Credential").filter(|_| complete));
        }
        let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let field = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
        match field("X-Amz-Credential") {
            None => Self::Missing,
            credential => Self::by(credential.filter(|_| field("X-Amz-Signature").is_some_and(is_signature))),
        }
    }

    fn by(credential: Option<&str>) -> Self {
        // {access key}/{date}/{region}/{service}/aws4_request
        let scope: Vec<_> = credential.unwrap_or_default().split('/').collect();
        match scope.as_slice() {
            [key, date, region, _, "aws4_request"] if ![key, date, region].iter().any(|part| part.is_empty()) => {
                Self::By((*key).to_owned())
            }
            _ => Self::Malformed,
        }
    }

    /// The access key, when signed.
    pub fn access_key(&self) -> Option<&str> {
        if let Self::By(key) = self { Some(key) } else { None }
    }

    /// The refusal of a request that is not signed (M-11).
    pub fn refusal(&self) -> Option<Answer> {
        match self {
            Self::By(_) => None,
            Self::Missing => Some(missing_token()),
            Self::Malformed => {
                let message = "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters.";
                Some(error(403, "IncompleteSignatureException", message))
            }
        }
    }
}

fn is_signature(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// 403 for what is not signed, and for other methods (M-11).
pub fn missing_token() -> Answer {
    error(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

/// 400: not an id (M-09).
pub fn invalid_id(id: &str) -> Answer {
    error(400, "BadRequestException", &format!("Invalid connectionId: {id}"))
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

fn error(status: u16, kind: &str, message: &str) -> Answer {
    Answer::message(status, message).with("x-amzn-errortype", kind)
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::AUTHORIZATION};

    use super::*;

    const SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    fn signed(value: &str) -> Signature {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        Signature::read(&headers, "")
    }

    #[test]
    fn m01_every_encoding_of_the_path() {
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
    fn m02_m03_m07_m08_statuses_and_bodies() {
        for (answer, status) in [(posted(), 200), (too_large(), 413), (deleted(), 204), (gone(), 410)] {
            assert_eq!((answer.status, answer.body.len()), (status, 0));
        }
        assert_eq!(gone().header("x-amzn-ErrorType"), Some("GoneException"));
        assert_eq!(too_large().headers, []);
    }

    #[test]
    fn m05_get_is_pretty_printed() {
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
    fn m09_an_invalid_id_is_named() {
        let answer = invalid_id("X");
        assert_eq!((answer.status, &answer.body[..]), (400, &br#"{"message":"Invalid connectionId: X"}"#[..]));
        assert_eq!(answer.header("x-amzn-errortype"), Some("BadRequestException"));
    }

    #[test]
    fn m11_signatures_are_read_by_their_form() {
        let good = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAX/20261120/us-east-1/execute-api/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={SIGNATURE}"
        );
        assert_eq!(signed(&good), Signature::By("AKIAX".to_owned()));
        for bad in [
            "Bearer x",
            "AWS4-HMAC-SHA256 Credential=AKIAX",
            &good.replace("/aws4_request", ""),
            &good.replace('a', "z"),
        ] {
            assert_eq!(signed(bad), Signature::Malformed, "{bad}");
        }
        let query = format!(
            "X-Amz-Credential=AKIAX%2F20261120%2Fus-east-1%2Fexecute-api%2Faws4_request&X-Amz-Signature={SIGNATURE}"
        );
        assert_eq!(Signature::read(&HeaderMap::new(), &query), Signature::By("AKIAX".to_owned()));
        let refusal = Signature::read(&HeaderMap::new(), "").refusal().unwrap();
        assert_eq!((refusal.status, &refusal.body[..]), (403, &br#"{"message":"Missing Authentication Token"}"#[..]));
        assert_eq!(refusal.header("x-amzn-errortype"), Some("MissingAuthenticationTokenException"));
    }

    #[test]
    fn m11_arn() {
        let target = Target { stage: "dev".to_owned(), connection_id: "id=".to_owned() };
        assert_eq!(
            arn("us-east-1", "000000000000", "abc", "POST", &target),
            "arn:aws:execute-api:us-east-1:000000000000:abc/dev/POST/@connections/id="
        );
    }
}
