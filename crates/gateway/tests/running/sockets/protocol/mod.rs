//! RFC 6455 case by case, in the sections of the Autobahn test suite. What API Gateway refuses is refused here:
//! compression (sections 12 and 13 do not apply), binary messages (W-28), frames over 32 KB and messages over 128 KB
//! (W-27, in place of section 9's megabytes).

mod closing;
mod framing;
mod raw;
mod utf8;

use gateway::MessageOrder;
use serde_json::Value;

use crate::support::{Plan, Stack};
use raw::{Frame, Raw, TEXT, frame};

/// A gateway whose function answers every message with the event it got, one after the other.
async fn echo() -> Stack {
    let plan = Plan::new().socket(&["$default", "$disconnect"]).two_way("$default");
    plan.behaviour(|behaviour| behaviour.message_order = MessageOrder::InOrder).start().await
}

impl Raw {
    /// The text that the function got.
    async fn echoed(&mut self) -> String {
        let event: Value = serde_json::from_str(&self.text().await).unwrap();
        event["body"].as_str().unwrap().to_owned()
    }

    /// That the connection still works.
    async fn works(&mut self) {
        self.send(&[frame(TEXT, "still here")]).await;
        assert_eq!(self.echoed().await, "still here");
    }
}

/// Sends frames on a connection of their own; the gateway must end it with this code.
async fn refused(stack: &Stack, frames: &[Frame], code: u16) {
    let mut client = Raw::open(stack).await;
    client.send(frames).await;
    assert_eq!(client.closed().await, code, "{frames:?}");
}
