use serde_json::{Value, json};

use crate::support::{Bench, Phone};

async fn act(bench: &Bench, phone: &Phone, frame: &Value) {
    let services = bench.of("ws-conversation-join").await;
    bench.start_counting();
    bench.act(&services, functions::ws::conversation_join::handle, phone, frame).await;
}

async fn type_in(bench: &Bench, phone: &Phone, conversation: &str, is_typing: bool) {
    let services = bench.of("ws-message-typing").await;
    let data = json!({ "conversationId": conversation, "isTyping": is_typing });
    let frame = json!({ "action": "message:typing", "data": data });
    bench.act(&services, functions::ws::message_typing::handle, phone, &frame).await;
}

#[tokio::test]
async fn typing_goes_to_the_connections_that_look_at_the_conversation() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (id, other) = (bench.direct(&ana, &ben).await, bench.group(&ana, &[&ben]).await);
    let (looks, elsewhere, older) = (bench.phone(&ben).await, bench.phone(&ben).await, bench.phone(&ben).await);
    act(&bench, &looks, &json!({ "action": "conversation:join", "data": { "conversationId": id } })).await;
    assert_eq!(bench.used(), "BatchGetItem 1, UpdateItem 2");
    let answer = looks.expect("conversation:joined").await;
    assert_eq!(answer, json!({ "action": "conversation:joined", "conversationId": id }));
    act(&bench, &elsewhere, &json!({ "action": "conversation:join", "data": other })).await;
    assert_eq!(elsewhere.expect("conversation:joined").await["conversationId"], json!(other), "the bare id will do");

    let of_ana = bench.phone(&ana).await;
    type_in(&bench, &of_ana, &id, true).await;
    for phone in [&looks, &older] {
        assert_eq!(phone.expect("message:typing").await["conversationId"], json!(id));
    }
    bench.say(&of_ana, &id, "a message goes to all").await;
    elsewhere.expect("message:receive").await;
    assert!(elsewhere.received().iter().all(|frame| frame["action"] != "message:typing"));
}

#[tokio::test]
async fn c4_nobody_looks_at_what_is_not_theirs() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.direct(&ana, &ben).await;
    let of_cem = bench.phone(&cem).await;
    act(&bench, &of_cem, &json!({ "action": "conversation:join", "data": { "conversationId": id } })).await;
    assert_eq!(of_cem.expect("error").await["code"], "NOT_FOUND");
    for data in [json!({}), json!({ "conversationId": 7 }), json!("room 1"), json!([])] {
        act(&bench, &of_cem, &json!({ "action": "conversation:join", "data": data })).await;
        assert_eq!(of_cem.expect("error").await["code"], "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn c9_counts_against_the_limit() {
    let bench = Bench::with(&[("SocketEventsPerMinute", "1")]).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let phone = bench.phone(&ana).await;
    for answer in ["conversation:joined", "error"] {
        act(&bench, &phone, &json!({ "action": "conversation:join", "data": id })).await;
        phone.expect(answer).await;
    }
}
