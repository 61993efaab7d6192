//! The whole product as people use it, played once on one stack: every route and every action, in the dialect of today's
//! clients and in that of older ones, with what each person sees of what the others do.
//!
//! `permissions.rs` plays it and compares what the functions used with what they may do, so each story also goes the ways
//! that cost a permission of their own: a connection that is to be closed, a file that is to be removed, a crowd.

mod accounts;
mod attachments;
mod crowds;
pub(crate) mod elsewhere;
mod erasure;
mod export;
mod friends;
mod groups;
mod messages;
mod notifications;
mod people;
mod places;
mod pushes;
mod sockets;
mod sync;

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{LoopbackIssuer, LoopbackPushService, Person, Socket, TestStack};

use crate::PARLANCE;

/// From so many live connections on a function shares its posts: few enough that a test can be a crowd.
const CROWD: usize = 4;

/// A stack with Google and Apple on loopback.
pub(crate) struct Stage {
    pub(crate) stack: TestStack,
    pub(crate) google: LoopbackIssuer,
    apple: LoopbackIssuer,
    browsers: LoopbackPushService,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let (google, apple) = (LoopbackIssuer::start().await, LoopbackIssuer::start().await);
        let mut builder = TestStack::builder(PARLANCE).parameter("FanOutFrom", &CROWD.to_string());
        // Whatever ends is too large for one invocation, and an inspection takes longer than a download waits.
        builder = builder.parameter("ClearPages", "1").parameter("InspectionWaitMs", "200");
        builder = builder.parameter("ErasePages", "1").parameter("EraseAfterSeconds", "0");
        // Browsers of this machine, and those that the page about other products and `events/` name: nothing is ever
        // pushed to them.
        let hosts = format!("{},fcm.googleapis.com,updates.push.services.mozilla.com", LoopbackPushService::HOSTS.1);
        builder = builder.parameter(LoopbackPushService::HOSTS.0, &hosts);
        let browsers = LoopbackPushService::start().await;
        for (name, value) in google.as_google().into_iter().chain(apple.as_apple()) {
            builder = builder.parameter(name, &value);
        }
        Self { stack: builder.start().await, google, apple, browsers }
    }
}

/// Plays every story.
pub(crate) async fn everything(stage: &Stage) {
    let stack = &stage.stack;
    accounts::play(stack).await;
    elsewhere::play(stage).await;
    people::play(stack).await;
    friends::play(stack).await;
    notifications::play(stack).await;
    pushes::play(stage).await;
    groups::play(stack).await;
    places::play(stack).await;
    messages::play(stack).await;
    attachments::play(stack).await;
    sync::play(stack).await;
    sockets::play(stack).await;
    crowds::play(stack).await;
    export::play(stack).await;
    erasure::play(stack).await;
}

/// How somebody asks for what can be asked for in three ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By a route.
    Http,
    /// By an action over the socket.
    Socket,
    /// The same in the older clients' envelope `{ type, payload }`.
    Older,
}

const WAYS: [Way; 3] = [Way::Http, Way::Socket, Way::Older];

/// Sends an action in the older clients' envelope.
async fn send_older(socket: &mut Socket, action: &str, payload: &Value) {
    socket.send_text(&json!({ "type": action, "payload": payload }).to_string()).await;
}

/// Sends an action in one of the two envelopes.
async fn send(socket: &mut Socket, way: Way, action: &str, data: &Value) {
    match way {
        Way::Older => send_older(socket, action, data).await,
        _ => socket.send(action, data).await,
    }
}

/// Sends a message that everybody can read as it is, and waits until these connections have it. The message as its
/// sender sees it.
async fn say(sender: &mut Socket, conversation: &str, content: &str, others: &[&Socket]) -> Value {
    sender.send("message:send", &json!({ "conversationId": conversation, "content": content })).await;
    let message = sender.expect("message:receive").await["message"].clone();
    for other in others {
        assert_eq!(other.expect("message:receive").await["message"]["id"], message["id"]);
    }
    message
}

/// The id in a message, a conversation or an answer that holds one of them.
fn id(value: &Value) -> String {
    let found = ["/id", "/message/id", "/conversation/id"].iter().find_map(|place| value.pointer(place));
    found.and_then(Value::as_str).unwrap_or_else(|| panic!("no id in {value:#}")).to_owned()
}

/// The row of a conversation in somebody's list, if it is there.
async fn listed(person: &Person, conversation: &str) -> Option<Value> {
    let list = person.get("/api/conversations", 200).await;
    let rows = list["conversations"].as_array().unwrap_or_else(|| panic!("{list:#}"));
    rows.iter().find(|row| row["id"] == conversation).cloned()
}

/// Whether something holds is asked again and again until it does, for what nobody is told of.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(testkit::PATIENCE, asking).await.unwrap_or_else(|_| panic!("never: {what}"));
}
