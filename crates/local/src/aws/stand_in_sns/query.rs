//! The AWS Query protocol: a form in, XML out.

use std::collections::BTreeMap;

use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;

use super::super::endpoint::{ReplyBody, whole};

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
/// Largest request body taken, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// What was asked.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(super) async fn read(body: Incoming) -> Result<Self, Fault> {
        let bytes = Limited::new(body, MAX_BODY).collect().await;
        let bytes = bytes.map_err(|error| Fault::sender(413, "RequestTooLarge", error.to_string()))?.to_bytes();
        // The same as in the query of an address.
        let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
            let text = String::from_utf8_lossy(pair).replace('+', " ");
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            (decoded(name), decoded(value))
        });
        Ok(Self(pairs.collect()))
    }

    /// A parameter; empty if it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// `<name>.entry.1.key` and `.value`, and so on.
    pub(super) fn entries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let numbered = (1..).map(move |number| format!("{name}.entry.{number}"));
        numbered.map_while(|entry| {
            let key = self.0.get(&format!("{entry}.key"))?;
            Some((key.as_str(), self.get(&format!("{entry}.value"))))
        })
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What is answered: the members of the result.
pub(super) struct Answer {
    action: &'static str,
    members: Vec<(&'static str, String)>,
}

impl Answer {
    pub(super) fn new(action: &'static str) -> Self {
        Self { action, members: Vec::new() }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.members.push((name, value));
        self
    }
}

/// An error as SNS words it.
pub(super) struct Fault {
    status: u16,
    kind: &'static str,
    code: &'static str,
    message: String,
}

impl Fault {
    /// The caller's mistake.
    pub(super) fn sender(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind: "Sender", code, message: message.into() }
    }

    /// The service's trouble.
    pub(super) fn receiver(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 500, kind: "Receiver", code, message: message.into() }
    }

    pub(super) fn invalid(what: impl Into<String>) -> Self {
        Self::sender(400, "InvalidParameter", format!("Invalid parameter: {}", what.into()))
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::sender(404, "NotFound", message)
    }
}

pub(super) fn done(Answer { action, members }: &Answer) -> Response<ReplyBody> {
    let members: Vec<_> = members.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escaped(value))).collect();
    let result = members.concat();
    let result = if members.is_empty() { result } else { format!("<{action}Result>{result}</{action}Result>") };
    let id = uuid::Uuid::new_v4();
    let metadata = format!("<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>");
    reply(200, format!("<{action}Response xmlns=\"{NAMESPACE}\">{result}{metadata}</{action}Response>"))
}

pub(super) fn failed(Fault { status, kind, code, message }: &Fault) -> Response<ReplyBody> {
    let (message, id) = (escaped(message), uuid::Uuid::new_v4());
    let error = format!("<Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    let body = format!("<ErrorResponse xmlns=\"{NAMESPACE}\">{error}<RequestId>{id}</RequestId></ErrorResponse>");
    reply(*status, body)
}

fn reply(status: u16, body: String) -> Response<ReplyBody> {
    let mut response = Response::new(whole(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/xml"));
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
