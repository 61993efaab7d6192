use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, call, fields, text};

async fn delete(
    bench: &Bench,
    person: &Person,
    conversation: &str,
    message: &Value,
    how: (&str, Option<Value>),
) -> Answer {
    let services = bench.of("messages-delete").await;
    bench.start_counting();
    let (message, (query, body)) = (text(message), how);
    let path = format!("/api/conversations/{conversation}/messages/{message}{query}");
    let call = call("DELETE", &path, body.as_ref()).path("conversationId", conversation).path("messageId", &message);
    call.bearer(&person.token).to(&services, functions::messages::delete::handle).await
}

fn for_everyone() -> (&'static str, Option<Value>) {
    ("", Some(json!({ "forEveryone": true })))
}

#[tokio::test]
async fn d6_for_everyone_nothing_of_it_is_left_but_its_place() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "My number is in the drawer, do not tell.").await;
    let reply = json!({ "content": "ok", "replyTo": { "messageId": said["id"] } });
    let (conversation, id) =
        (domain::ConversationId::parse(&pair.id).unwrap(), domain::MessageId::parse(&text(&said["id"])).unwrap());
    let emoji = domain::message::Emoji::parse("👍").unwrap();
    store::reactions::toggle(&bench.table(), &conversation, id, &pair.ana.actor.user, &emoji).await.unwrap();

    let before = bench.page(&pair.ana, &pair.id).await;
    assert_eq!(before[0]["reactions"], json!({ "👍": [pair.ana.id] }));
    let answer = delete(&bench, &pair.ben, &pair.id, &said["id"], for_everyone()).await;
    assert_eq!(bench.used(), "BatchGetItem 1, PutItem 1, Query 1, UpdateItem 5");
    let body = answer.expect(200);
    assert_eq!(
        fields(&body),
        ["conversationId", "deletedAt", "deletedForEveryone", "messageId", "participantIds", "success"]
    );
    assert_eq!((&body["messageId"], &body["deletedForEveryone"]), (&said["id"], &json!(true)));
    assert_eq!(body["participantIds"].as_array().unwrap().len(), 2);
    for phone in [&pair.of_ana, &pair.of_ben] {
        let event = phone.expect("message:deleted").await;
        assert_eq!(fields(&event), ["action", "conversationId", "deletedAt", "deletedBy", "messageId"]);
        assert_eq!((&event["deletedBy"], &event["deletedAt"]), (&json!(pair.ben.id), &body["deletedAt"]));
    }
    let last = bench.last_message(&pair.ana).await;
    assert_eq!((&last["content"], &last["deleted"]), (&json!(""), &json!(true)));
    let left = &bench.page(&pair.ana, &pair.id).await[0];
    assert_eq!((&left["id"], &left["deleted"], &left["deletedAt"]), (&said["id"], &json!(true), &body["deletedAt"]));
    assert_eq!(
        (&left["content"], &left["translatedContent"], &left["reactions"]),
        (&json!(""), &json!(""), &json!({}))
    );
    assert!(!bench.dump(&pair.id).await.contains("drawer"));

    // Nobody can answer what is gone; again it is as before, and nobody hears of it.
    let services = bench.of("ws-message-send").await;
    let mut data = reply;
    data["conversationId"] = json!(pair.id);
    let frame = json!({ "action": "message:send", "data": data });
    bench.act(&services, functions::ws::message_send::handle, &pair.of_ana, &frame).await;
    assert_eq!(fields(&pair.of_ana.expect("error").await["details"]), ["replyTo.messageId"]);
    assert_eq!(delete(&bench, &pair.ben, &pair.id, &said["id"], for_everyone()).await.expect(200), body);
    assert_eq!(pair.of_ana.count("message:deleted"), 1);
}

#[tokio::test]
async fn d6_an_answer_shows_nothing_of_what_was_deleted() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "My number is in the drawer, do not tell.").await;
    let answer = json!({ "content": "ok", "replyTo": { "messageId": said["id"] } });
    let answered = bench.say_with(&pair.of_ana, &pair.id, answer).await;
    assert_eq!(answered["replyTo"]["content"], "My number is in the drawer, do not tell.");
    delete(&bench, &pair.ben, &pair.id, &said["id"], for_everyone()).await.expect(200);
    let page = bench.page(&pair.ana, &pair.id).await;
    assert_eq!((&page[1]["replyTo"]["messageId"], &page[1]["replyTo"]["content"]), (&said["id"], &json!("")));
    assert!(!bench.dump(&pair.id).await.contains("drawer"));
    assert_eq!(bench.last_message(&pair.ana).await["content"], "ok", "the latest is another");
}

#[tokio::test]
async fn for_oneself_it_is_gone_from_ones_own_view_alone() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    bench.say(&pair.of_ben, &pair.id, "again").await;
    for how in [("", None), ("?forEveryone=false", Some(json!({})))] {
        let answer = delete(&bench, &pair.ana, &pair.id, &said["id"], how).await;
        assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, PutItem 2, UpdateItem 1");
        let body = answer.expect(200);
        assert_eq!(fields(&body), ["conversationId", "deletedForMe", "messageId", "success"]);
    }
    let contents = async |person: &Person| -> Vec<String> {
        bench.page(person, &pair.id).await.iter().map(|message| text(&message["content"])).collect()
    };
    assert_eq!(contents(&pair.ana).await, ["again"]);
    assert_eq!(bench.last_message(&pair.ana).await["content"], "again");
    assert_eq!(contents(&pair.ben).await, ["hello", "again"]);
    assert_eq!(pair.of_ben.count("message:deleted"), 0);

    // The latest is not shown by the list either.
    let latest = bench.page(&pair.ben, &pair.id).await[1]["id"].clone();
    delete(&bench, &pair.ana, &pair.id, &latest, ("", None)).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, PutItem 2, UpdateItem 2");
    assert_eq!(bench.last_message(&pair.ana).await, Value::Null);
    assert_eq!(bench.last_message(&pair.ben).await["content"], "again");
}

#[tokio::test]
async fn only_the_sender_deletes_for_everyone() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    for how in [for_everyone(), ("?forEveryone=true", None)] {
        delete(&bench, &pair.ana, &pair.id, &said["id"], how).await.refused(403, "FORBIDDEN");
    }
    for how in [for_everyone(), ("", None)] {
        delete(&bench, &eve, &pair.id, &said["id"], how.clone()).await.refused(404, "NOT_FOUND");
        let unknown = json!(domain::MessageId::new(7, [9; 10]).to_string());
        delete(&bench, &pair.ben, &pair.id, &unknown, how).await.refused(404, "NOT_FOUND");
    }
    for how in [("?forEveryone=perhaps", None), ("", Some(json!({ "forEveryone": 1 })))] {
        let details = delete(&bench, &pair.ben, &pair.id, &said["id"], how).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["forEveryone"]);
    }
    assert_eq!(bench.page(&pair.ana, &pair.id).await[0]["content"], "hello");
    let services = bench.of("messages-delete").await;
    let call = call("DELETE", "/api/conversations/x/messages/y", None);
    call.to(&services, functions::messages::delete::handle).await.refused(401, "UNAUTHORIZED");
}
