//! Clients that do no more than they have to: their memory and time are not what is measured.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::SinkExt;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Handshakes, messages and posts that are on their way at once.
const AT_ONCE: usize = 48;
/// Connections from one of this machine's addresses: there are some 28,000 ports for each.
const FROM_ONE_ADDRESS: usize = 20_000;
/// For one step of one client; on the way are the steps of all others.
const PATIENCE: Duration = Duration::from_mins(2);

/// Open connections, with their ids once they have been introduced.
pub(crate) struct Clients(Vec<Client>);

struct Client {
    socket: WebSocketStream<TcpStream>,
    id: String,
}

impl Clients {
    /// Opens so many.
    pub(crate) async fn open(address: &str, count: usize) -> Self {
        let address: SocketAddr = address.parse().expect("an address");
        let opening = stream::iter(0..count).map(|number| open(address, number));
        Self(opening.buffer_unordered(AT_ONCE).collect().await)
    }

    /// Every client sends a message, and the function answers it with the connection's id.
    pub(crate) async fn introduce(&mut self) {
        stream::iter(&mut self.0)
            .for_each_concurrent(AT_ONCE, |client| async move { client.id = client.round().await })
            .await;
    }

    /// One client's message, and its answer.
    pub(crate) async fn round(&mut self, number: usize) {
        let client = &mut self.0[number];
        assert_eq!(client.round().await, client.id);
    }

    /// Posts to every connection, and waits until each has it.
    pub(crate) async fn broadcast(&mut self, address: &str, text: &'static str) {
        let http = reqwest::Client::new();
        let posts = self.0.iter().map(|client| {
            let id = client.id.replace('=', "%3D");
            http.post(format!("http://{address}/dev/@connections/{id}")).body(text).send()
        });
        let posts: Vec<_> = posts.collect();
        let posting = stream::iter(posts).for_each_concurrent(AT_ONCE, |post| async {
            assert_eq!(post.await.expect("an answer").status(), 200);
        });
        let reading = join_all(self.0.iter_mut().map(|client| async { assert_eq!(client.next().await, text) }));
        tokio::join!(posting, reading);
    }

    /// Closes all of them, and waits for the gateway's answers.
    pub(crate) async fn close(self) {
        stream::iter(self.0)
            .for_each_concurrent(AT_ONCE, |mut client| async move {
                client.socket.close(None).await.expect("an open connection");
                while let Some(Ok(_)) = client.socket.next().await {}
            })
            .await;
    }
}

async fn open(address: SocketAddr, number: usize) -> Client {
    let from = u8::try_from(2 + number / FROM_ONE_ADDRESS).expect("few enough");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::new(127, 0, 0, from), 0).into()).expect("a port");
    let stream = socket.connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("an open connection");
    let config = WebSocketConfig::default().read_buffer_size(512).write_buffer_size(0);
    let url = format!("ws://{address}/dev");
    let opened = tokio_tungstenite::client_async_with_config(url, stream, Some(config)).await;
    Client { socket: opened.expect("a handshake").0, id: String::new() }
}

impl Client {
    async fn round(&mut self) -> String {
        self.socket.send(Message::text("{}")).await.expect("an open connection");
        self.next().await
    }

    async fn next(&mut self) -> String {
        let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        let message = next.expect("no message").expect("an open connection").expect("a frame");
        message.into_text().expect("text").as_str().to_owned()
    }
}
