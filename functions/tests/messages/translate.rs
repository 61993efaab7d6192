use local::aws::translate::Fault;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, fields, post, text};

async fn translate(bench: &Bench, person: &Person, conversation: &str, message: &Value, body: &Value) -> Answer {
    let services = bench.of("messages-translate").await;
    bench.start_counting();
    let message = text(message);
    let path = format!("/api/conversations/{conversation}/messages/{message}/translate");
    let call = post(&path, body).path("conversationId", conversation).path("messageId", &message);
    call.bearer(&person.token).to(&services, functions::messages::translate::handle).await
}

#[tokio::test]
async fn any_language_once_and_then_from_the_cache() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "The weather is lovely today.").await;
    let french = json!({ "targetLanguage": "fr" });
    let answer = translate(&bench, &pair.ana, &pair.id, &said["id"], &french).await;
    assert_eq!(bench.used(), "BatchGetItem 3, GetItem 1, PutItem 1, TranslateText 1, UpdateItem 2");
    let body = answer.expect(200);
    assert_eq!(
        fields(&body),
        ["conversationId", "messageId", "originalContent", "originalLanguage", "targetLanguage", "translatedContent"]
    );
    assert_eq!(body["translatedContent"], "«fr» The weather is lovely today.");
    assert_eq!((&body["originalLanguage"], &body["targetLanguage"]), (&json!("en"), &json!("fr")));
    assert_eq!(translate(&bench, &pair.ana, &pair.id, &said["id"], &french).await.expect(200), body);
    assert_eq!(bench.used(), "BatchGetItem 3, GetItem 1, UpdateItem 2");
    let english = json!({ "targetLanguage": "EN" });
    let own = translate(&bench, &pair.ana, &pair.id, &said["id"], &english).await.expect(200);
    assert_eq!(own["translatedContent"], "The weather is lovely today.");
}

#[tokio::test]
async fn a_translator_that_fails_is_an_error_here() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "The weather is lovely today.").await;
    bench.services.translator.fail(Fault::InvalidRequest("no".to_owned()));
    let french = json!({ "targetLanguage": "fr" });
    translate(&bench, &pair.ana, &pair.id, &said["id"], &french).await.refused(502, "TRANSLATION_ERROR");
}

#[tokio::test]
async fn g2_translations_asked_for_alone_are_limited() {
    let bench = Bench::with(&[("MessagesPerMinute", "1")]).await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "The weather is lovely today.").await;
    let french = json!({ "targetLanguage": "fr" });
    translate(&bench, &pair.ana, &pair.id, &said["id"], &french).await.expect(200);
    translate(&bench, &pair.ana, &pair.id, &said["id"], &french).await.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn d2_who_is_not_a_member_reads_nothing() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let french = json!({ "targetLanguage": "fr" });
    translate(&bench, &eve, &pair.id, &said["id"], &french).await.refused(404, "NOT_FOUND");
    let (conversation, message) =
        (domain::ConversationId::parse(&pair.id).unwrap(), domain::MessageId::parse(&text(&said["id"])).unwrap());
    let user = &pair.ana.actor.user;
    store::hidden::hide(&bench.table(), user, &conversation, message, crate::support::now()).await.unwrap();
    translate(&bench, &pair.ana, &pair.id, &said["id"], &french).await.refused(404, "NOT_FOUND");
    for (body, field) in [(json!({}), "targetLanguage"), (json!({ "targetLanguage": "klingon" }), "targetLanguage")] {
        let details = translate(&bench, &pair.ben, &pair.id, &said["id"], &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), [field]);
    }
    let services = bench.of("messages-translate").await;
    let call = post("/api/conversations/x/messages/y/translate", &french);
    call.to(&services, functions::messages::translate::handle).await.refused(401, "UNAUTHORIZED");
}
