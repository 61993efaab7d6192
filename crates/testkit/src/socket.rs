//! A WebSocket client that keeps everything it receives.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::SplitSink;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::PATIENCE;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An open connection. Frames are read as they come, in the background.
pub struct Socket {
    sink: SplitSink<Stream, Message>,
    seen: Arc<Seen>,
    reader: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default, Clone)]
struct State {
    frames: Vec<Value>,
    /// Which frames a test has asked for already.
    taken: Vec<bool>,
    /// Close code, once it is closed; 1006 if it broke.
    closed: Option<u16>,
}

impl Seen {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_waiters();
    }

    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until `find` finds something; what was received otherwise.
    async fn wait<T>(&self, mut find: impl FnMut(&mut State) -> Option<T>) -> Result<T, State> {
        let search = async {
            loop {
                // Before looking, so that nothing comes between looking and waiting.
                let changed = self.changed.notified();
                let found = find(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
                if let Some(found) = found {
                    return found;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, search).await.map_err(|_| self.state())
    }
}

impl Socket {
    pub(crate) async fn open(url: &str) -> Result<Self, u16> {
        let stream = match tokio::time::timeout(PATIENCE, tokio_tungstenite::connect_async(url)).await {
            Ok(Ok((stream, _))) => stream,
            Ok(Err(Error::Http(response))) => return Err(response.status().as_u16()),
            Ok(Err(error)) => panic!("{url}: {error}"),
            Err(late) => panic!("{url}: no answer to the handshake: {late}"),
        };
        let (sink, mut stream) = stream.split();
        let seen = Arc::<Seen>::default();
        let keeper = Arc::clone(&seen);
        let reader = tokio::spawn(async move {
            let mut code = 1006;
            while let Some(Ok(message)) = stream.next().await {
                match message {
                    Message::Text(text) => {
                        let frame = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.as_str()));
                        keeper.change(|state| {
                            state.frames.push(frame);
                            state.taken.push(false);
                        });
                    }
                    Message::Close(frame) => {
                        code = frame.map_or(1005, |frame| frame.code.into());
                        break;
                    }
                    _ => {}
                }
            }
            keeper.change(|state| state.closed = Some(code));
        });
        Ok(Self { sink, seen, reader })
    }

    /// Sends an action.
    pub async fn send(&mut self, action: &str, data: &Value) {
        self.send_text(&json!({ "action": action, "data": data }).to_string()).await;
    }

    /// Sends a text frame.
    pub async fn send_text(&mut self, text: &str) {
        self.send_frame(Message::text(text)).await;
    }

    /// Sends a binary frame.
    pub async fn send_binary(&mut self, bytes: &[u8]) {
        self.send_frame(Message::binary(bytes.to_vec())).await;
    }

    async fn send_frame(&mut self, message: Message) {
        let closed = || self.seen.state().closed;
        self.sink.send(message).await.unwrap_or_else(|error| panic!("{error}; closed: {:?}", closed()));
    }

    /// The first frame with this action that was not asked for before; waits for it.
    pub async fn expect(&self, action: &str) -> Value {
        let found = self.seen.wait(|state| {
            let mut frames = state.frames.iter().enumerate();
            let index = frames.find(|(index, frame)| !state.taken[*index] && frame["action"] == action)?.0;
            state.taken[index] = true;
            Some(state.frames[index].clone())
        });
        match found.await {
            Ok(frame) => frame,
            Err(state) => panic!("no {action}; closed: {:?}; received: {:#?}", state.closed, state.frames),
        }
    }

    /// The first frame that was not asked for before, whatever it is; waits for it.
    pub async fn next(&self) -> Value {
        let found = self.seen.wait(|state| {
            let index = state.taken.iter().position(|taken| !taken)?;
            state.taken[index] = true;
            Some(state.frames[index].clone())
        });
        match found.await {
            Ok(frame) => frame,
            Err(state) => panic!("nothing more; closed: {:?}; received: {:#?}", state.closed, state.frames),
        }
    }

    /// The code the server closed with; waits for it.
    pub async fn expect_close(&self) -> u16 {
        match self.seen.wait(|state| state.closed).await {
            Ok(code) => code,
            Err(state) => panic!("not closed; received: {:#?}", state.frames),
        }
    }

    /// Everything received so far, in order.
    pub fn received(&self) -> Vec<Value> {
        self.seen.state().frames
    }

    /// Frames with this action received so far. To see that something did *not* come, first wait for something that
    /// comes after it.
    pub fn count(&self, action: &str) -> usize {
        self.received().iter().filter(|frame| frame["action"] == action).count()
    }

    /// Closes, and waits for the server's word.
    pub async fn close(mut self) {
        // Closed already is closed as well.
        let _ = self.sink.send(Message::Close(None)).await;
        self.expect_close().await;
    }

    /// Goes away without a word, as a phone in a tunnel does.
    pub fn vanish(self) {
        self.reader.abort();
    }
}
