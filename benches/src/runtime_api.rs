//! The part of Lambda's Runtime API that a function needs to be asked: for one process, a given event as often as it
//! polls, with the moments at which the process polled and answered.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::process;

/// One invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// When the process asked for the event.
    pub polled: Instant,
    /// When its answer was here.
    pub answered: Instant,
    /// Most memory that the process had had by then, in kilobytes.
    pub peak_memory: u64,
    /// Processor time that it had used by then.
    pub cpu_time: Duration,
    /// The answer.
    pub answer: Value,
}

/// A process that has been started, with its own Runtime API.
pub struct Started {
    /// When it was started.
    pub at: Instant,
    child: Child,
    invocations: mpsc::UnboundedReceiver<Invocation>,
    server: JoinHandle<()>,
}

/// Starts a program as Lambda does: empty environment but for `environment` and what the Runtime API asks for.
pub async fn start(mut program: Command, environment: &[(String, String)], event: &Value) -> Started {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let api = listener.local_addr().expect("an address").to_string();
    program
        .env_clear()
        .envs(environment.iter().cloned())
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true);
    let at = Instant::now();
    let child = program.spawn().unwrap_or_else(|error| panic!("{program:?}: {error}"));
    let (sender, invocations) = mpsc::unbounded_channel();
    let api = Api {
        event: event.to_string().into(),
        process: child.id().expect("a running process"),
        polled: Arc::new(Mutex::new(at)),
        invocations: sender,
    };
    Started { at, child, invocations, server: tokio::spawn(api.serve(listener)) }
}

impl Started {
    /// The next answer.
    pub async fn answer(&mut self) -> Invocation {
        tokio::select! {
            invocation = self.invocations.recv() => invocation.expect("the Runtime API runs as long as this"),
            ended = self.child.wait() => panic!("the function ended: {ended:?}"),
        }
    }

    /// Ends the process.
    pub async fn stop(mut self) {
        self.child.kill().await.expect("a process of ours");
        self.server.abort();
    }
}

#[derive(Clone)]
struct Api {
    event: Bytes,
    process: u32,
    polled: Arc<Mutex<Instant>>,
    invocations: mpsc::UnboundedSender<Invocation>,
}

impl Api {
    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("a socket option");
            let api = self.clone();
            let service = service_fn(move |request| {
                let api = api.clone();
                async move { Ok::<_, Infallible>(api.reply(request).await) }
            });
            // A connection ends with the process, whenever that is.
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }

    async fn reply(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.uri().path().ends_with("/invocation/next") {
            *self.polled.lock().expect("no panic") = Instant::now();
            let deadline = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock") + Duration::from_secs(20);
            let event = Response::builder()
                .header("content-type", "application/json")
                .header("lambda-runtime-aws-request-id", uuid::Uuid::new_v4().to_string())
                .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
                .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench")
                .header("lambda-runtime-trace-id", "Root=1-68d48a2c-1bae89e2512ec92d5d9438a0;Sampled=0");
            return event.body(Full::new(self.event.clone())).expect("a response");
        }
        let path = request.uri().path().to_owned();
        let body = request.into_body().collect().await.expect("a body").to_bytes();
        let answered = Instant::now();
        assert!(path.ends_with("/response"), "{path}: {}", String::from_utf8_lossy(&body));
        // Nobody may want to know any more.
        let _ = self.invocations.send(Invocation {
            polled: *self.polled.lock().expect("no panic"),
            answered,
            peak_memory: process::peak_memory(self.process),
            cpu_time: process::cpu_time(self.process),
            answer: serde_json::from_slice(&body).expect("a JSON answer"),
        });
        let mut accepted = Response::new(Full::default());
        *accepted.status_mut() = StatusCode::ACCEPTED;
        accepted
    }
}
