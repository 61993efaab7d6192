//! The Extensions API of one execution environment (L-12): registration, events, errors.
//!
//! An extension is *external* when it was started beside the runtime, from the folder of extensions, under its file's
//! name; every other one is *internal*, part of the runtime's own process. Words of refusals are those of AWS's runtime
//! interface emulator.

use std::collections::VecDeque;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use uuid::Uuid;

use super::endpoint::Endpoint;
use super::runtime_api::{accepted, refusal};

/// Extensions an environment may have.
const MOST: usize = 10;
const IDENTIFIER: &str = "lambda-extension-identifier";

/// One extension.
#[expect(clippy::struct_excessive_bools, reason = "what it is, what it asked for, what it does")]
pub(super) struct Extension {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) registered: bool,
    external: bool,
    pub(super) wants_invoke: bool,
    pub(super) wants_shutdown: bool,
    /// It waits for its next event.
    pub(super) polling: bool,
    pub(super) events: VecDeque<Value>,
}

/// Why a call to the Extensions API is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    Event(String, bool),
    Twice(String),
    TooMany,
    Closed,
    Unknown(Uuid),
}

impl Extension {
    /// One that was started; it has to register.
    pub(super) fn external(name: &str) -> Self {
        Self {
            id: Uuid::new_v4(),
            name: name.to_owned(),
            registered: false,
            external: true,
            wants_invoke: false,
            wants_shutdown: false,
            polling: false,
            events: VecDeque::new(),
        }
    }

    /// One that is part of the runtime's process.
    pub(super) fn internal(name: &str, events: &[String], others: usize) -> Result<(Self, Uuid), Refusal> {
        if others >= MOST {
            return Err(Refusal::TooMany);
        }
        let mut extension = Self { external: false, ..Self::external(name) };
        let id = extension.register(events)?;
        Ok((extension, id))
    }

    /// Notes what it wants to hear of. Only external ones may ask for the end.
    pub(super) fn register(&mut self, events: &[String]) -> Result<Uuid, Refusal> {
        if self.registered {
            return Err(Refusal::Twice(self.name.clone()));
        }
        let known = |event: &&String| *event == "INVOKE" || (self.external && *event == "SHUTDOWN");
        if let Some(event) = events.iter().find(|event| !known(event)) {
            return Err(Refusal::Event(event.clone(), event.as_str() == "SHUTDOWN"));
        }
        self.registered = true;
        self.wants_invoke = events.iter().any(|event| event == "INVOKE");
        self.wants_shutdown = events.iter().any(|event| event == "SHUTDOWN");
        Ok(self.id)
    }

    pub(super) fn tell(&mut self, event: Value) {
        self.events.push_back(event);
    }

    /// Whether it has nothing to do: it waits, and no event waits for it.
    pub(super) fn is_idle(&self) -> bool {
        self.polling && self.events.is_empty()
    }
}

impl Refusal {
    fn response(&self) -> Response<Full<Bytes>> {
        let (kind, message) = match self {
            Self::Event(event, true) => {
                ("InvalidEventType", format!("{event}: ShutdownEventNotSupportedForInternalExtension"))
            }
            Self::Event(event, false) => ("InvalidEventType", format!("{event}: ErrorInvalidEventType")),
            Self::Twice(name) => ("InvalidExtensionState", format!("Extension {name} is registered already")),
            Self::TooMany => ("TooManyExtensions", format!("Extension limit ({MOST}) reached")),
            Self::Closed => ("RegistrationClosed", "Extension registration closed already".to_owned()),
            Self::Unknown(id) => ("UnknownExtensionIdentifier", format!("Unknown extension {id}")),
        };
        forbidden(kind, &message)
    }
}

fn forbidden(kind: &str, message: &str) -> Response<Full<Bytes>> {
    refusal(StatusCode::FORBIDDEN, &format!("Extension.{kind}"), message)
}

/// `POST /2020-01-01/extension/register`.
pub(super) fn register(endpoint: &Endpoint, parts: &Parts, body: &[u8]) -> Response<Full<Bytes>> {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = text("lambda-extension-name");
    if name.is_empty() {
        return forbidden("InvalidExtensionName", "Empty extension name");
    }
    let events = match serde_json::from_slice::<Value>(body).map(|body| body.get("events").cloned()) {
        Ok(None | Some(Value::Null)) => Vec::new(),
        Ok(Some(events)) => match serde_json::from_value::<Vec<String>>(events) {
            Ok(events) => events,
            Err(error) => return refusal(StatusCode::FORBIDDEN, "InvalidRequestFormat", &error.to_string()),
        },
        Err(error) => return refusal(StatusCode::FORBIDDEN, "InvalidRequestFormat", &error.to_string()),
    };
    let id = match endpoint.register(name, &events) {
        Ok(id) => id,
        Err(refused) => return refused.response(),
    };
    let mut answer = json!({
        "functionName": endpoint.name,
        "functionVersion": "$LATEST",
        "handler": endpoint.handler,
    });
    if text("lambda-extension-accept-feature").split(',').any(|feature| feature.trim() == "accountId") {
        answer["accountId"] = endpoint.account_id.clone().into();
    }
    Response::builder()
        .header("content-type", "application/json")
        .header(IDENTIFIER, id.to_string())
        .body(Full::new(Bytes::from(answer.to_string())))
        .unwrap_or_default()
}

/// `GET /2020-01-01/extension/event/next`: blocks until there is an event.
pub(super) async fn next(endpoint: &Endpoint, parts: &Parts) -> Response<Full<Bytes>> {
    let event = match identifier(parts) {
        Ok(id) => endpoint.next_event(id).await.map_err(|refused| refused.response()),
        Err(refused) => Err(refused),
    };
    match event {
        Ok(event) => Response::builder()
            .header("content-type", "application/json")
            .header("lambda-extension-event-identifier", Uuid::new_v4().to_string())
            .body(Full::new(Bytes::from(event.to_string())))
            .unwrap_or_default(),
        Err(refused) => refused,
    }
}

/// `POST …/init/error` and `…/exit/error`: the extension cannot go on, and the environment with it.
pub(super) fn error(endpoint: &Endpoint, parts: &Parts, kind: &str) -> Response<Full<Bytes>> {
    let name = match identifier(parts).map(|id| endpoint.extension(id)) {
        Ok(Ok(name)) => name,
        Ok(Err(refused)) => return refused.response(),
        Err(refused) => return refused,
    };
    let Some(reason) = parts.headers.get("lambda-extension-function-error-type").and_then(|kind| kind.to_str().ok())
    else {
        return forbidden("MissingHeader", "Lambda-Extension-Function-Error-Type not found");
    };
    let payload = json!({ "errorType": kind, "errorMessage": format!("extension {name}: {reason}") });
    endpoint.fail(Bytes::from(payload.to_string()));
    accepted()
}

#[expect(clippy::result_large_err, reason = "the refusal is the answer")]
fn identifier(parts: &Parts) -> Result<Uuid, Response<Full<Bytes>>> {
    let Some(value) = parts.headers.get(IDENTIFIER) else {
        return Err(forbidden("MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"));
    };
    let id = value.to_str().ok().and_then(|text| Uuid::parse_str(text).ok());
    id.ok_or_else(|| forbidden("InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"))
}
