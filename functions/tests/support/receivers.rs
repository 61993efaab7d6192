//! `@connections` on loopback, with receivers that are full or slow: what a real gateway makes of a phone in a tunnel,
//! at the moment that a test wants it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use app::delivery::Push;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::Bench;

/// How a post ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// 200.
    Delivered,
    /// 429: the receiver's buffer is full (gateway fact M-12).
    Full,
    /// Whoever posted did not wait for the answer.
    GivenUp,
}

/// One post.
#[derive(Debug, Clone)]
pub struct Posted {
    /// To which connection.
    pub to: String,
    /// What.
    pub event: Value,
    /// How it ended.
    pub ended: Ended,
    /// When it came.
    pub at: Instant,
}

#[derive(Default)]
struct State {
    /// How often a connection is full before it takes something.
    full: BTreeMap<String, usize>,
    /// A connection is answered when all of these have got something.
    after: BTreeMap<String, BTreeSet<String>>,
    posted: Vec<Posted>,
}

/// The receivers. They go when this is dropped.
pub struct LoopbackReceivers {
    address: String,
    state: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LoopbackReceivers {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl LoopbackReceivers {
    /// On a free port. Everybody takes everything at once.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Shared>::default();
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, state, serving }
    }

    /// What posts to them, in the name of a function.
    pub fn push(&self, bench: &Bench, function: &str) -> Push {
        let sdk = bench.services.sdk(function);
        let config = aws_sdk_apigatewaymanagement::config::Builder::from(&sdk).endpoint_url(&self.address).build();
        Push::new(&config)
    }

    /// From now on, a connection is full for so many posts.
    pub fn fill(&self, connection: &str, posts: usize) {
        self.state.state().full.insert(connection.to_owned(), posts);
    }

    /// From now on, a connection is answered only when these others have got something.
    pub fn hold_until(&self, connection: &str, others: &[&str]) {
        let others = others.iter().map(|other| (*other).to_owned()).collect();
        self.state.state().after.insert(connection.to_owned(), others);
    }

    /// Every post so far, in the order in which they ended.
    pub fn posted(&self) -> Vec<Posted> {
        self.state.state().posted.clone()
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    while let Some((to, event)) = read(&mut stream).await {
        let at = Instant::now();
        let held = async {
            let mut changes = shared.changed.subscribe();
            let is_held = |state: &State| {
                let got = |other: &String| {
                    state.posted.iter().any(|posted| posted.to == *other && posted.ended == Ended::Delivered)
                };
                state.after.get(&to).is_some_and(|others| !others.iter().all(got))
            };
            while is_held(&shared.state()) {
                changes.changed().await.unwrap();
            }
        };
        // Nothing more is sent before the answer: what can be read is the end.
        let waited = tokio::select! {
            () = held => true,
            _ = stream.fill_buf() => false,
        };
        let ended = {
            let mut state = shared.state();
            let full = state.full.get_mut(&to).filter(|left| **left > 0);
            let ended = match full {
                _ if !waited => Ended::GivenUp,
                Some(left) => {
                    *left -= 1;
                    Ended::Full
                }
                None => Ended::Delivered,
            };
            state.posted.push(Posted { to, event, ended, at });
            ended
        };
        shared.changed.send_replace(());
        let answer = match ended {
            Ended::Delivered => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            Ended::Full => {
                "HTTP/1.1 429 Too Many Requests\r\nx-amzn-errortype: LimitExceededException\r\n\
                 content-type: application/json\r\ncontent-length: 28\r\n\r\n{\"message\":\"Limit exceeded\"}"
            }
            Ended::GivenUp => return,
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The next post on a connection: to whom, and what.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let to = line.split(' ').nth(1)?.rsplit('/').next()?.replace("%3D", "=");
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((to, serde_json::from_slice(&body).ok()?))
}
