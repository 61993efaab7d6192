//! C5: who was removed or has left gets nothing from then on, over a connection that was open before, and by `sync`.

use serde_json::{Value, json};

use crate::support::{Bench, Person, Phone, get, text};

/// A group of Ana, who made it, Ben, who will go, and Cem; a phone of each that looks at it.
struct Room {
    ana: Person,
    ben: Person,
    id: String,
    of_ana: Phone,
    of_ben: Phone,
    of_cem: Phone,
    said: Value,
}

async fn room(bench: &Bench) -> Room {
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "en").await;
    let id = bench.group(&ana, &[&ben, &cem]).await;
    let (of_ana, of_ben, of_cem) = (bench.phone(&ana).await, bench.phone(&ben).await, bench.phone(&cem).await);
    // Ben's own message: he would be told of it being read.
    let said = bench.say(&of_ben, &id, "said while he was in").await;
    for phone in [&of_ana, &of_ben, &of_cem] {
        bench.frame("ws-conversation-join", phone, &frame("conversation:join", &json!({ "conversationId": id }))).await;
        phone.expect("conversation:joined").await;
    }
    Room { ana, ben, id, of_ana, of_ben, of_cem, said }
}

fn frame(action: &str, data: &Value) -> Value {
    json!({ "action": action, "data": data })
}

/// Ana and Cem do everything there is to do; each time the other one hears of it.
async fn life_goes_on(bench: &Bench, room: &Room) {
    let Room { id, of_ana, of_cem, said, .. } = room;
    let of = |message: &Value, more: Value| {
        let mut data = json!({ "conversationId": id, "messageId": message["id"] });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };
    for function in ["ws-message-delivered", "ws-message-read"] {
        bench.frame(function, of_cem, &frame("", &of(said, json!({})))).await;
    }
    let new = bench.say(of_ana, id, "said behind his back").await;
    for (function, data) in [
        ("ws-message-typing", json!({ "conversationId": id, "isTyping": true })),
        ("ws-message-typing", json!({ "conversationId": id, "isTyping": false })),
        ("ws-message-reaction", of(said, json!({ "emoji": "👍" }))),
        ("ws-message-reaction", of(&new, json!({ "emoji": "👍" }))),
        ("ws-message-delivered", of(&new, json!({}))),
        ("ws-message-read", of(&new, json!({}))),
        ("ws-presence-update", json!({ "status": "away" })),
    ] {
        bench.frame(function, of_cem, &frame("", &data)).await;
    }
    for (function, data) in [
        ("ws-message-edit", of(&new, json!({ "content": "said better behind his back" }))),
        ("ws-message-delete", of(&new, json!({ "forEveryone": true }))),
    ] {
        bench.frame(function, of_ana, &frame("", &data)).await;
    }
    for heard in ["message:typing", "message:reaction", "message:delivered", "message:read", "presence:changed"] {
        of_ana.expect(heard).await;
    }
    for heard in ["message:receive", "message:edited", "message:deleted"] {
        of_cem.expect(heard).await;
    }
    assert_eq!(of_cem.count("error") + of_ana.count("error"), 0, "{:?}", of_ana.received());
}

/// What a phone got after the first so many frames, when everything that was posted to it is there.
async fn since(bench: &Bench, phone: &Phone, seen: usize) -> Vec<Value> {
    bench.frame("ws-ping", phone, &frame("ping", &json!({}))).await;
    phone.expect("pong").await;
    let all = phone.received().into_iter().skip(seen);
    all.filter(|frame| frame["action"] != "pong").collect()
}

/// Everything that `sync` tells somebody who was away since the beginning, over HTTP and over the socket.
async fn synced(bench: &Bench, person: &Person, phone: &Phone) -> [Value; 2] {
    let long_ago = domain::Timestamp::from_millis(crate::support::now().millis() - 3_600_000);
    let call = get(&format!("/api/sync?since={long_ago}")).bearer(&person.token);
    let over_http = bench.http("messages-sync", call).await.expect(200);
    bench.frame("ws-sync", phone, &frame("sync", &json!({ "since": long_ago.to_string() }))).await;
    [over_http, phone.expect("sync").await]
}

async fn hears_nothing(bench: &Bench, room: &Room) {
    // The last he gets is that he is out.
    room.of_ben.expect("participant:left").await;
    let seen = room.of_ben.received().len();
    life_goes_on(bench, room).await;
    assert_eq!(since(bench, &room.of_ben, seen).await, [json!(null); 0]);
    for told in synced(bench, &room.ben, &room.of_ben).await {
        for name in ["messages", "conversations", "receipts"] {
            assert_eq!(told[name], json!([]), "{name}: {told}");
        }
        assert!(!told.to_string().contains("behind his back"), "{told}");
    }
    // It was all there to be heard.
    let [told, _] = synced(bench, &room.ana, &room.of_ana).await;
    assert_eq!(told["conversations"][0]["id"], json!(room.id));
    assert!(!told["messages"].as_array().unwrap().is_empty() && !told["receipts"].as_array().unwrap().is_empty());

    // Nor does what he sends do anything, and a connection that he opens now is no better.
    let later = bench.phone(&room.ben).await;
    let message = text(&room.said["id"]);
    for (function, data) in [
        ("ws-message-typing", json!({ "conversationId": room.id, "isTyping": true })),
        ("ws-message-read", json!({ "conversationId": room.id, "messageId": message })),
        ("ws-message-delivered", json!({ "conversationId": room.id, "messageId": message })),
        ("ws-message-reaction", json!({ "conversationId": room.id, "messageId": message, "emoji": "👎" })),
        ("ws-conversation-join", json!({ "conversationId": room.id })),
    ] {
        for phone in [&room.of_ben, &later] {
            bench.frame(function, phone, &frame("", &data)).await;
            assert_eq!(phone.expect("error").await["code"], "NOT_FOUND", "{function}");
        }
    }
    let seen = later.received().len();
    life_goes_on(bench, room).await;
    assert_eq!(since(bench, &later, seen).await, [json!(null); 0]);
}

#[tokio::test]
async fn c5_a_removed_member_hears_nothing_more_of_any_kind() {
    let bench = Bench::start().await;
    let mut room = room(&bench).await;
    life_goes_on(&bench, &room).await;
    for heard in ["message:receive", "message:typing", "message:reaction", "message:delivered", "message:read"] {
        room.of_ben.expect(heard).await;
    }
    // Nobody has read this when he goes.
    room.said = bench.say(&room.of_ben, &room.id, "one word more").await;
    bench.remove(&room.ana, &room.id, &room.ben.id).await.expect(200);
    hears_nothing(&bench, &room).await;
}

#[tokio::test]
async fn c5_who_has_left_hears_nothing_more_of_any_kind() {
    let bench = Bench::start().await;
    let room = room(&bench).await;
    bench.leave(&room.ben, &room.id).await.expect(200);
    hears_nothing(&bench, &room).await;
}
