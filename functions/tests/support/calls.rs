//! Events into handlers, answers out of them.

use std::time::Duration;

use edge::Failure;
use edge::http::{Reply, Request};
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use serde_json::{Value, json};

/// Far more than any handler takes.
const LIMIT: Duration = Duration::from_mins(2);

/// An HTTP event that a test puts together.
#[derive(Debug, Clone)]
pub struct Call(Value);

/// A GET of a path, which may have a query.
pub fn get(path: &str) -> Call {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut event: Value = serde_json::from_str(include_str!("../events/http.json")).unwrap();
    event["rawPath"] = json!(path);
    event["rawQueryString"] = json!(query);
    event["requestContext"]["http"]["path"] = json!(path);
    Call(event)
}

/// A POST of a JSON body.
pub fn post(path: &str, body: &Value) -> Call {
    post_text(path, &body.to_string())
}

/// A POST of whatever it is.
pub fn post_text(path: &str, body: &str) -> Call {
    let Call(mut event) = get(path);
    event["requestContext"]["http"]["method"] = json!("POST");
    event["headers"]["content-type"] = json!("application/json");
    event["headers"]["content-length"] = json!(body.len().to_string());
    event["body"] = json!(body);
    Call(event)
}

/// Any method on a path, which may have a query; with a JSON body where it has one.
pub fn call(method: &str, path: &str, body: Option<&Value>) -> Call {
    let Call(mut event) = match body {
        Some(body) => post(path, body),
        None => get(path),
    };
    event["requestContext"]["http"]["method"] = json!(method);
    Call(event)
}

impl Call {
    /// With this access token.
    pub fn bearer(mut self, token: &str) -> Self {
        self.0["headers"]["authorization"] = json!(format!("Bearer {token}"));
        self
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = json!(value);
        self
    }

    /// With a variable of the path.
    pub fn path(mut self, name: &str, value: &str) -> Self {
        self.0["pathParameters"][name] = json!(value);
        self
    }

    /// From this address.
    pub fn from(mut self, address: &str) -> Self {
        self.0["requestContext"]["http"]["sourceIp"] = json!(address);
        self
    }

    /// From a browser that keeps a cookie: `name=value`.
    pub fn cookie(mut self, cookie: &str) -> Self {
        self.0["cookies"] = json!([cookie]);
        self
    }

    /// As base64, as API Gateway sends bodies of other types (gateway fact H-33).
    pub fn base64(mut self, encoded: &str) -> Self {
        self.0["body"] = json!(encoded);
        self.0["isBase64Encoded"] = json!(true);
        self
    }

    /// Through a handler. Every answer is JSON, and every error has the one shape.
    pub async fn to<D, B: serde::Serialize>(
        self,
        services: &D,
        handle: impl AsyncFn(&D, Request) -> Result<Reply<B>, Failure>,
    ) -> Answer {
        let event = serde_json::from_value(self.0).unwrap();
        Answer::read(edge::http::answer(services, &handle, event, LIMIT).await)
    }
}

impl Call {
    /// Like [`Call::to`], with the cookies that a browser would keep.
    pub async fn with_cookies_to<D, B: serde::Serialize>(
        self,
        services: &D,
        handle: impl AsyncFn(&D, Request) -> Result<Reply<B>, Failure>,
    ) -> (Answer, Vec<String>) {
        let event = serde_json::from_value(self.0).unwrap();
        let response = edge::http::answer(services, &handle, event, LIMIT).await;
        let cookies = response.cookies.clone();
        (Answer::read(response), cookies)
    }
}

/// What a client would get.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: i64,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Answer {
    fn read(response: ApiGatewayV2httpResponse) -> Self {
        let Some(Body::Text(text)) = response.body else { panic!("an answer without a body") };
        let body: Value = serde_json::from_str(&text).expect("a JSON body");
        let headers = response.headers.iter();
        let headers: Vec<_> =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let answer = Self { status: response.status_code, headers, body };
        assert_eq!(answer.header("content-type"), Some("application/json"));
        if answer.status >= 400 {
            assert_eq!(super::fields(&answer.body), ["code", "details", "message"], "{}", answer.body);
        }
        answer
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(self, status: i64) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Checks status and code of an error; gives its `details`.
    #[track_caller]
    pub fn refused(self, status: i64, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        self.body["details"].clone()
    }
}
