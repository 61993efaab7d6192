//! WebSocket APIs over a socket.

mod authorizer;
mod closing;
mod crowd;
mod handshake;
mod iam;
mod integrations;
mod messages;
mod protocol;
mod templates;

use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Stack, seen_by_function};

const ALL: &[&str] = &["$connect", "$disconnect", "$default", "named"];

/// The next event of a kind that a function saw.
async fn saw(stack: &mut Stack, kind: &str) -> Value {
    stack.until(|event| seen_by_function(event).filter(|event| event["requestContext"]["eventType"] == kind)).await
}

async fn disconnected(stack: &mut Stack) -> (u64, String) {
    let event = saw(stack, "DISCONNECT").await;
    let context = &event["requestContext"];
    (context["disconnectStatusCode"].as_u64().unwrap(), context["disconnectReason"].as_str().unwrap().to_owned())
}

fn text_frame(payload: Vec<u8>, code: Data, last: bool) -> Message {
    Message::Frame(RawFrame::message(payload, OpCode::Data(code), last))
}
