//! An HTTP answer as a value: what the pure parts decide and the shell writes.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

/// Status, headers and body. The shell adds `Date`, `Content-Length` and `Connection`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers in the order they are sent; names repeat for `set-cookie`.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// No headers, no body.
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// A JSON body with `content-type: application/json`.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::empty(status).with("content-type", "application/json").body(body.to_string())
    }

    /// `{"message": …}`, the form of every error of an HTTP API (H-49).
    pub fn message(status: u16, message: &str) -> Self {
        Self::json(status, &json!({ "message": message }))
    }

    /// With one header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// First value of a header, by case-insensitive name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// In hyper's terms. Names and values were checked where they were read; what cannot be written is left out.
impl From<Answer> for Response<Full<Bytes>> {
    fn from(answer: Answer) -> Self {
        let mut response = Self::new(Full::new(answer.body));
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &answer.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
                let _ = response.headers_mut().append(name, value);
            }
        }
        response
    }
}
