//! The Lambda Runtime API of one execution environment (L-02, L-03); the Extensions API beside it is in `extensions`.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::endpoint::{Endpoint, Handed, Posted, Shared};
use super::{extensions, payloads};

/// Serves both APIs until the process is gone.
pub(super) async fn serve(listener: TcpListener, endpoint: Shared, closed: CancellationToken) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let stream = tokio::select! {
            () = closed.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = stream else {
            // Out of file descriptors, most likely: some will be free again.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            continue;
        };
        // A reply is one small write: it must not wait for the acknowledgement of the previous one.
        let _ = stream.set_nodelay(true);
        let endpoint = Shared::clone(&endpoint);
        let answer = service_fn(move |request| {
            let endpoint = Shared::clone(&endpoint);
            async move { Ok::<_, Infallible>(answer(&endpoint, request).await) }
        });
        connections.spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(endpoint: &Endpoint, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    if let Some(path) = path.strip_prefix("/2020-01-01/extension/") {
        return match (&parts.method, path) {
            (&Method::POST, "register") => match read(body, endpoint.limit).await {
                Ok(body) => extensions::register(endpoint, &parts, &body),
                Err(error) => error.response(endpoint.limit),
            },
            (&Method::GET, "event/next") => extensions::next(endpoint, &parts).await,
            (&Method::POST, "init/error") => extensions::error(endpoint, &parts, "Extension.InitError"),
            (&Method::POST, "exit/error") => extensions::error(endpoint, &parts, "Extension.ExitError"),
            _ => unknown(),
        };
    }
    // Telemetry and logs are refused as AWS's own emulator does, so that an extension that would use them runs on.
    match (&parts.method, path) {
        (&Method::PUT, "/2022-07-01/telemetry") => return unsupported("Telemetry"),
        (&Method::PUT, "/2020-08-15/logs") => return unsupported("Logs"),
        _ => {}
    }
    let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else { return unknown() };
    match (&parts.method, path) {
        (&Method::GET, "invocation/next") => next(endpoint.next().await),
        (&Method::POST, "init/error") => {
            endpoint.fail(read(body, endpoint.limit).await.unwrap_or_default());
            accepted()
        }
        (&Method::POST, path) => match path.strip_prefix("invocation/").and_then(|rest| rest.split_once('/')) {
            Some((id, "response")) => post(endpoint, id, body, false).await,
            Some((id, "error")) => post(endpoint, id, body, true).await,
            _ => unknown(),
        },
        _ => unknown(),
    }
}

fn next(handed: Handed) -> Response<Full<Bytes>> {
    let mut response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &handed.request_id)
        .header("lambda-runtime-deadline-ms", handed.deadline_ms.to_string())
        .header("lambda-runtime-invoked-function-arn", handed.arn)
        .header("lambda-runtime-trace-id", handed.trace);
    if let Some(context) = handed.client_context {
        response = response.header("lambda-runtime-client-context", context);
    }
    response
        .body(Full::new(handed.payload))
        .unwrap_or_else(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Internal Server Error"))
}

async fn post(endpoint: &Endpoint, id: &str, body: Incoming, error: bool) -> Response<Full<Bytes>> {
    let (posted, response) = match read(body, endpoint.limit).await {
        Ok(body) if error => (Posted::Error(body), accepted()),
        Ok(body) => (Posted::Response(body), accepted()),
        Err(too_large @ ReadError::TooLarge) => (
            Posted::Error(Bytes::from(payloads::response_too_large(endpoint.limit).to_string())),
            too_large.response(endpoint.limit),
        ),
        // The rest never came: the process will post again, or end.
        Err(broken @ ReadError::Broken) => return broken.response(endpoint.limit),
    };
    if endpoint.finish(id, posted) {
        response
    } else {
        refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
    }
}

enum ReadError {
    TooLarge,
    Broken,
}

impl ReadError {
    fn response(&self, limit: usize) -> Response<Full<Bytes>> {
        match self {
            Self::TooLarge => {
                let message = format!("Exceeded maximum allowed payload size ({limit} bytes).");
                refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
            }
            Self::Broken => {
                refusal(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", "HTTP request detected as truncated")
            }
        }
    }
}

/// Reads a body of at most `limit` bytes; a longer one is read to its end and dropped, so that the process gets its
/// answer.
async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, ReadError> {
    let mut whole = Vec::new();
    let mut too_large = false;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(ReadError::Broken) };
        if let Ok(data) = frame.into_data() {
            too_large |= whole.len() + data.len() > limit;
            if !too_large {
                whole.extend_from_slice(&data);
            }
        }
    }
    if too_large { Err(ReadError::TooLarge) } else { Ok(Bytes::from(whole)) }
}

/// 202, as every post is answered (L-02).
pub(super) fn accepted() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(br#"{"status":"OK"}"#)));
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn unknown() -> Response<Full<Bytes>> {
    refusal(StatusCode::NOT_FOUND, "NotFound", "no such operation")
}

fn unsupported(what: &str) -> Response<Full<Bytes>> {
    let message = format!("{what} API is not supported");
    refusal(StatusCode::ACCEPTED, &format!("{what}.NotSupported"), &message)
}

/// `{"errorMessage": …, "errorType": …}` with a status.
pub(super) fn refusal(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    let body = json!({ "errorMessage": message, "errorType": kind }).to_string();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
