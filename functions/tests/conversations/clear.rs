use std::time::Duration;

use app::delivery::Push;
use app::ending::{Cleaner, Clearing};
use app::files::Files;
use domain::{ConversationId, MessageId};
use edge::{ClearPages, Guard};
use serde_json::{Value, json};
use store::Table;
use store::ended;
use store::messages::{self, MessageRecord};
use testkit::{PNG, upload};

use crate::support::{Bench, Pair, get, now, post, text};

const LIMIT: Duration = Duration::from_secs(28);

type Services = (Table, Files, Cleaner, ClearPages);

async fn clear(bench: &Bench, id: &str) -> bool {
    let services: Services = bench.of("conversations-clear").await;
    bench.start_counting();
    let clearing = Clearing { conversation_id: id.to_owned() };
    edge::invocation::run(&services, &functions::conversations::clear::handle, clearing, "r", LIMIT).await
}

/// Sends a picture; where it can be downloaded.
async fn send_picture(bench: &Bench, pair: &Pair) -> String {
    let body = json!({
        "fileName": "a.png", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": pair.id,
    });
    let services = bench.of("attachments-upload-url").await;
    let call = post("/api/attachments/upload-url", &body).bearer(&pair.ben.token);
    let told: Value = call.to(&services, functions::attachments::upload_url::handle).await.expect(200);
    assert_eq!(upload(&text(&told["uploadUrl"]), "image/png", PNG).await, 200);
    let data = json!({ "content": "", "type": "image", "attachment": { "id": told["attachmentId"] } });
    bench.say_with(&pair.of_ben, &pair.id, data).await;
    bench.inspect(&pair.id).await;
    address(bench, pair, &text(&told["key"])).await
}

/// Where somebody could download a file while the conversation was there.
async fn address(bench: &Bench, pair: &Pair, key: &str) -> String {
    let services = bench.of("attachments-download-url").await;
    let call = get(&format!("/api/attachments/download-url?key={key}")).bearer(&pair.ana.token);
    text(&call.to(&services, functions::attachments::download_url::handle).await.expect(200)["downloadUrl"])
}

async fn is_there(address: &str) -> bool {
    reqwest::get(address).await.unwrap().status() == 200
}

async fn end(bench: &Bench, pair: &Pair) {
    let asked = json!({ "forEveryone": true });
    bench.delete(&pair.ben, &pair.id, "", Some(&asked)).await.expect(200);
}

#[tokio::test]
async fn what_is_left_of_an_ended_conversation_goes_with_its_files() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let picture = send_picture(&bench, &pair).await;
    end(&bench, &pair).await;
    assert!(is_there(&picture).await && !bench.dump(&pair.id).await.is_empty());
    assert!(clear(&bench, &pair.id).await);
    assert_eq!(bench.used(), "BatchWriteItem 1, DeleteItem 1, DeleteObject 2, GetItem 1, Query 3");
    assert!(!is_there(&picture).await);
    assert_eq!(bench.dump(&pair.id).await, "");
    assert!(ended::left_over(&bench.table(), now().plus(LIMIT), 10).await.unwrap().is_empty());
    // Lambda delivers at least once.
    assert!(clear(&bench, &pair.id).await);
}

#[tokio::test]
async fn an_interrupted_clearing_is_finished_with_the_next() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let picture = send_picture(&bench, &pair).await;
    let id = ConversationId::parse(&pair.id).unwrap();
    let table = bench.table();
    for number in 100..1_300 {
        let message = MessageId::new(number, [0; 10]);
        let record = MessageRecord {
            id: message.to_string(),
            sender: pair.ben.id.clone(),
            kind: "text".to_owned(),
            content: "x".to_owned(),
            language: "en".to_owned(),
            translate: false,
            reply_to: None,
            attachment: None,
            created_at: now().millis(),
            edited_at: None,
            deleted_at: None,
            mentions: std::collections::BTreeSet::new(),
            reactions: std::collections::BTreeMap::default(),
        };
        messages::put(&table, &id, message, &record).await.unwrap();
    }
    end(&bench, &pair).await;

    // As when its process is killed: it is dropped between two of its requests.
    let services: Services = bench.of("conversations-clear").await;
    let (_, files, cleaner, _) = &services;
    let begun = async {
        while !bench.used().contains("BatchWriteItem") {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = app::ending::clear(&services.0, files, cleaner, &id, 10, now()) => panic!("nothing interrupted it"),
        () = begun => {}
    }
    let left = ended::remains(&table, &id).await.unwrap();
    assert!(!left.is_empty(), "something is left");

    // Somebody else's conversation ends half an hour later.
    let (cem, dia) = (bench.person("cem", "tr").await, bench.person("dia", "pt").await);
    let other = ConversationId::parse(&bench.direct(&cem, &dia).await).unwrap();
    let asked = json!({ "forEveryone": true });
    bench.delete(&cem, &other.to_string(), "", Some(&asked)).await.expect(200);
    let later = now().plus(Duration::from_mins(30));
    app::ending::clear(&services.0, files, cleaner, &other, 10, later).await.unwrap();
    assert_eq!(bench.dump(&pair.id).await + &bench.dump(&other.to_string()).await, "");
    assert!(!is_there(&picture).await);
    assert!(ended::left_over(&table, later, 10).await.unwrap().is_empty(), "no mark is left");
}

#[tokio::test]
async fn one_that_is_too_large_for_one_invocation_keeps_its_mark() {
    let bench = Bench::with(&[("ClearPages", "1")]).await;
    let pair = bench.pair().await;
    bench.say(&pair.of_ben, &pair.id, "hello").await;
    end(&bench, &pair).await;
    let id = ConversationId::parse(&pair.id).unwrap();
    // It asks for another invocation, which nobody takes here.
    assert!(clear(&bench, &pair.id).await);
    assert_eq!(bench.dump(&pair.id).await, "");
    assert_eq!(ended::left_over(&bench.table(), now().plus(LIMIT), 10).await.unwrap(), [id]);
    assert!(clear(&bench, &pair.id).await);
    assert!(ended::left_over(&bench.table(), now().plus(LIMIT), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn d1_what_has_not_ended_is_left_alone() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    bench.say(&pair.of_ben, &pair.id, "hello").await;
    let before = bench.items().await;
    assert!(!clear(&bench, &pair.id).await, "Lambda is told that it was not done");
    assert!(!clear(&bench, "no conversation").await);
    assert_eq!(bench.items().await, before);
    let _: (Guard, Table, Push, Cleaner) = bench.of("conversations-delete").await;
}
