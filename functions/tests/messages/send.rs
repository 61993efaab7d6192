use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, fields, post};

async fn send(bench: &Bench, person: &Person, conversation: &str, body: &Value) -> Answer {
    let services = bench.of("messages-send").await;
    bench.start_counting();
    let path = format!("/api/conversations/{conversation}/messages");
    let call = post(&path, body).path("conversationId", conversation).bearer(&person.token);
    call.to(&services, functions::messages::send::handle).await
}

const WEATHER: &str = "The weather is lovely today, is it not?";

#[tokio::test]
async fn has_the_effect_of_the_action_and_answers_with_the_message() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let body = json!({ "content": WEATHER, "type": "TEXT", "clientMessageId": "t1" });
    let answer = send(&bench, &pair.ben, &pair.id, &body).await;
    assert_eq!(
        bench.used(),
        "BatchGetItem 2, PutItem 3, Query 1, TranslateText 1, UpdateItem 5",
        "what the action uses, and the count of the request",
    );
    assert!(answer.header("x-ratelimit-limit").is_some());
    let body = answer.expect(201);
    assert_eq!(fields(&body), ["message"]);
    let message = &body["message"];
    assert_eq!((&message["senderId"], &message["seq"]), (&json!(pair.ben.id), &json!(1)));
    assert_eq!(message["translatedContent"], WEATHER);

    let received = pair.of_ana.expect("message:receive").await;
    assert_eq!(received["message"]["id"], message["id"]);
    assert_eq!(received["message"]["translatedContent"], format!("«es» {WEATHER}"));
    let own = pair.of_ben.expect("message:receive").await;
    assert_eq!((&own["message"], &own["tempId"]), (message, &json!("t1")));
}

#[tokio::test]
async fn c10_a_retry_is_the_same_message_over_either_way() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let body = json!({ "content": WEATHER, "tempId": "t1" });
    let first = send(&bench, &pair.ben, &pair.id, &body).await.expect(201);
    let again = send(&bench, &pair.ben, &pair.id, &body).await;
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 2, PutItem 1, Query 1, UpdateItem 2");
    assert_eq!(again.expect(200), first);
    pair.of_ben.expect("message:receive").await;
    let over_socket = bench.say_with(&pair.of_ben, &pair.id, body).await;
    assert_eq!(over_socket, first["message"]);
    assert_eq!(pair.of_ana.count("message:receive"), 1);
}

#[tokio::test]
async fn the_limit_of_messages_is_shared_with_the_socket() {
    let bench = Bench::with(&[("MessagesPerMinute", "2")]).await;
    let pair = bench.pair().await;
    bench.say(&pair.of_ben, &pair.id, "one").await;
    send(&bench, &pair.ben, &pair.id, &json!({ "content": "two" })).await.expect(201);
    let refused = send(&bench, &pair.ben, &pair.id, &json!({ "content": "three" })).await;
    assert!(refused.header("retry-after").is_some());
    refused.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn a_translator_that_hangs_does_not_hold_the_answer_up_for_long() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    bench.services.translator.hold();
    send(&bench, &pair.ben, &pair.id, &json!({ "content": WEATHER })).await.expect(201);
    assert_eq!(pair.of_ana.expect("message:receive").await["message"]["translatedContent"], WEATHER);
    bench.services.translator.release();
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let bad = json!({ "conversationId": "mine", "content": 7, "type": "sticker", "replyTo": {}, "tempId": "" });
    let details = send(&bench, &pair.ben, &pair.id, &bad).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["content", "replyTo.messageId", "tempId", "type"]);
    let details = send(&bench, &pair.ben, &pair.id, &json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["content"]);
}

#[tokio::test]
async fn c4_who_is_not_a_member_writes_nothing_and_reaches_nobody() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    bench.status_of(&eve).await;
    let before = bench.items().await;
    for id in [pair.id.as_str(), "conv_00000000-0000-4000-8000-000000000000", "conv_abc"] {
        send(&bench, &eve, id, &json!({ "content": "hi", "tempId": "t" })).await.refused(404, "NOT_FOUND");
    }
    assert_eq!(bench.items().await, before);
    assert_eq!(pair.of_ana.count("message:receive"), 0);
    let services = bench.of("messages-send").await;
    let call = post("/api/conversations/x/messages", &json!({})).path("conversationId", &pair.id);
    call.to(&services, functions::messages::send::handle).await.refused(401, "UNAUTHORIZED");
}
