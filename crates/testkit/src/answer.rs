//! An HTTP answer, and what every one of them must be like.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// Status, headers and JSON body of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked, for messages.
    pub request: String,
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Value,
}

/// Every code of the contract.
const CODES: [&str; 12] = [
    "VALIDATION_ERROR",
    "EMAIL_EXISTS",
    "USERNAME_EXISTS",
    "INVALID_CREDENTIALS",
    "UNAUTHORIZED",
    "INSUFFICIENT_TOKENS",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "PAYLOAD_TOO_LARGE",
    "RATE_LIMITED",
    "TRANSLATION_ERROR",
];

impl Answer {
    /// Reads an answer and checks what the contract says of each: JSON, never empty, one shape of errors.
    pub(crate) async fn read(request: String, response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|error| panic!("{request}: {error}"));
        let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        assert_eq!(media_type, "application/json", "{request}: {status} {text}");
        let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{request}: {status} {error}: {text}"));
        let answer = Self { request, status, headers, body };
        if status.is_client_error() || status.is_server_error() {
            answer.check_error();
        }
        answer
    }

    fn check_error(&self) {
        let members = self.body.as_object().unwrap_or_else(|| panic!("{self:?}"));
        let mut names: Vec<_> = members.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["code", "details", "message"], "{self:?}");
        let code = self.code();
        assert!(CODES.contains(&code) || code == "INTERNAL_ERROR", "{self:?}");
        assert!(self.body["message"].as_str().is_some_and(|message| !message.is_empty()), "{self:?}");
        assert!(self.body["details"].is_object(), "{self:?}");
        let limited = self.status == StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(limited, code == "RATE_LIMITED", "{self:?}");
        if limited {
            for name in ["retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
                assert!(self.headers.contains_key(name), "{name}: {self:?}");
            }
        }
    }

    /// The body, if the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}: {:#}", self.request, self.body);
        self.body
    }

    /// The error's code; empty for a success.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}
