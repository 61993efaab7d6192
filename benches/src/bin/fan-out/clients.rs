//! WebSocket clients that note when the last of them has received something.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::stream::{self, SplitSink};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Handshakes under way at once: each asks two functions, and more would start more processes of them.
const AT_ONCE: usize = 8;
/// Far more than anything takes.
const PATIENCE: Duration = Duration::from_mins(1);
/// In every frame that counts.
pub(crate) const RECEIVED: &str = "message:receive";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Open connections to one server.
pub(crate) struct Clients {
    /// The first of them sends.
    sender: SplitSink<Socket, Message>,
    arrivals: Arc<Arrivals>,
    // A connection ends with its sending half.
    _others: Vec<SplitSink<Socket, Message>>,
}

#[derive(Default)]
struct Arrivals {
    expected: AtomicUsize,
    count: AtomicUsize,
    last: Mutex<Option<(Instant, String)>>,
    complete: Notify,
}

impl Arrivals {
    fn arrived(&self, text: &str) {
        let now = Instant::now();
        if self.count.fetch_add(1, Ordering::AcqRel) + 1 == self.expected.load(Ordering::Acquire) {
            *self.last.lock().expect("no panic") = Some((now, text.to_owned()));
            self.complete.notify_one();
        }
    }
}

impl Clients {
    /// Connects to these addresses.
    pub(crate) async fn connect(addresses: Vec<String>) -> Self {
        let arrivals = Arc::<Arrivals>::default();
        let connecting = addresses.into_iter().map(|address| connect(address, Arc::clone(&arrivals)));
        let mut sinks: Vec<_> = stream::iter(connecting).buffered(AT_ONCE).collect().await;
        let sender = sinks.remove(0);
        Self { sender, arrivals, _others: sinks }
    }

    /// The first client sends a frame: how long it takes until so many clients have received something, and what the
    /// last of them did.
    pub(crate) async fn round(&mut self, frame: String, receivers: usize) -> (Duration, String) {
        let Arrivals { expected, count, last, complete } = &*self.arrivals;
        count.store(0, Ordering::Release);
        expected.store(receivers, Ordering::Release);
        let start = Instant::now();
        self.sender.send(Message::text(frame)).await.expect("an open connection");
        let all = tokio::time::timeout(PATIENCE, complete.notified()).await;
        assert!(all.is_ok(), "{} of {receivers} received it", count.load(Ordering::Acquire));
        let (at, text) = last.lock().expect("no panic").take().expect("the last one's time");
        (at - start, text)
    }
}

async fn connect(address: String, arrivals: Arc<Arrivals>) -> SplitSink<Socket, Message> {
    let (socket, _) = connect_async(&address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    let (sink, mut frames) = socket.split();
    tokio::spawn(async move {
        while let Some(Ok(frame)) = frames.next().await {
            if let Message::Text(text) = frame
                && text.contains(RECEIVED)
            {
                arrivals.arrived(&text);
            }
        }
    });
    sink
}
