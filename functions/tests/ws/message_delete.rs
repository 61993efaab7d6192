use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields};

async fn delete(bench: &Bench, phone: &Phone, action: &str, data: Value) {
    let services = bench.of("ws-message-delete").await;
    bench.start_counting();
    let frame = json!({ "action": action, "data": data });
    bench.act(&services, functions::ws::message_delete::handle, phone, &frame).await;
}

#[tokio::test]
async fn everybody_is_told_when_it_is_for_everybody() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    for (action, more) in [("message:delete", json!({ "forEveryone": true })), ("message:deleted", json!({}))] {
        let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
        let mut data = more;
        data["conversationId"] = json!(pair.id);
        data["messageId"] = said["id"].clone();
        delete(&bench, &pair.of_ben, action, data).await;
        assert_eq!(bench.used(), "BatchGetItem 1, PutItem 1, Query 1, UpdateItem 4");
        for phone in [&pair.of_ana, &pair.of_ben] {
            assert_eq!(phone.expect("message:deleted").await["messageId"], said["id"]);
        }
        let page = bench.page(&pair.ana, &pair.id).await;
        let last = page.last().unwrap();
        assert_eq!((&last["deleted"], &last["content"]), (&json!(true), &json!("")));
    }
}

#[tokio::test]
async fn an_older_client_that_announces_what_it_deleted_over_http_does_no_harm() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let data = json!({ "conversationId": pair.id, "messageId": said["id"] });
    delete(&bench, &pair.of_ben, "message:deleted", data.clone()).await;
    delete(&bench, &pair.of_ben, "message:deleted", data).await;
    // Something that comes after both.
    bench.say(&pair.of_ben, &pair.id, "later").await;
    assert_eq!(pair.of_ana.count("message:deleted"), 1);
    assert_eq!(pair.of_ben.count("error"), 0);
}

#[tokio::test]
async fn for_oneself_nobody_is_told() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let data = json!({ "conversationId": pair.id, "messageId": said["id"] });
    delete(&bench, &pair.of_ana, "message:delete", data).await;
    assert!(bench.page(&pair.ana, &pair.id).await.is_empty());
    assert_eq!(bench.page(&pair.ben, &pair.id).await[0]["content"], "hello");
    bench.say(&pair.of_ben, &pair.id, "later").await;
    assert_eq!((pair.of_ana.count("message:deleted"), pair.of_ben.count("message:deleted")), (0, 0));
}

#[tokio::test]
async fn c4_nobody_else_deletes_for_everybody() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let of_eve = bench.phone(&eve).await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let data = json!({ "conversationId": pair.id, "messageId": said["id"], "participantIds": [eve.id] });
    for (phone, code) in [(&pair.of_ana, "FORBIDDEN"), (&of_eve, "NOT_FOUND")] {
        delete(&bench, phone, "message:deleted", data.clone()).await;
        assert_eq!(phone.expect("error").await["code"], code);
    }
    delete(&bench, &pair.of_ben, "message:delete", json!({ "forEveryone": "yes" })).await;
    let error = pair.of_ben.expect("error").await;
    assert_eq!(fields(&error["details"]), ["conversationId", "forEveryone", "messageId"]);
    assert_eq!(bench.page(&pair.ana, &pair.id).await[0]["content"], "hello");
    assert_eq!(pair.of_ana.count("message:deleted"), 0);
}
