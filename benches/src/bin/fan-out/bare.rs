//! A WebSocket server that does nothing but broadcast: what a fan-out costs without a backend.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

type Outboxes = Arc<Mutex<Vec<mpsc::UnboundedSender<Utf8Bytes>>>>;

/// Starts it; gives its address. Whoever sends `<count> <payload>` has the payload sent to the first so many
/// connections, its own among them.
pub(crate) async fn start() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = format!("ws://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let outboxes = Outboxes::default();
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("a socket option");
            let (outbox, outgoing) = mpsc::unbounded_channel();
            outboxes.lock().expect("no panic").push(outbox);
            tokio::spawn(serve(stream, outgoing, Arc::clone(&outboxes)));
        }
    });
    address
}

async fn serve(stream: TcpStream, mut outgoing: mpsc::UnboundedReceiver<Utf8Bytes>, outboxes: Outboxes) {
    let (mut sink, mut frames) = accept_async(stream).await.expect("a handshake").split();
    tokio::spawn(async move {
        while let Some(text) = outgoing.recv().await {
            sink.send(Message::Text(text)).await.expect("an open connection");
        }
    });
    while let Some(Ok(frame)) = frames.next().await {
        let Message::Text(text) = frame else { continue };
        let (count, payload) = text.split_once(' ').expect("a count and a payload");
        let (count, payload) = (count.parse().expect("a count"), Utf8Bytes::from(payload));
        for outbox in &outboxes.lock().expect("no panic")[..count] {
            outbox.send(payload.clone()).expect("an open connection");
        }
    }
}
