//! Frame path: the bytes a client sends on an open WebSocket, to the choice of routes and the end of the connection.

use std::io::{self, Read, Write};

use gateway::Limits;
use gateway::socket::event::{self, Moment};
use gateway::socket::{frames, select};
use jiff::Timestamp;
use serde_json::Value;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::sample;

/// What the client sent, and nothing more; what is written is thrown away.
struct Sent<'a>(&'a [u8]);

impl Read for Sent<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Sent<'_> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads frames until the connection ends, as the shell does.
pub fn run(data: &[u8]) {
    let api = sample::websocket_api("$request.body.action");
    let combined = sample::websocket_api("${request.body.a}-${request.body.b.c}");
    let session = sample::session(None);
    let moment = Moment { request_id: "r", now: Timestamp::UNIX_EPOCH };
    let limits = Limits::default();
    let mut socket = WebSocket::from_raw_socket(Sent(data), Role::Server, Some(frames::config(&limits)));
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => {
                assert!(text.len() <= limits.message);
                let _ = select::choose(&combined, &text);
                let (key, _) = select::choose(&api, &text).expect("there is a default");
                assert!(!matches!(key, "$connect" | "$disconnect"), "{key}");
                let event = event::message(&session, moment, key, "m", &text, false);
                let event: Value = serde_json::from_slice(&event).expect("an event is JSON");
                assert_eq!(event["body"], text.as_str());
            }
            Ok(Message::Close(frame)) => {
                let closing = frames::closing(frame.as_ref());
                let event = event::disconnect(&session, moment, &closing);
                let event: Value = serde_json::from_slice(&event).expect("an event is JSON");
                assert_eq!(event["requestContext"]["disconnectStatusCode"], closing.code);
            }
            Ok(Message::Binary(bytes)) => assert!(bytes.len() <= limits.message),
            Ok(Message::Ping(bytes) | Message::Pong(bytes)) => assert!(bytes.len() <= 125),
            Ok(Message::Frame(_)) => unreachable!("frames are not read raw"),
            Err(error) => {
                let refusal = frames::refusal(&error);
                assert!(!matches!(error, Error::Capacity(_) | Error::Utf8(_)) || refusal.is_some(), "{error}");
                return;
            }
        }
    }
}
