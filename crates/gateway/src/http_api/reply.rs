//! What a function's return value means as an HTTP answer (gateway facts H-40 to H-46).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::model::PayloadFormat;

/// Headers, and again cookies, that a reply may have. Ours: AWS's own limit is not known, and no more than some 24,000
/// could be written.
const MOST: usize = 4_096;

/// A structured reply that AWS would not accept; the client gets 500 (H-46).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed reply: {0}")]
pub struct Malformed(pub &'static str);

/// Reads a reply to an event of either format.
pub fn read_as(format: PayloadFormat, payload: &Bytes) -> Result<Answer, Malformed> {
    match format {
        PayloadFormat::V1 => read_v1(payload),
        PayloadFormat::V2 => read(payload),
    }
}

/// Format 1.0: nothing is inferred, so there must be a `statusCode`; `multiValueHeaders` come before `headers`.
fn read_v1(payload: &Bytes) -> Result<Answer, Malformed> {
    let reply: Map<String, Value> = serde_json::from_slice(payload).map_err(|_| Malformed("statusCode"))?;
    let mut answer = Answer::empty(status(&reply)?).body(body(&reply)?);
    answer.headers = multi_value_headers(&reply)?;
    let several: Vec<String> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
    answer.headers.extend(headers(&reply)?.into_iter().filter(|(name, _)| !several.contains(name)));
    Ok(typed(answer))
}

fn multi_value_headers(reply: &Map<String, Value>) -> Result<Vec<(String, String)>, Malformed> {
    let fields = match reply.get("multiValueHeaders") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(Malformed("multiValueHeaders")),
    };
    let mut read = Vec::new();
    for (name, values) in fields {
        let Value::Array(values) = values else { return Err(Malformed("multiValueHeaders")) };
        for value in values {
            read.extend(header(name, value)?);
            few(read.len())?;
        }
    }
    Ok(read)
}

/// Reads a payload: structured when it is a JSON object with `statusCode`, else the body of a 200 (H-41).
pub fn read(payload: &Bytes) -> Result<Answer, Malformed> {
    match serde_json::from_slice(payload) {
        Ok(Value::Object(reply)) if reply.contains_key("statusCode") => structured(&reply),
        Ok(Value::String(text)) => Ok(plain(Bytes::from(text))),
        // AWS does not check that the rest is JSON.
        _ => Ok(plain(payload.clone())),
    }
}

fn plain(body: Bytes) -> Answer {
    Answer::empty(200).with("content-type", "application/json").body(body)
}

fn structured(reply: &Map<String, Value>) -> Result<Answer, Malformed> {
    let mut answer = Answer::empty(status(reply)?).body(body(reply)?);
    // The array's cookies come first, then a header's (H-44).
    answer.headers = cookies(reply)?;
    answer.headers.extend(headers(reply)?);
    Ok(typed(answer))
}

/// With a type when the function gave none (H-42).
fn typed(answer: Answer) -> Answer {
    if answer.header("content-type").is_some() {
        return answer;
    }
    answer.with("content-type", "text/plain; charset=utf-8")
}

/// `statusCode`, an integer that ends an exchange (H-40).
pub fn status(reply: &Map<String, Value>) -> Result<u16, Malformed> {
    let status = reply.get("statusCode").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    status.filter(|status| (200..600).contains(status)).ok_or(Malformed("statusCode"))
}

fn headers(reply: &Map<String, Value>) -> Result<Vec<(String, String)>, Malformed> {
    let headers = match reply.get("headers") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(headers)) => headers,
        Some(_) => return Err(Malformed("headers")),
    };
    few(headers.len())?;
    let read = headers.iter().map(|(name, value)| header(name, value)).collect::<Result<Vec<_>, _>>()?;
    Ok(read.into_iter().flatten().collect())
}

/// A header that is sent; `None` for one without a value, and for what is the gateway's own affair (H-45).
fn header(name: &str, value: &Value) -> Result<Option<(String, String)>, Malformed> {
    let value = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null => return Ok(None),
        Value::Array(_) | Value::Object(_) => return Err(Malformed("header value")),
    };
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Malformed("header name"))?;
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Malformed("header value"))?;
    let own = matches!(
        name.as_str(),
        "connection" | "content-length" | "date" | "keep-alive" | "transfer-encoding" | "trailer" | "upgrade"
    );
    Ok((!own).then(|| (name.as_str().to_owned(), value)))
}

fn cookies(reply: &Map<String, Value>) -> Result<Vec<(String, String)>, Malformed> {
    let cookies = match reply.get("cookies") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(cookies)) => cookies,
        Some(_) => return Err(Malformed("cookies")),
    };
    few(cookies.len())?;
    let cookie = |cookie: &Value| {
        let text = cookie.as_str().filter(|text| HeaderValue::from_bytes(text.as_bytes()).is_ok());
        text.map(|text| ("set-cookie".to_owned(), text.to_owned())).ok_or(Malformed("cookies"))
    };
    cookies.iter().map(cookie).collect()
}

fn few(values: usize) -> Result<(), Malformed> {
    if values > MOST { Err(Malformed("too many headers")) } else { Ok(()) }
}

fn body(reply: &Map<String, Value>) -> Result<Bytes, Malformed> {
    let body = match reply.get("body") {
        None | Some(Value::Null) => return Ok(Bytes::new()),
        Some(Value::String(body)) => body,
        Some(_) => return Err(Malformed("body")),
    };
    match reply.get("isBase64Encoded") {
        Some(Value::Bool(true)) => STANDARD.decode(body).map(Bytes::from).map_err(|_| Malformed("base64 body")),
        None | Some(Value::Null | Value::Bool(false)) => Ok(Bytes::from(body.clone())),
        Some(_) => Err(Malformed("isBase64Encoded")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(payload: &str) -> Answer {
        read(&Bytes::from(payload.to_owned())).unwrap()
    }

    fn malformed(payload: &Value) -> bool {
        read(&Bytes::from(payload.to_string())).is_err()
    }

    #[test]
    fn h40_a_status_that_is_no_status_is_malformed() {
        for status in [json!(200.5), json!(0), json!(null), json!("x"), json!(99), json!(100), json!(1000), json!(-1)] {
            assert!(malformed(&json!({ "statusCode": status })), "{status}");
        }
    }

    #[test]
    fn h41_without_a_status_the_payload_is_the_body() {
        for payload in [r#"{"a":1}"#, "[1, 2, 3, 4, 5]", "42", "true", "null", r#"{"name": "John Doe", "age":"#, ""] {
            let answer = of(payload);
            assert_eq!((answer.status, &answer.body[..]), (200, payload.as_bytes()));
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
        assert_eq!(of(r#""Hello, World!""#).body, "Hello, World!");
        assert_eq!(of(r#""""#).body, "");
    }

    #[test]
    fn h42_structured_without_a_type_is_plain_text() {
        let answer = of(r#"{"statusCode":201,"body":"x"}"#);
        assert_eq!((answer.status, answer.header("content-type")), (201, Some("text/plain; charset=utf-8")));
        let typed = of(r#"{"statusCode":200,"headers":{"Content-Type":"image/png"}}"#);
        assert_eq!(typed.headers, [("content-type".to_owned(), "image/png".to_owned())]);
    }

    #[test]
    fn h43_base64_is_decoded_whatever_the_type() {
        let answer =
            of(r#"{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"aGk=","isBase64Encoded":true}"#);
        assert_eq!(answer.body, "hi");
        assert!(malformed(&json!({"statusCode": 200, "body": "!", "isBase64Encoded": true})));
    }

    #[test]
    fn h44_cookies_of_the_array_come_before_the_header() {
        let answer = of(
            r#"{"statusCode":200,"headers":{"Set-Cookie":"c=3"},"cookies":["a=1","b=2"],"multiValueHeaders":{"x":["y"]}}"#,
        );
        let cookies: Vec<_> =
            answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, v)| v.as_str()).collect();
        assert_eq!(cookies, ["a=1", "b=2", "c=3"]);
        assert_eq!(answer.header("x"), None);
    }

    #[test]
    fn h46_malformed_structured_replies() {
        for reply in [
            json!({"statusCode": 200, "headers": "x"}),
            json!({"statusCode": 200, "headers": {"a b": "x"}}),
            json!({"statusCode": 200, "headers": {"a": "x\r\nforged: y"}}),
            json!({"statusCode": 200, "headers": {"a": ["x"]}}),
            json!({"statusCode": 200, "cookies": "a=1"}),
            json!({"statusCode": 200, "body": {"a": 1}}),
            json!({"statusCode": 200, "body": "a", "isBase64Encoded": "yes"}),
        ] {
            assert!(malformed(&reply), "{reply}");
        }
    }

    #[test]
    fn more_headers_than_can_be_written_are_malformed() {
        let many = |most: usize| (0..most).map(|n| (format!("x-{n}"), json!("y"))).collect::<Map<_, _>>();
        let cookies = vec![json!("a=b"); MOST + 1];
        for reply in
            [json!({"statusCode": 200, "headers": many(MOST + 1)}), json!({"statusCode": 200, "cookies": cookies})]
        {
            assert!(malformed(&reply));
        }
        let several = json!({"statusCode": 200, "multiValueHeaders": {"x": vec!["y"; MOST + 1]}});
        assert!(read_as(PayloadFormat::V1, &Bytes::from(several.to_string())).is_err());
        let answer = of(&json!({"statusCode": 200, "headers": many(MOST)}).to_string());
        assert_eq!(http::Response::from(answer).headers().len(), MOST + 1);
    }

    #[test]
    fn h45_the_connection_is_not_the_functions_affair() {
        let answer =
            of(r#"{"statusCode":200,"headers":{"Connection":"close","Content-Length":"5","myheader":7,"gone":null}}"#);
        assert_eq!(answer.header("connection").or(answer.header("content-length")).or(answer.header("gone")), None);
        assert_eq!(answer.header("MyHeader"), Some("7"));
    }

    #[test]
    fn t01_format_1_0_infers_nothing_and_has_headers_of_several_values() {
        let v1 = |payload: &str| read_as(PayloadFormat::V1, &Bytes::from(payload.to_owned()));
        for payload in ["{}", "42", r#""text""#, r#"{"statusCode":200,"multiValueHeaders":{"a":"x"}}"#, "{"] {
            assert!(v1(payload).is_err(), "{payload}");
        }
        let answer =
            v1(r#"{"statusCode":200,"headers":{"A":"0","b":"3"},"multiValueHeaders":{"a":["1","2"]},"body":"x"}"#);
        let headers = [("a", "1"), ("a", "2"), ("b", "3"), ("content-type", "text/plain; charset=utf-8")];
        assert_eq!(answer.unwrap().headers, headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
