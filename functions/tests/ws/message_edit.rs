use app::delivery::Push;
use app::sending::Outbox;
use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields, text};

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

// On threads of their own: the clock is read, and the table written, in any order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_edits_at_once_the_list_and_the_conversation_show_the_same() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "0").await;
    let services: (Outbox, Push) = bench.of("ws-message-edit").await;
    for round in 0..5 {
        let frame = |number: usize| {
            let content = format!("{round}/{number}");
            let data = json!({ "conversationId": pair.id, "messageId": said["id"], "content": content });
            json!({ "action": "message:edit", "data": data })
        };
        let edits = (0..20).map(|number| {
            let event = pair.of_ben.event(include_str!("../events/message.json"), Some(&frame(number).to_string()));
            let (services, runtime) = (services.clone(), tokio::runtime::Handle::current());
            tokio::task::spawn_blocking(move || {
                let limit = std::time::Duration::from_secs(28);
                runtime.block_on(edge::socket::act(&services, &functions::ws::message_edit::handle, event, limit));
            })
        });
        for edited in futures_util::future::join_all(edits).await {
            edited.unwrap();
        }
        let mut told = Vec::new();
        for _ in 0..20 {
            told.push(pair.of_ana.expect("message:edited").await["message"].clone());
        }
        let shown = bench.page(&pair.ana, &pair.id).await[0].clone();
        assert_eq!(bench.last_message(&pair.ana).await["content"], shown["content"], "round {round}");
        // In whatever order the events come: which words are the last is in them.
        told.sort_by_key(|message| text(&message["editedAt"]));
        assert!(told.windows(2).all(|pair| pair[0]["editedAt"] != pair[1]["editedAt"]), "round {round}: {told:#?}");
        let (last, told_last) = (&shown["content"], &told.last().unwrap()["content"]);
        assert_eq!((told_last, &told.last().unwrap()["editedAt"]), (last, &shown["editedAt"]), "round {round}");
    }
}

#[tokio::test]
async fn of_two_edits_in_one_moment_the_words_that_came_last_stay() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let (conversation, message) =
        (domain::ConversationId::parse(&pair.id).unwrap(), domain::MessageId::parse(&text(&said["id"])).unwrap());
    let (table, ben, now) = (bench.table(), &pair.ben.actor.user, crate::support::now());
    let a_little_before = domain::Timestamp::from_millis(now.millis() - 5);
    let mut written = Vec::new();
    for (content, at) in [("first", now), ("second", now), ("third", a_little_before)] {
        let words = store::edits::Words { content, language: "en", mentions: &std::collections::BTreeSet::new() };
        let edited = store::edits::rewrite(&table, (&conversation, message), ben, &words, at).await.unwrap();
        let store::edits::Edited::Done(record) = edited else { panic!("{edited:?}") };
        written.push(record);
    }
    assert!(written.windows(2).all(|pair| pair[0].edited_at < pair[1].edited_at), "{written:?}");
    // Whoever wrote first notes it last.
    let (meta, _) = store::conversations::with_member(&table, &conversation, ben).await.unwrap().unwrap();
    let latest = meta.last_message.unwrap();
    for record in written.iter().rev() {
        let shown = store::conversations::LastMessage {
            content: record.content.clone(),
            edited_at: record.edited_at,
            ..latest.clone()
        };
        store::edits::show_as_latest(&table, &conversation, message, &shown).await.unwrap();
    }
    assert_eq!(bench.page(&pair.ana, &pair.id).await[0]["content"], "third");
    assert_eq!(bench.last_message(&pair.ana).await["content"], "third");
}

#[tokio::test]
async fn d6_a_deletion_is_shown_whatever_the_time_of_the_last_edit() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let (conversation, message) =
        (domain::ConversationId::parse(&pair.id).unwrap(), domain::MessageId::parse(&text(&said["id"])).unwrap());
    // By a clock that is ahead.
    let ahead = domain::Timestamp::from_millis(crate::support::now().millis() + 60_000);
    let words =
        store::edits::Words { content: "a secret", language: "en", mentions: &std::collections::BTreeSet::new() };
    let (table, ben) = (bench.table(), &pair.ben.actor.user);
    store::edits::rewrite(&table, (&conversation, message), ben, &words, ahead).await.unwrap();
    edit(&bench, &pair.of_ben, json!({ "conversationId": pair.id, "messageId": said["id"], "content": "a secret" }))
        .await;
    assert_eq!(bench.last_message(&pair.ana).await["content"], "a secret");
    let data = json!({ "conversationId": pair.id, "messageId": said["id"], "forEveryone": true });
    bench.frame("ws-message-delete", &pair.of_ben, &json!({ "action": "message:delete", "data": data })).await;
    pair.of_ana.expect("message:deleted").await;
    assert_eq!(bench.last_message(&pair.ana).await["deleted"], true);
    assert!(!bench.dump(&pair.id).await.contains("a secret"));
}
