//! The `CorsConfiguration` of a bucket: preflights, and the headers on the answers that follow.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::Value;

use crate::aws::endpoint::{ReplyBody, whole};

/// The rules of one bucket; without any, no other origin may read answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Cors(Vec<Rule>);

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    origins: Vec<String>,
    methods: Vec<String>,
    headers: Vec<String>,
    exposed: Vec<String>,
    max_age: Option<u64>,
}

impl Cors {
    pub(super) fn of(properties: &Value) -> Self {
        let list = |rule: &Value, name: &str| {
            let values = rule[name].as_array().into_iter().flatten();
            values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
        };
        let rules = properties["CorsConfiguration"]["CorsRules"].as_array().into_iter().flatten();
        let rule = |rule: &Value| Rule {
            origins: list(rule, "AllowedOrigins"),
            methods: list(rule, "AllowedMethods"),
            headers: list(rule, "AllowedHeaders"),
            exposed: list(rule, "ExposedHeaders"),
            // A parameter of a template arrives as text.
            max_age: rule["MaxAge"].as_u64().or_else(|| rule["MaxAge"].as_str()?.parse().ok()),
        };
        Self(rules.map(rule).collect())
    }

    /// The answer to a preflight; none for any other request. As on AWS, a preflight that no rule allows is 403.
    pub(super) fn preflight(&self, request: &Parts) -> Option<Response<ReplyBody>> {
        if request.method != Method::OPTIONS {
            return None;
        }
        let origin = text(request, "origin")?;
        let method = text(request, "access-control-request-method")?;
        let wanted = text(request, "access-control-request-headers").unwrap_or_default();
        let wanted: Vec<_> = wanted.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let rule = self.0.iter().find(|rule| {
            rule.allows(origin, method)
                && wanted.iter().all(|name| rule.headers.iter().any(|allowed| matches(allowed, name)))
        });
        let Some(rule) = rule else { return Some(forbidden()) };
        let mut response = Response::new(whole(""));
        let headers = response.headers_mut();
        headers.extend(rule.answer(origin));
        insert(headers, "access-control-allow-headers", &wanted.join(", "));
        if let Some(seconds) = rule.max_age {
            insert(headers, "access-control-max-age", &seconds.to_string());
        }
        Some(response)
    }

    /// Headers to add to the answer to a request from another origin.
    pub(super) fn headers(&self, request: &Parts) -> HeaderMap {
        let Some(origin) = text(request, "origin") else { return HeaderMap::new() };
        let rule = self.0.iter().find(|rule| rule.allows(origin, request.method.as_str()));
        rule.map(|rule| rule.answer(origin)).unwrap_or_default()
    }
}

fn forbidden() -> Response<ReplyBody> {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessForbidden</Code>\
                <Message>CORSResponse: This CORS request is not allowed.</Message></Error>";
    let mut response = Response::new(whole(body));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/xml"));
    response
}

impl Rule {
    fn allows(&self, origin: &str, method: &str) -> bool {
        self.methods.iter().any(|allowed| allowed == method)
            && self.origins.iter().any(|allowed| matches(allowed, origin))
    }

    fn answer(&self, origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.origins.iter().any(|allowed| allowed == "*") {
            insert(&mut headers, "access-control-allow-origin", "*");
        } else {
            insert(&mut headers, "access-control-allow-origin", origin);
            insert(&mut headers, "access-control-allow-credentials", "true");
        }
        insert(&mut headers, "access-control-allow-methods", &self.methods.join(", "));
        insert(&mut headers, "access-control-expose-headers", &self.exposed.join(", "));
        insert(&mut headers, "vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
        headers
    }
}

/// A rule may hold one `*` for any run of characters; case means nothing in origins and header names.
fn matches(pattern: &str, value: &str) -> bool {
    let (pattern, value) = (pattern.to_ascii_lowercase(), value.to_ascii_lowercase());
    match pattern.split_once('*') {
        Some((start, end)) => {
            value.len() >= start.len() + end.len() && value.starts_with(start) && value.ends_with(end)
        }
        None => pattern == value,
    }
}

fn text<'a>(request: &'a Parts, name: &str) -> Option<&'a str> {
    request.headers.get(name).and_then(|value| value.to_str().ok())
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_str(value)) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn preflight(cors: &Cors, origin: &str, method: &str, headers: &str) -> Response<ReplyBody> {
        let request = http::Request::builder()
            .method("OPTIONS")
            .uri("/media/key")
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", headers);
        cors.preflight(&request.body(()).unwrap().into_parts().0).unwrap()
    }

    fn rules() -> Cors {
        Cors::of(&json!({ "CorsConfiguration": { "CorsRules": [{
            "AllowedOrigins": ["https://*.example.com"],
            "AllowedMethods": ["PUT"],
            "AllowedHeaders": ["content-*"],
            "ExposedHeaders": ["ETag"],
            "MaxAge": 300,
        }] } }))
    }

    #[test]
    fn a_preflight_that_a_rule_allows() {
        let response = preflight(&rules(), "https://app.example.com", "PUT", "Content-Type, content-length");
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(header("access-control-allow-origin"), "https://app.example.com");
        assert_eq!(header("access-control-allow-methods"), "PUT");
        assert_eq!(header("access-control-allow-headers"), "Content-Type, content-length");
        assert_eq!(header("access-control-expose-headers"), "ETag");
        assert_eq!(header("access-control-max-age"), "300");
    }

    #[test]
    fn origin_method_and_headers_must_all_be_allowed() {
        for (origin, method, headers) in [
            ("https://example.org", "PUT", ""),
            ("https://app.example.com", "DELETE", ""),
            ("https://app.example.com", "PUT", "x-other"),
        ] {
            assert_eq!(preflight(&rules(), origin, method, headers).status(), 403, "{origin} {method} {headers}");
        }
        assert_eq!(preflight(&Cors::default(), "https://app.example.com", "PUT", "").status(), 403);
    }

    #[test]
    fn an_ordinary_request_is_answered_with_headers_for_its_origin() {
        let request = http::Request::builder().method("PUT").uri("/media/key");
        let parts = request.header("origin", "https://app.example.com").body(()).unwrap().into_parts().0;
        assert_eq!(rules().headers(&parts)["access-control-allow-origin"], "https://app.example.com");
        let parts = http::Request::builder().uri("/media/key").body(()).unwrap().into_parts().0;
        assert!(rules().headers(&parts).is_empty() && rules().preflight(&parts).is_none());
    }
}
