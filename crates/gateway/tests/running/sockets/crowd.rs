//! Many connections at once. Ten thousand, with their memory, are a measurement: `benches/src/bin/sockets`.

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use gateway::report::FrameKind;
use gateway::{Event, Signatures};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Client, Plan, Stack};

const CROWD: usize = 1_000;
/// Handshakes and posts on their way at once.
const AT_ONCE: usize = 32;

/// Both ends of every connection are files of this process.
fn allow_files(wanted: u64) {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    assert!(most >= wanted, "this needs {wanted} open files, and `ulimit -Hn` is {most}");
    if limit.current.is_some_and(|now| now < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }).unwrap();
    }
}

async fn ids(stack: &mut Stack) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < CROWD {
        let connected = |event: &Event| match event {
            Event::Frame(frame) if frame.kind == FrameKind::Connect => Some(frame.connection_id.clone()),
            _ => None,
        };
        ids.push(stack.until(connected).await);
    }
    ids
}

#[tokio::test]
async fn a_thousand_connections_are_all_served() {
    allow_files(4 * CROWD as u64);
    let plan = Plan::new().socket(&["$default", "$disconnect"]).two_way("$default");
    let plan = plan.limits(|limits| limits.handshakes = u32::MAX);
    let mut stack = plan.behaviour(|behaviour| behaviour.signatures = Signatures::Optional).start().await;
    let connecting = stream::iter(0..CROWD).map(|_| stack.connect("/dev"));
    let mut clients: Vec<Client> = connecting.buffer_unordered(AT_ONCE).collect().await;
    let ids = ids(&mut stack).await;

    for client in clients.iter_mut().step_by(CROWD / 5) {
        client.send("one of many").await;
        assert_eq!(client.json().await["body"], "one of many");
    }
    let http = reqwest::Client::new();
    let posting = stream::iter(&ids).for_each_concurrent(AT_ONCE, |id| {
        let id = id.replace('=', "%3D");
        let post = http.post(stack.url(&format!("/dev/@connections/{id}"))).body("to everybody").send();
        async { assert_eq!(post.await.unwrap().status(), 200) }
    });
    let reading = join_all(clients.iter_mut().map(|client| async { assert_eq!(client.text().await, "to everybody") }));
    tokio::join!(posting, reading);
}
