//! `CorsConfiguration`: preflights and response headers (gateway facts C-01 to C-07).

use http::{HeaderMap, Method};

use crate::answer::Answer;
use crate::model::Cors;

/// The answer to a preflight (C-01, C-02); `None` when the request is none and goes to a route.
pub fn preflight(cors: &Cors, method: &Method, headers: &HeaderMap) -> Option<Answer> {
    let origin = origin(headers)?;
    if method != Method::OPTIONS || !headers.contains_key("access-control-request-method") {
        return None;
    }
    let mut answer = Answer::empty(204);
    if let Some(allowed) = allowed(cors, origin) {
        answer = answer.with("access-control-allow-origin", allowed);
        let lists = [
            ("access-control-allow-methods", &cors.allow_methods),
            ("access-control-allow-headers", &cors.allow_headers),
        ];
        for (name, list) in lists {
            if !list.is_empty() {
                answer = answer.with(name, list.join(","));
            }
        }
        if let Some(seconds) = cors.max_age {
            answer = answer.with("access-control-max-age", seconds.to_string());
        }
        answer = credentials(cors, answer);
    }
    Some(answer)
}

/// An answer of a route with the configured headers in place of the function's own (C-03).
pub fn apply(cors: &Cors, headers: &HeaderMap, mut answer: Answer) -> Answer {
    answer.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control-"));
    let Some(allowed) = origin(headers).and_then(|origin| allowed(cors, origin)) else { return answer };
    answer = answer.with("access-control-allow-origin", allowed);
    if !cors.expose_headers.is_empty() {
        answer = answer.with("access-control-expose-headers", cors.expose_headers.join(","));
    }
    credentials(cors, answer)
}

fn credentials(cors: &Cors, answer: Answer) -> Answer {
    if cors.allow_credentials { answer.with("access-control-allow-credentials", "true") } else { answer }
}

fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(http::header::ORIGIN)?.to_str().ok()
}

/// Value of `access-control-allow-origin` (C-04, C-05): `*` stays `*`, another match is echoed.
fn allowed(cors: &Cors, origin: &str) -> Option<String> {
    if cors.allow_origins.iter().any(|allowed| allowed == "*") {
        return Some("*".to_owned());
    }
    let matches = |allowed: &String| match allowed.strip_suffix("://*") {
        Some(scheme) => origin.split_once("://").is_some_and(|(sent, _)| sent == scheme),
        None => allowed == origin,
    };
    cors.allow_origins.iter().any(matches).then(|| origin.to_owned())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn cors(origins: &[&str]) -> Cors {
        Cors {
            allow_origins: origins.iter().map(ToString::to_string).collect(),
            allow_methods: vec!["GET".to_owned(), "POST".to_owned()],
            allow_headers: vec!["authorization".to_owned()],
            expose_headers: vec!["x-total".to_owned()],
            max_age: Some(300),
            allow_credentials: false,
        }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn sent_preflight() -> HeaderMap {
        headers(&[("origin", "https://a.example"), ("access-control-request-method", "POST")])
    }

    #[test]
    fn c01_a_preflight_is_answered_204_with_everything_configured() {
        let answer = preflight(&cors(&["https://a.example"]), &Method::OPTIONS, &sent_preflight()).unwrap();
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        let expected = [
            ("access-control-allow-origin", "https://a.example"),
            ("access-control-allow-methods", "GET,POST"),
            ("access-control-allow-headers", "authorization"),
            ("access-control-max-age", "300"),
        ];
        assert_eq!(answer.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn c02_without_origin_or_request_method_it_is_an_ordinary_options() {
        let cors = cors(&["*"]);
        for sent in [headers(&[("origin", "https://a.example")]), headers(&[("access-control-request-method", "POST")])]
        {
            assert_eq!(preflight(&cors, &Method::OPTIONS, &sent), None);
        }
        assert_eq!(preflight(&cors, &Method::GET, &sent_preflight()), None);
        let answer = apply(&cors, &HeaderMap::new(), Answer::empty(200));
        assert_eq!(answer.headers, []);
    }

    #[test]
    fn c03_headers_of_the_function_are_replaced() {
        let own = Answer::empty(200).with("Access-Control-Allow-Origin", "https://evil.example").with("x-a", "1");
        let answer = apply(&cors(&["*"]), &headers(&[("origin", "https://a.example")]), own);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-expose-headers"), Some("x-total"));
        assert_eq!(answer.header("x-a"), Some("1"));
        assert_eq!(answer.headers.len(), 3);
    }

    #[test]
    fn c04_c05_origins() {
        let table = [
            ("*", "https://a.example", Some("*")),
            ("https://*", "https://a.example", Some("https://a.example")),
            ("https://*", "http://a.example", None),
            ("http://*", "http://a.example", Some("http://a.example")),
            ("https://a.example", "https://a.example", Some("https://a.example")),
            ("https://a.example", "https://a.example.evil", None),
        ];
        for (configured, sent, expected) in table {
            assert_eq!(allowed(&cors(&[configured]), sent).as_deref(), expected, "{configured} {sent}");
        }
        let answer = preflight(&cors(&["https://b.example"]), &Method::OPTIONS, &sent_preflight()).unwrap();
        assert_eq!((answer.status, answer.headers.len()), (204, 0));
    }

    #[test]
    fn c04_credentials() {
        let cors = Cors { allow_credentials: true, ..cors(&["https://a.example"]) };
        let answer = apply(&cors, &headers(&[("origin", "https://a.example")]), Answer::empty(200));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    }
}
