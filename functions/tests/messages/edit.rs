use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, call, fields, text};

async fn edit(bench: &Bench, person: &Person, conversation: &str, message: &Value, body: &Value) -> Answer {
    let services = bench.of("messages-edit").await;
    bench.start_counting();
    let message = text(message);
    let path = format!("/api/conversations/{conversation}/messages/{message}");
    let call = call("PATCH", &path, Some(body)).path("conversationId", conversation).path("messageId", &message);
    call.bearer(&person.token).to(&services, functions::messages::edit::handle).await
}

#[tokio::test]
async fn the_sender_changes_what_everybody_sees() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "The weather is lovely today.").await;
    let words = "The weather is awful today.";
    let answer = edit(&bench, &pair.ben, &pair.id, &said["id"], &json!({ "content": words })).await;
    assert_eq!(bench.used(), "BatchGetItem 2, PutItem 2, Query 1, TranslateText 1, UpdateItem 5");
    let message = answer.expect(200)["message"].clone();
    assert_eq!((&message["content"], &message["edited"]), (&json!(words), &json!(true)));
    assert!(message["editedAt"].is_string());
    let event = pair.of_ana.expect("message:edited").await;
    assert_eq!(event["message"]["translatedContent"], format!("«es» {words}"));
    assert_eq!(pair.of_ben.expect("message:edited").await["message"], message);
    assert_eq!(bench.page(&pair.ana, &pair.id).await[0], event["message"]);
    assert_eq!(bench.last_message(&pair.ana).await["translatedContent"], format!("«es» {words}"));
}

#[tokio::test]
async fn d6_the_old_words_are_nowhere_any_more() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let secret = "My number is in the drawer, do not tell.";
    let said = bench.say(&pair.of_ben, &pair.id, secret).await;
    let reply = json!({ "content": "ok", "replyTo": { "messageId": said["id"] } });
    bench.say_with(&pair.of_ana, &pair.id, reply).await;
    edit(&bench, &pair.ben, &pair.id, &said["id"], &json!({ "content": "Never mind." })).await.expect(200);
    let page = bench.page(&pair.ana, &pair.id).await;
    assert!(!json!(page).to_string().contains("drawer"));
    assert_eq!(page[1]["replyTo"]["content"], "Never mind.", "an answer shows what is said now");
    assert!(!bench.dump(&pair.id).await.contains("drawer"), "nothing of it is kept in the conversation");
}

#[tokio::test]
async fn only_the_sender_can_and_only_while_it_is_there() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let body = json!({ "content": "bye" });
    edit(&bench, &pair.ana, &pair.id, &said["id"], &body).await.refused(403, "FORBIDDEN");
    edit(&bench, &eve, &pair.id, &said["id"], &body).await.refused(404, "NOT_FOUND");
    let unknown = json!(domain::MessageId::new(1, [9; 10]).to_string());
    edit(&bench, &pair.ben, &pair.id, &unknown, &body).await.refused(404, "NOT_FOUND");
    edit(&bench, &pair.ben, &pair.id, &json!("msg_1"), &body).await.refused(404, "NOT_FOUND");
    assert_eq!(bench.page(&pair.ana, &pair.id).await[0]["content"], "hello");
    assert_eq!(pair.of_ana.count("message:edited"), 0);
    let key =
        (&domain::ConversationId::parse(&pair.id).unwrap(), domain::MessageId::parse(&text(&said["id"])).unwrap());
    store::edits::delete(&bench.table(), key, &pair.ben.actor.user, crate::support::now()).await.unwrap();
    edit(&bench, &pair.ben, &pair.id, &said["id"], &body).await.refused(409, "CONFLICT");
    for (body, field) in [
        (json!({}), "content"),
        (json!({ "content": " " }), "content"),
        (json!({ "content": "x".repeat(5001) }), "content"),
    ] {
        let details = edit(&bench, &pair.ben, &pair.id, &said["id"], &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), [field]);
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("messages-edit").await;
    let call = call("PATCH", "/api/conversations/x/messages/y", Some(&json!({})));
    call.to(&services, functions::messages::edit::handle).await.refused(401, "UNAUTHORIZED");
}
