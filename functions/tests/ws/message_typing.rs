use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields};

async fn types(bench: &Bench, phone: &Phone, data: Value) {
    let services = bench.of("ws-message-typing").await;
    bench.start_counting();
    let frame = json!({ "action": "message:typing", "data": data });
    bench.act(&services, functions::ws::message_typing::handle, phone, &frame).await;
}

#[tokio::test]
async fn the_others_who_look_are_told_and_nothing_is_stored() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let elsewhere = bench.phone(&pair.ana).await;
    let somewhere = domain::ConversationId::new(uuid::Uuid::from_u128(0x4000_8000_0000_0000_0001));
    let user = &pair.ana.actor.user;
    store::presence::look_at(&bench.table(), user, &elsewhere.connection, &somewhere).await.unwrap();
    let before = bench.items().await;
    for is_typing in [true, false, true] {
        types(&bench, &pair.of_ben, json!({ "conversationId": pair.id, "isTyping": is_typing })).await;
        assert_eq!(bench.used(), "BatchGetItem 1, Query 1, UpdateItem 1");
        let event = pair.of_ana.expect("message:typing").await;
        assert_eq!(fields(&event), ["action", "conversationId", "isTyping", "userId", "userName"]);
        assert_eq!((&event["userId"], &event["userName"]), (&json!(pair.ben.id), &json!("ben")));
        assert_eq!((&event["conversationId"], &event["isTyping"]), (&json!(pair.id), &json!(is_typing)));
    }
    assert_eq!(bench.items().await, before);
    bench.say(&pair.of_ben, &pair.id, "done").await;
    elsewhere.expect("message:receive").await;
    assert_eq!((elsewhere.count("message:typing"), pair.of_ben.count("message:typing")), (0, 0));
}

#[tokio::test]
async fn c9_the_same_again_is_not_told_again_but_counts() {
    let bench = Bench::with(&[("SocketEventsPerMinute", "6")]).await;
    let pair = bench.pair().await;
    // The windows are a minute and two seconds: on a slow machine one of each may end within this.
    for _ in 0..5 {
        types(&bench, &pair.of_ben, json!({ "conversationId": pair.id, "isTyping": true })).await;
    }
    bench.say(&pair.of_ben, &pair.id, "done").await;
    pair.of_ana.expect("message:receive").await;
    let told = pair.of_ana.count("message:typing");
    assert!((1..5).contains(&told), "{told}");
    let mut codes = Vec::new();
    for _ in 0..8 {
        types(&bench, &pair.of_ben, json!({ "conversationId": pair.id, "isTyping": true })).await;
        bench.frame("ws-ping", &pair.of_ben, &json!({ "action": "ping" })).await;
        codes.push(pair.of_ben.next().await["code"].clone());
    }
    assert!(codes.contains(&json!("RATE_LIMITED")), "{codes:?}");
}

#[tokio::test]
async fn c4_who_is_not_a_member_reaches_nobody() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let of_eve = bench.phone(&eve).await;
    types(&bench, &of_eve, json!({ "conversationId": pair.id, "isTyping": true })).await;
    assert_eq!(of_eve.expect("error").await["code"], "NOT_FOUND");
    types(&bench, &of_eve, json!({ "conversationId": "c", "isTyping": "yes" })).await;
    assert_eq!(fields(&of_eve.expect("error").await["details"]), ["conversationId", "isTyping"]);
    bench.say(&pair.of_ben, &pair.id, "hm").await;
    pair.of_ana.expect("message:receive").await;
    assert_eq!(pair.of_ana.count("message:typing"), 0);
}
