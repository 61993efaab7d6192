use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, fields, get, text};

async fn show(bench: &Bench, person: &Person, conversation: &str, message: &Value) -> Answer {
    let services = bench.of("messages-get").await;
    bench.start_counting();
    let message = text(message);
    let path = format!("/api/conversations/{conversation}/messages/{message}");
    let call = get(&path).path("conversationId", conversation).path("messageId", &message).bearer(&person.token);
    call.to(&services, functions::messages::get::handle).await
}

#[tokio::test]
async fn shows_the_message_and_how_far_each_has_come() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eva = bench.person("eva", "en").await;
    let group = json!({ "type": "group", "participantIds": [pair.ana.id, eva.id] });
    let id = bench.conversation(&pair.ben, &group).await;
    let said = bench.say(&pair.of_ben, &id, "The weather is lovely today.").await;
    let (conversation, message) =
        (domain::ConversationId::parse(&id).unwrap(), domain::MessageId::parse(&text(&said["id"])).unwrap());
    let place = (&conversation, &eva.actor.user);
    let marker = store::members::Marker::Read;
    store::members::move_marker(&bench.table(), place, marker, message.sequence(), crate::support::now())
        .await
        .unwrap();

    let answer = show(&bench, &pair.ana, &id, &said["id"]).await;
    assert_eq!(bench.used(), "BatchGetItem 3, GetItem 1, Query 3, UpdateItem 1");
    let body = answer.expect(200);
    assert_eq!(fields(&body), ["message", "receipts"]);
    assert_eq!(body["message"], bench.page(&pair.ana, &id).await[0]);
    assert_eq!(body["message"]["translatedContent"], "«es» The weather is lovely today.");
    let mut receipts = body["receipts"].as_array().unwrap().clone();
    receipts.sort_by_key(|receipt| text(&receipt["status"]));
    let expected = [json!({ "userId": eva.id, "status": "read" }), json!({ "userId": pair.ana.id, "status": "sent" })];
    assert_eq!(receipts, expected);
}

#[tokio::test]
async fn d2_what_the_caller_does_not_see_is_not_there() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    show(&bench, &eve, &pair.id, &said["id"]).await.refused(404, "NOT_FOUND");
    let elsewhere = bench.conversation(&pair.ben, &json!({ "type": "group", "participantIds": [eve.id] })).await;
    show(&bench, &eve, &elsewhere, &said["id"]).await.refused(404, "NOT_FOUND");
    show(&bench, &pair.ana, &pair.id, &json!("msg_7")).await.refused(404, "NOT_FOUND");
    let (conversation, message) =
        (domain::ConversationId::parse(&pair.id).unwrap(), domain::MessageId::parse(&text(&said["id"])).unwrap());
    let user = &pair.ana.actor.user;
    store::hidden::hide(&bench.table(), user, &conversation, message, crate::support::now()).await.unwrap();
    show(&bench, &pair.ana, &pair.id, &said["id"]).await.refused(404, "NOT_FOUND");
    show(&bench, &pair.ben, &pair.id, &said["id"]).await.expect(200);
    let services = bench.of("messages-get").await;
    get("/api/conversations/x/messages/y")
        .to(&services, functions::messages::get::handle)
        .await
        .refused(401, "UNAUTHORIZED");
}
