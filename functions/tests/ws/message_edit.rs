use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields};

async fn edit(bench: &Bench, phone: &Phone, data: Value) {
    let services = bench.of("ws-message-edit").await;
    bench.start_counting();
    let frame = json!({ "action": "message:edit", "data": data });
    bench.act(&services, functions::ws::message_edit::handle, phone, &frame).await;
}

#[tokio::test]
async fn everybody_gets_the_new_words_in_their_language() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "The weather is lovely today.").await;
    let words = "El tiempo de hoy es horrible y mañana tampoco va a mejorar, así que nos quedamos en casa.";
    edit(&bench, &pair.of_ben, json!({ "conversationId": pair.id, "messageId": said["id"], "content": words })).await;
    assert_eq!(bench.used(), "BatchGetItem 1, PutItem 1, Query 1, UpdateItem 4", "Ana can read it as it is");
    let event = pair.of_ana.expect("message:edited").await;
    assert_eq!(fields(&event), ["action", "message"]);
    let message = &event["message"];
    assert_eq!((&message["id"], &message["originalLanguage"]), (&said["id"], &json!("es")));
    assert_eq!((&message["translatedContent"], &message["edited"]), (&json!(words), &json!(true)));
    assert_eq!(message["createdAt"], said["createdAt"]);
    assert_eq!(pair.of_ben.expect("message:edited").await["message"]["content"], words);
}

#[tokio::test]
async fn a_translation_that_comes_late_follows() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hm").await;
    pair.of_ana.expect("message:receive").await;
    bench.services.translator.hold();
    let words = "The weather is lovely today.";
    let services = bench.of("ws-message-edit").await;
    let data = json!({ "conversationId": pair.id, "messageId": said["id"], "content": words });
    let frame = json!({ "action": "message:edit", "data": data });
    let editing = bench.act(&services, functions::ws::message_edit::handle, &pair.of_ben, &frame);
    let reading = async {
        assert_eq!(pair.of_ana.expect("message:edited").await["message"]["translatedContent"], words);
        bench.services.translator.release();
        let later = pair.of_ana.expect("message:updated").await["message"].clone();
        assert_eq!((&later["translatedContent"], &later["edited"]), (&json!(format!("«es» {words}")), &json!(true)));
    };
    tokio::join!(editing, reading);
}

#[tokio::test]
async fn c4_nobody_else_edits_and_nobody_hears_of_the_attempt() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let of_eve = bench.phone(&eve).await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let data = json!({ "conversationId": pair.id, "messageId": said["id"], "content": "bye" });
    for (phone, code) in [(&pair.of_ana, "FORBIDDEN"), (&of_eve, "NOT_FOUND")] {
        edit(&bench, phone, data.clone()).await;
        let error = phone.expect("error").await;
        assert_eq!((&error["code"], &error["request"]), (&json!(code), &json!("message:edit")));
    }
    edit(&bench, &pair.of_ben, json!({ "content": "  " })).await;
    let error = pair.of_ben.expect("error").await;
    assert_eq!(fields(&error["details"]), ["content", "conversationId", "messageId"]);
    assert_eq!(bench.page(&pair.ana, &pair.id).await[0]["content"], "hello");
    assert_eq!(pair.of_ana.count("message:edited"), 0);
}

#[tokio::test]
async fn c9_an_edit_counts_as_a_message() {
    let bench = Bench::with(&[("MessagesPerMinute", "2")]).await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    for expected in ["message:edited", "error"] {
        let data = json!({ "conversationId": pair.id, "messageId": said["id"], "content": "bye" });
        edit(&bench, &pair.of_ben, data).await;
        assert_eq!(pair.of_ben.next().await["action"], expected);
    }
}

#[tokio::test]
async fn of_edits_at_once_the_list_and_the_conversation_show_the_same() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "0").await;
    let services = bench.of("ws-message-edit").await;
    let frames: Vec<Value> = (0..20)
        .map(|number| {
            let data = json!({ "conversationId": pair.id, "messageId": said["id"], "content": number.to_string() });
            json!({ "action": "message:edit", "data": data })
        })
        .collect();
    for frame in &frames {
        bench.act(&services, functions::ws::message_edit::handle, &pair.of_ben, frame).await;
    }
    let shown = bench.page(&pair.ana, &pair.id).await[0]["content"].clone();
    assert_eq!((&bench.last_message(&pair.ana).await["content"], &shown), (&shown, &json!("19")));
}
