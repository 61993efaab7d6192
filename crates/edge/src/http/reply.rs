//! Answers.

use std::time::Duration;

use domain::Timestamp;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use serde::Serialize;
use store::rates::Standing;

use crate::failure::Failure;

/// An answer with a JSON body.
#[derive(Debug)]
pub struct Reply<B> {
    status: StatusCode,
    body: B,
    headers: HeaderMap,
    cookies: Vec<String>,
}

impl<B: Serialize> Reply<B> {
    /// 200.
    pub fn ok(body: B) -> Self {
        Self::new(StatusCode::OK, body, HeaderMap::new())
    }

    /// 201.
    pub fn created(body: B) -> Self {
        Self::new(StatusCode::CREATED, body, HeaderMap::new())
    }

    /// 302 to another address, which anybody may keep in mind for so many seconds.
    pub fn elsewhere(address: &str, seconds: u32, body: B) -> Self {
        let mut headers = HeaderMap::new();
        headers.extend(HeaderValue::from_str(address).ok().map(|address| (LOCATION, address)));
        let kept = HeaderValue::from_str(&format!("public, max-age={seconds}"));
        headers.extend(kept.ok().map(|kept| (CACHE_CONTROL, kept)));
        Self::new(StatusCode::FOUND, body, headers)
    }

    /// 302 to another address, this once.
    pub fn found(address: &str, body: B) -> Self {
        let address = HeaderValue::from_str(address).ok();
        Self::new(StatusCode::FOUND, body, address.map(|address| (LOCATION, address)).into_iter().collect())
    }

    /// With a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: &Cookie) -> Self {
        self.cookies.push(cookie.header());
        self
    }

    fn new(status: StatusCode, body: B, headers: HeaderMap) -> Self {
        Self { status, body, headers, cookies: Vec::new() }
    }

    pub(super) fn render(self, standing: Option<Standing>) -> ApiGatewayV2httpResponse {
        let mut response = rendered(self.status, &self.body, standing, None);
        for (name, value) in &self.headers {
            response.headers.insert(name, value.clone());
        }
        response.cookies = self.cookies;
        response
    }
}

/// Something a browser keeps for this host alone, out of reach of its pages.
#[derive(Debug, Clone)]
pub struct Cookie {
    /// Its name; with `__Host-` in front, no other host can set it (security B10).
    pub name: &'static str,
    /// What is kept; nothing to forget it.
    pub value: String,
    /// For how long.
    pub age: Duration,
}

impl Cookie {
    // Lax: it has to come along when a provider sends the browser back.
    fn header(&self) -> String {
        let Self { name, value, age } = self;
        format!("{name}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax", age.as_secs())
    }
}

/// The answer to a failure; a full limit also says when to come back.
pub(super) fn failed(
    failure: &Failure,
    request_id: &str,
    standing: Option<Standing>,
    now: Timestamp,
) -> ApiGatewayV2httpResponse {
    let (status, body, full) = failure.told(request_id);
    rendered(status, &body, full.or(standing), full.map(|full| (full.reset - now.seconds()).max(1)))
}

fn rendered(
    status: StatusCode,
    body: &impl Serialize,
    standing: Option<Standing>,
    retry_after: Option<i64>,
) -> ApiGatewayV2httpResponse {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Everything here is somebody's own: no proxy keeps it.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(Standing { limit, remaining, reset, .. }) = standing {
        for (name, value) in [
            ("x-ratelimit-limit", i64::from(limit)),
            ("x-ratelimit-remaining", i64::from(remaining)),
            ("x-ratelimit-reset", reset),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
    headers.extend(retry_after.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds))));
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers = headers;
    // Our own types always serialise; should one not, the client still gets JSON.
    response.body = Some(Body::Text(serde_json::to_string(body).unwrap_or_else(|_| "{}".to_owned())));
    response
}
