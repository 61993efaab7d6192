//! The two protocols in which SDKs call services of the JSON family: AWS JSON (`X-Amz-Target`) and Smithy RPC v2 CBOR
//! (`/service/<name>/operation/<operation>`). A service sees neither, only operation, input and output.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde_json::{Map, Value, json};

use super::account::{Account, Permission, Usage};
use super::endpoint::{ReplyBody, whole};

/// Largest request body taken, in bytes: what the largest of these services takes.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The operations of a service.
#[async_trait::async_trait]
pub(crate) trait Service: Send + Sync + 'static {
    /// Name in `X-Amz-Target` and in RPC paths, e.g. `secretsmanager`.
    const NAME: &'static str;
    /// Namespace of its shapes, put before the type of an error where the protocol wants that.
    const NAMESPACE: &'static str;
    /// IAM prefix, e.g. `translate`.
    const IAM: &'static str;

    /// What IAM asks for before the operation runs.
    fn permissions(&self, operation: &str, input: &Value) -> Vec<Permission>;

    /// Runs an operation; an unknown one is [`Fault::unknown_operation`].
    async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault>;
}

/// An error as AWS words it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Further members of the error shape.
    pub(crate) members: Map<String, Value>,
}

impl Fault {
    /// The caller's mistake, 400.
    pub(crate) fn client(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, status: StatusCode::BAD_REQUEST, message: message.into(), members: Map::new() }
    }

    /// The service's trouble, 500.
    pub(crate) fn server(kind: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..Self::client(kind, message) }
    }

    pub(crate) fn unknown_operation() -> Self {
        Self::client("UnknownOperationException", "The operation is unknown or not offered on this machine.")
    }

    #[must_use]
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Json,
    Cbor,
}

/// Answers one HTTP request in the protocol it came in, and records what it used.
pub(crate) async fn answer<S: Service>(
    service: Arc<S>,
    account: Account,
    request: Request<Incoming>,
) -> Response<ReplyBody> {
    let (parts, body) = request.into_parts();
    let (operation, encoding) = target::<S>(&parts);
    let Some(operation) = operation else { return failed::<S>(&Fault::unknown_operation(), encoding) };
    let Some(caller) = account.caller(&parts) else {
        let fault = Fault::client("MissingAuthenticationTokenException", "Missing Authentication Token");
        return failed::<S>(&Fault { status: StatusCode::FORBIDDEN, ..fault }, encoding);
    };
    let input = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => decode(&body.to_bytes(), encoding),
        Err(error) => Err(Fault::client("SerializationException", error.to_string())),
    };
    let result = match input {
        Ok(input) => {
            let permissions = service.permissions(&operation, &input);
            let name = format!("{}:{operation}", S::IAM);
            account.record(Usage { caller, operation: name, permissions, capacity: None });
            service.call(&operation, input).await
        }
        Err(fault) => Err(fault),
    };
    match result {
        Ok(output) => reply(StatusCode::OK, &output, encoding),
        Err(fault) => failed::<S>(&fault, encoding),
    }
}

/// The operation asked for, if it is one of this service, and the protocol.
fn target<S: Service>(parts: &Parts) -> (Option<String>, Encoding) {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (operation, encoding) = if header("smithy-protocol") == "rpc-v2-cbor" {
        let path = parts.uri.path().strip_prefix("/service/").and_then(|rest| rest.strip_prefix(S::NAME));
        (path.and_then(|rest| rest.strip_prefix("/operation/")), Encoding::Cbor)
    } else {
        let target = header("x-amz-target").strip_prefix(S::NAME);
        (target.and_then(|rest| rest.strip_prefix('.')), Encoding::Json)
    };
    (operation.filter(|_| parts.method == Method::POST).map(str::to_owned), encoding)
}

fn decode(body: &Bytes, encoding: Encoding) -> Result<Value, Fault> {
    let decoded = match encoding {
        _ if body.is_empty() => return Ok(json!({})),
        Encoding::Json => serde_json::from_slice(body).ok(),
        Encoding::Cbor => ciborium::from_reader(body.as_ref()).ok(),
    };
    match decoded {
        Some(Value::Object(members)) => Ok(Value::Object(members)),
        _ => Err(Fault::client("SerializationException", "The body is not an object of the announced content type.")),
    }
}

fn failed<S: Service>(fault: &Fault, encoding: Encoding) -> Response<ReplyBody> {
    let kind = match encoding {
        Encoding::Json => fault.kind.to_owned(),
        Encoding::Cbor => format!("{}#{}", S::NAMESPACE, fault.kind),
    };
    let mut body = Map::new();
    body.insert("__type".to_owned(), kind.clone().into());
    body.insert("Message".to_owned(), fault.message.clone().into());
    body.extend(fault.members.clone());
    let mut response = reply(fault.status, &Value::Object(body), encoding);
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert("x-amzn-errortype", kind);
    }
    response
}

fn reply(status: StatusCode, body: &Value, encoding: Encoding) -> Response<ReplyBody> {
    let mut bytes = Vec::new();
    let content_type = match encoding {
        Encoding::Json => {
            bytes = body.to_string().into_bytes();
            "application/x-amz-json-1.1"
        }
        Encoding::Cbor => {
            // Writing to memory fails only for values that JSON cannot hold either.
            if let Err(error) = ciborium::into_writer(body, &mut bytes) {
                tracing::error!(%error, "cannot encode an answer");
            }
            "application/cbor"
        }
    };
    let mut response = Response::new(whole(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", http::HeaderValue::from_static(content_type));
    if encoding == Encoding::Cbor {
        headers.insert("smithy-protocol", http::HeaderValue::from_static("rpc-v2-cbor"));
    }
    if let Ok(id) = uuid::Uuid::new_v4().to_string().parse() {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
