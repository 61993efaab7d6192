//! Lambda's Invoke API on loopback, for asynchronous invocations: it takes them, and whoever measures runs them.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// Takes every asynchronous invocation, and runs none.
pub struct LoopbackLambda {
    url: String,
    taken: Arc<Mutex<Vec<Bytes>>>,
}

impl LoopbackLambda {
    /// Listens on a free loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let taken = Arc::<Mutex<Vec<Bytes>>>::default();
        tokio::spawn(serve(listener, Arc::clone(&taken)));
        Self { url, taken }
    }

    /// The value for `AWS_ENDPOINT_URL_LAMBDA`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The payloads that were taken since this was last asked for.
    pub fn take(&self) -> Vec<Bytes> {
        std::mem::take(&mut *self.taken.lock().expect("no panic"))
    }
}

async fn serve(listener: TcpListener, taken: Arc<Mutex<Vec<Bytes>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let taken = Arc::clone(&taken);
        let service = service_fn(move |request| {
            let taken = Arc::clone(&taken);
            async move { Ok::<_, Infallible>(answer(&taken, request).await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(taken: &Mutex<Vec<Bytes>>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let asynchronous = request.headers().get("x-amz-invocation-type").is_some_and(|kind| kind == "Event");
    assert!(asynchronous && request.uri().path().ends_with("/invocations"), "{request:?}");
    let payload = request.into_body().collect().await.expect("a payload").to_bytes();
    taken.lock().expect("no panic").push(payload);
    let mut accepted = Response::new(Full::default());
    *accepted.status_mut() = StatusCode::ACCEPTED;
    accepted
}
