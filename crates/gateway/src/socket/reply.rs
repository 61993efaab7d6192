//! What a message's function replied, and what of it the client hears (gateway facts W-24, W-25).

use bytes::Bytes;
use serde_json::Value;

use crate::http_api::reply;
use crate::lambda::Failure;

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
    fn w_25_the_body_of_a_reply() {
        assert_eq!(of(r#"{"statusCode":200,"body":"hi"}"#, true), Ok(Some("hi".to_owned())));
        assert_eq!(of(r#"{"statusCode":500,"body":"hi"}"#, true), Ok(Some("hi".to_owned())));
        assert_eq!(of(r#"{"statusCode":200}"#, true), Ok(None));
    }
}
