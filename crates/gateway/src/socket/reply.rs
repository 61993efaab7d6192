//! What a message's function replied, and what of it the client hears (gateway facts W-24, W-25).

use bytes::Bytes;
use serde_json::Value;

use crate::http_api::reply;
use crate::lambda::Failure;

/// Characters of a reply's body that are told.
const MOST: usize = 200;

/// The integration failed: the client gets an error frame (W-24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed;

/// `body` of a reply, when it has one; an error when the function failed, or when its reply has no valid `statusCode`
/// and that is `checked` (W-24).
pub fn text(result: &Result<Bytes, Failure>, checked: bool) -> Result<Option<String>, Failed> {
    let payload = result.as_ref().map_err(|_| Failed)?;
    let reply = match serde_json::from_slice(payload) {
        Ok(Value::Object(reply)) if reply::status(&reply).is_ok() => reply,
        _ if checked => return Err(Failed),
        _ => return Ok(None),
    };
    match reply.get("body") {
        Some(Value::String(body)) => Ok(Some(body.clone())),
        None | Some(Value::Null) => Ok(None),
        Some(_) if checked => Err(Failed),
        Some(_) => Ok(None),
    }
}

/// What a reply with a status of 400 or more says: a client hears nothing of it on a one-way route (W-25), and the person
/// who looks for the reason would not either.
pub fn complaint(result: &Result<Bytes, Failure>) -> Option<String> {
    let reply: Value = serde_json::from_slice(result.as_ref().ok()?).ok()?;
    let status = reply::status(reply.as_object()?).ok().filter(|status| *status >= 400)?;
    let body = reply.get("body").and_then(Value::as_str).and_then(|body| body.lines().next()).unwrap_or_default();
    let said: String = body.chars().take(MOST).collect();
    Some(if said.is_empty() { format!("answered {status}") } else { format!("answered {status}: {said}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reply: &'static str, checked: bool) -> Result<Option<String>, Failed> {
        text(&Ok(Bytes::from_static(reply.as_bytes())), checked)
    }

    #[test]
    fn w_24_failures_and_malformed_replies_are_errors() {
        assert_eq!(text(&Err(Failure::Throttled), false), Err(Failed));
        for reply in ["null", "{}", r#"{"statusCode":"x"}"#, "[", r#"{"statusCode":200,"body":{}}"#] {
            assert_eq!(of(reply, true), Err(Failed), "{reply}");
            assert_eq!(of(reply, false), Ok(None), "{reply}");
        }
    }

    #[test]
    fn refusals_are_told_to_whoever_looks() {
        let of = |reply: &'static str| complaint(&Ok(Bytes::from_static(reply.as_bytes())));
        let stack = r#"{"statusCode":500,"body":"Error: getaddrinfo ENOTFOUND\n    at dns.js:1"}"#;
        assert_eq!(of(stack).as_deref(), Some("answered 500: Error: getaddrinfo ENOTFOUND"));
        assert_eq!(of(r#"{"statusCode":403}"#).as_deref(), Some("answered 403"));
        for fine in [r#"{"statusCode":200,"body":"x"}"#, "null", r#"{"statusCode":"x"}"#, "["] {
            assert_eq!(of(fine), None, "{fine}");
        }
        assert_eq!(complaint(&Err(Failure::Throttled)), None);
    }

    #[test]
    fn w_25_the_body_of_a_reply() {
        assert_eq!(of(r#"{"statusCode":200,"body":"hi"}"#, true), Ok(Some("hi".to_owned())));
        assert_eq!(of(r#"{"statusCode":500,"body":"hi"}"#, true), Ok(Some("hi".to_owned())));
        assert_eq!(of(r#"{"statusCode":200}"#, true), Ok(None));
    }
}
