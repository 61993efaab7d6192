//! The Lambda Runtime API of one execution environment (L-02, L-03), and as much of the Extensions API as a graceful
//! end needs (L-12).

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use super::payloads;
use crate::model::Function;

/// One invocation on its way to the function.
pub(super) struct Work {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    pub(super) deadline_ms: u128,
    pub(super) trace: String,
    pub(super) reply: oneshot::Sender<Posted>,
}

/// What the function posted.
pub(super) enum Posted {
    Response(Bytes),
    Error(Bytes),
}

/// What the Runtime API of one environment knows.
pub(super) struct Endpoint {
    arn: String,
    name: String,
    handler: String,
    limit: usize,
    slot: Mutex<Slot>,
    /// Work was offered.
    offered: Notify,
    init_failed: Notify,
    /// The process asked for its first invocation.
    pub(super) polled: CancellationToken,
    /// The process is gone.
    pub(super) closed: CancellationToken,
    /// It registered an extension: it wants SIGTERM before SIGKILL.
    pub(super) graceful: AtomicBool,
}

#[derive(Default)]
struct Slot {
    waiting: Option<Work>,
    under_way: Option<(String, oneshot::Sender<Posted>)>,
    init_error: Option<Bytes>,
}

impl Endpoint {
    pub(super) fn new(function: &Function, arn: String, limit: usize) -> Self {
        Self {
            arn,
            name: function.name.clone(),
            handler: function.handler.clone(),
            limit,
            slot: Mutex::default(),
            offered: Notify::new(),
            init_failed: Notify::new(),
            polled: CancellationToken::new(),
            closed: CancellationToken::new(),
            graceful: AtomicBool::new(false),
        }
    }

    /// Gives the process its next invocation; fails when it is gone.
    pub(super) fn offer(&self, work: Work) -> Result<(), Work> {
        if self.closed.is_cancelled() {
            return Err(work);
        }
        self.slot().waiting = Some(work);
        self.offered.notify_one();
        Ok(())
    }

    /// Takes back an invocation that was never fetched; `false` when it was.
    pub(super) fn withdraw(&self) -> bool {
        self.slot().waiting.take().is_some()
    }

    /// Id of the invocation under way.
    pub(super) fn current(&self) -> Option<String> {
        self.slot().under_way.as_ref().map(|(id, _)| id.clone())
    }

    /// Waits until the process reports that it could not initialise.
    pub(super) async fn init_error(&self) -> Bytes {
        loop {
            self.init_failed.notified().await;
            if let Some(payload) = self.posted_init_error() {
                return payload;
            }
        }
    }

    pub(super) fn posted_init_error(&self) -> Option<Bytes> {
        self.slot().init_error.clone()
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        self.polled.cancel();
        let (request_id, response, payload) = loop {
            // Registered before the slot is looked at, so that no offer falls between.
            let offered = self.offered.notified();
            if let Some(taken) = self.take() {
                break taken;
            }
            offered.await;
        };
        response
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &request_id)
            .header("lambda-runtime-invoked-function-arn", &self.arn)
            .body(Full::new(payload))
            .unwrap_or_else(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "Runtime.Internal", "bad header"))
    }

    /// Moves the waiting invocation to the process.
    fn take(&self) -> Option<(String, http::response::Builder, Bytes)> {
        let mut slot = self.slot();
        let Work { request_id, payload, deadline_ms, trace, reply } = slot.waiting.take()?;
        slot.under_way = Some((request_id.clone(), reply));
        let response = Response::builder()
            .header("lambda-runtime-deadline-ms", deadline_ms.to_string())
            .header("lambda-runtime-trace-id", trace);
        Some((request_id, response, payload))
    }

    async fn post(&self, id: &str, body: Incoming, error: bool) -> Response<Full<Bytes>> {
        let (posted, response) = match read(body, self.limit).await {
            Ok(body) if error => (Posted::Error(body), accepted()),
            Ok(body) => (Posted::Response(body), accepted()),
            Err(ReadError::TooLarge) => (
                Posted::Error(Bytes::from(payloads::response_too_large(self.limit).to_string())),
                refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", "Exceeded maximum payload size"),
            ),
            // The rest never came: the process will post again, or end.
            Err(ReadError::Broken) => {
                return refusal(StatusCode::BAD_REQUEST, "TruncatedRequest", "Truncated request");
            }
        };
        let Some((_, reply)) = self.slot().under_way.take_if(|(current, _)| current == id) else {
            return refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID");
        };
        // Nobody waits any more after a timeout.
        let _ = reply.send(posted);
        response
    }

    async fn init_failure(&self, body: Incoming) -> Response<Full<Bytes>> {
        self.slot().init_error = Some(read(body, self.limit).await.unwrap_or_default());
        self.init_failed.notify_one();
        accepted()
    }

    fn register(&self) -> Response<Full<Bytes>> {
        self.graceful.store(true, Ordering::Relaxed);
        let body = json!({ "functionName": self.name, "functionVersion": "$LATEST", "handler": self.handler });
        Response::builder()
            .header("content-type", "application/json")
            .header("lambda-extension-identifier", uuid::Uuid::new_v4().to_string())
            .body(Full::new(Bytes::from(body.to_string())))
            .unwrap_or_default()
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix("/2018-06-01/runtime/").unwrap_or(parts.uri.path());
        match (&parts.method, path) {
            (&Method::GET, "invocation/next") => self.next().await,
            (&Method::POST, "init/error") => self.init_failure(body).await,
            (&Method::POST, "/2020-01-01/extension/register") => self.register(),
            // Internal extensions cannot subscribe to the shutdown; an event for them never comes.
            (&Method::GET, "/2020-01-01/extension/event/next") => std::future::pending().await,
            (&Method::POST, path) => match path.strip_prefix("invocation/").and_then(|rest| rest.split_once('/')) {
                Some((id, "response")) => self.post(id, body, false).await,
                Some((id, "error")) => self.post(id, body, true).await,
                _ => refusal(StatusCode::NOT_FOUND, "NotFound", "no such operation"),
            },
            _ => refusal(StatusCode::NOT_FOUND, "NotFound", "no such operation"),
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves the Runtime API until the process is gone.
pub(super) async fn serve(listener: TcpListener, endpoint: Arc<Endpoint>, closed: CancellationToken) {
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
        let endpoint = Arc::clone(&endpoint);
        let answer = service_fn(move |request| {
            let endpoint = Arc::clone(&endpoint);
            async move { Ok::<_, Infallible>(endpoint.answer(request).await) }
        });
        connections.spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        while connections.try_join_next().is_some() {}
    }
}

enum ReadError {
    TooLarge,
    Broken,
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

fn accepted() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(br#"{"status":"OK"}"#)));
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

fn refusal(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    let body = json!({ "errorType": kind, "errorMessage": message }).to_string();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
}
