//! K7: what is written is not lost when whoever wrote it ends before telling anybody.

use app::sending::Outbox;
use serde_json::{Value, json};

use crate::support::{Bench, LoopbackReceivers, get, text};

#[tokio::test]
async fn k7_a_message_that_nobody_was_told_of_is_there_once_for_everybody() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let begin = get("/api/sync").bearer(&pair.ana.token);
    let cursor = text(&bench.http("messages-sync", begin).await.expect(200)["cursor"]);
    let receivers = LoopbackReceivers::start().await;
    let push = receivers.push(&bench, "ws-message-send");
    // Nobody is ever answered: the invocation ends while it posts.
    for phone in [&pair.of_ana, &pair.of_ben] {
        receivers.hold_until(phone.connection.as_str(), &["nobody="]);
    }
    let services = (Outbox { push: push.clone(), ..bench.of("ws-message-send").await }, push);
    let data = json!({ "conversationId": pair.id, "content": "Was it heard?", "tempId": "t" });
    let frame = json!({ "action": "message:send", "data": data });
    let stored = async {
        while bench.page(&pair.ben, &pair.id).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = bench.act(&services, functions::ws::message_send::handle, &pair.of_ben, &frame) => {}
        () = stored => {}
    }
    drop(services);
    assert_eq!((pair.of_ana.received(), pair.of_ben.received()), (vec![], vec![]), "nobody was told");

    // Ana is not told, and learns of it; Ben tries again, and it is the same one.
    let since = get(&format!("/api/sync?since={cursor}")).bearer(&pair.ana.token);
    let told = bench.http("messages-sync", since).await.expect(200)["messages"].clone();
    let contents: Vec<&Value> = told.as_array().unwrap().iter().map(|message| &message["content"]).collect();
    assert_eq!(contents, [&json!("Was it heard?")]);
    bench.frame("ws-message-send", &pair.of_ben, &frame).await;
    assert_eq!(pair.of_ben.expect("message:receive").await["message"]["id"], told[0]["id"]);
    assert_eq!(bench.page(&pair.ana, &pair.id).await.len(), 1);
}
