use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields};

async fn read(bench: &Bench, phone: &Phone, data: Value) {
    let services = bench.of("ws-message-read").await;
    bench.start_counting();
    let frame = json!({ "action": "message:read", "data": data });
    bench.act(&services, functions::ws::message_read::handle, phone, &frame).await;
}

#[tokio::test]
async fn the_sender_is_told_and_the_status_follows() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let data = json!({ "conversationId": pair.id, "messageId": said["id"], "messageTimestamp": said["createdAt"] });
    read(&bench, &pair.of_ana, data).await;
    assert_eq!(bench.used(), "BatchGetItem 2, GetItem 2, UpdateItem 2");
    let event = pair.of_ben.expect("message:read").await;
    assert_eq!(
        fields(&event),
        ["action", "conversationId", "messageId", "messageTimestamp", "readAt", "readBy", "userId"]
    );
    assert_eq!((&event["messageId"], &event["readBy"]), (&said["id"], &json!(pair.ana.id)));
    assert_eq!(event["messageTimestamp"], said["createdAt"]);
    let shown = &bench.page(&pair.ben, &pair.id).await[0];
    assert_eq!((&shown["status"], &shown["readBy"]), (&json!("read"), &json!([pair.ana.id])));
    assert_eq!(bench.last_message(&pair.ben).await["status"], "read");
}

#[tokio::test]
async fn k6_the_marker_never_goes_back_and_tells_once() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let mut said = Vec::new();
    for number in 0..5 {
        said.push(bench.say(&pair.of_ben, &pair.id, &number.to_string()).await);
    }
    let services = bench.of("ws-message-read").await;
    // An older client sends no timestamp; fifty at once, in no order.
    let frames: Vec<Value> = (0..50)
        .map(|number| {
            let data = json!({ "conversationId": pair.id, "messageId": said[number * 7 % 5]["id"] });
            json!({ "action": "message:read", "data": data })
        })
        .collect();
    let reads =
        frames.iter().map(|frame| bench.act(&services, functions::ws::message_read::handle, &pair.of_ana, frame));
    futures_util::future::join_all(reads).await;
    let conversation = domain::ConversationId::parse(&pair.id).unwrap();
    let marker = async || {
        let place = store::members::get(&bench.table(), &conversation, &pair.ana.actor.user).await.unwrap().unwrap();
        place.last_read_seq
    };
    assert_eq!(marker().await, 5);
    read(&bench, &pair.of_ana, json!({ "conversationId": pair.id, "messageId": said[0]["id"] })).await;
    assert_eq!((marker().await, bench.used().contains("BatchGetItem 2")), (5, false));
    bench.say(&pair.of_ana, &pair.id, "later").await;
    let told = pair.of_ben.count("message:read");
    assert!((1..=5).contains(&told), "each message at most once: {told}");
    assert_eq!(pair.of_ana.count("error"), 0);
}

#[tokio::test]
async fn k6_a_message_that_does_not_exist_moves_nothing() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    bench.say(&pair.of_ben, &pair.id, "hello").await;
    let far = domain::MessageId::new(1_000_000, [1; 10]).to_string();
    read(&bench, &pair.of_ana, json!({ "conversationId": pair.id, "messageId": far })).await;
    assert_eq!(pair.of_ana.expect("error").await["message"], "Message not found");
    let conversation = domain::ConversationId::parse(&pair.id).unwrap();
    let place = store::members::get(&bench.table(), &conversation, &pair.ana.actor.user).await.unwrap().unwrap();
    assert_eq!(place.last_read_seq, 0);
    read(&bench, &pair.of_ana, json!({ "messageId": "x" })).await;
    assert_eq!(fields(&pair.of_ana.expect("error").await["details"]), ["conversationId", "messageId"]);
}

#[tokio::test]
async fn c4_who_is_not_a_member_moves_nothing_and_tells_nobody() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let of_eve = bench.phone(&eve).await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let before = bench.items().await;
    read(&bench, &of_eve, json!({ "conversationId": pair.id, "messageId": said["id"] })).await;
    assert_eq!(of_eve.expect("error").await["message"], "Conversation not found");
    assert_eq!(bench.items().await, before);
    bench.say(&pair.of_ana, &pair.id, "later").await;
    pair.of_ben.expect("message:receive").await;
    assert_eq!(pair.of_ben.count("message:read"), 0);
}
