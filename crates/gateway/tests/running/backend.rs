//! An HTTP server on loopback, behind routes: it answers with what it was asked, or as the path says.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// The server, and what it was asked.
pub(crate) struct Backend {
    pub(crate) address: String,
    asked: mpsc::UnboundedReceiver<Value>,
    requests: watch::Receiver<usize>,
}

impl Backend {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, asked) = mpsc::unbounded_channel();
        let (count, requests) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tell, count) = (tell.clone(), count.clone());
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(request, tell.clone(), count.clone()));
                    let connection = hyper::server::conn::http1::Builder::new();
                    // What the gateway hangs up on is its affair.
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, asked, requests }
    }

    /// The next request: `{method, target, headers: {name: [values]}, body}`.
    pub(crate) async fn asked(&mut self) -> Value {
        let asked = tokio::time::timeout(crate::support::PATIENCE, self.asked.recv()).await;
        asked.expect("never asked").unwrap()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn was_asked(&mut self, times: usize) {
        let waiting = self.requests.wait_for(|requests| *requests >= times);
        tokio::time::timeout(crate::support::PATIENCE, waiting).await.expect("never asked").unwrap();
    }
}

/// `/status/404`: that status, two cookies and a header of this connection; `/silent`: nothing, ever; `/hang-up`: an
/// end of the connection; `/big/7`: so many bytes; `/text/{text}`: that text; else the request as JSON.
async fn answer(
    request: Request<Incoming>,
    tell: mpsc::UnboundedSender<Value>,
    count: watch::Sender<usize>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut headers = serde_json::Map::new();
    for name in parts.headers.keys() {
        let values = parts.headers.get_all(name).iter().map(|value| value.to_str().unwrap().into());
        headers.insert(name.as_str().to_owned(), Value::Array(values.collect()));
    }
    let target = parts.uri.path_and_query().unwrap().as_str();
    let method = parts.method.as_str();
    let asked =
        json!({ "method": method, "target": target, "headers": headers, "body": String::from_utf8_lossy(&body) });
    // The test may be over.
    let _ = tell.send(asked.clone());
    count.send_modify(|count| *count += 1);
    let response = Response::builder().header("x-backend", "here");
    let text = |text: String| Full::new(Bytes::from(text));
    let mut segments = parts.uri.path().split('/').skip(1);
    Ok(match (segments.next().unwrap_or_default(), segments.next().unwrap_or_default()) {
        ("status", status) => response
            .status(status.parse::<u16>().unwrap())
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .header("connection", "x-hop")
            .header("x-hop", "1")
            .body(text(format!("{{\"status\":{status}}}"))),
        ("silent", _) => std::future::pending().await,
        #[expect(clippy::panic, reason = "the connection ends with its task")]
        ("hang-up", _) => panic!("as asked"),
        ("big", bytes) => response.body(text("x".repeat(bytes.parse().unwrap()))),
        ("text", plain) => response.body(text(plain.to_owned())),
        _ => response.header("content-type", "application/json").body(text(asked.to_string())),
    }
    .unwrap())
}
