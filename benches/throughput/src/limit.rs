//! The limits: the same function straight over its Runtime API, and a WebSocket server that only echoes.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::load::Round;

/// The event that API Gateway sends for the request that all sides get.
const EVENT: &[u8] = include_bytes!("event.json");

/// Processes of the function, each with a Runtime API that has the next event ready as soon as it is asked.
pub(crate) struct Straight {
    running: watch::Sender<bool>,
    answers: Arc<Mutex<Vec<Duration>>>,
    _processes: Vec<Child>,
}

struct Api {
    running: watch::Receiver<bool>,
    answers: Arc<Mutex<Vec<Duration>>>,
    handed: Mutex<Instant>,
}

impl Straight {
    /// Starts so many processes.
    pub(crate) async fn start(function: &Path, processes: usize) -> Self {
        let (running, asked) = watch::channel(false);
        let answers = Arc::<Mutex<Vec<Duration>>>::default();
        let mut started = Vec::new();
        for _ in 0..processes {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
            let address = listener.local_addr().expect("an address").to_string();
            let api = Api { running: asked.clone(), answers: Arc::clone(&answers), handed: Mutex::new(Instant::now()) };
            tokio::spawn(serve(listener, Arc::new(api)));
            let mut command = Command::new(function);
            command.env_clear().env("AWS_LAMBDA_RUNTIME_API", address).kill_on_drop(true);
            command.envs([("AWS_LAMBDA_FUNCTION_NAME", "trivial"), ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")]);
            command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128").stdout(std::process::Stdio::null());
            started.push(command.spawn().expect("the function"));
        }
        Self { running, answers, _processes: started }
    }

    /// Lets them work for a while.
    pub(crate) async fn round(&self, length: Duration) -> Round {
        let start = Instant::now();
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.running.send_replace(true);
        tokio::time::sleep(length).await;
        self.running.send_replace(false);
        let took = start.elapsed();
        (std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner)), took)
    }
}

async fn serve(listener: TcpListener, api: Arc<Api>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let api = Arc::clone(&api);
        let service = service_fn(move |request| {
            let api = Arc::clone(&api);
            async move { Ok::<_, Infallible>(answer(&api, request).await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(api: &Api, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.uri().path().ends_with("/invocation/next") {
        // It ends with the measurement.
        let _ = api.running.clone().wait_for(|running| *running).await;
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + Duration::from_secs(20);
        *api.handed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let event = Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
            .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
            .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:trivial")
            .header("lambda-runtime-trace-id", "Root=1-68d48a2c-1bae89e2512ec92d5d9438a0;Sampled=0");
        return event.body(Full::new(Bytes::from_static(EVENT))).expect("a response");
    }
    let _ = request.into_body().collect().await;
    let took = api.handed.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
    api.answers.lock().unwrap_or_else(PoisonError::into_inner).push(took);
    let mut accepted = Response::new(Full::default());
    *accepted.status_mut() = StatusCode::ACCEPTED;
    accepted
}

/// Starts a WebSocket server that sends back what it gets; its address.
pub(crate) async fn echo() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = format!("ws://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(send_back(stream));
        }
    });
    address
}

async fn send_back(stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() && socket.send(message).await.is_err() {
            return;
        }
    }
}
