use local::aws::translate::Fault;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, fields, post};

async fn preview(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("messages-preview").await;
    bench.start_counting();
    let call = post("/api/messages/preview-translation", body).bearer(&person.token);
    call.to(&services, functions::messages::preview::handle).await
}

#[tokio::test]
async fn tells_the_translation_and_the_language_it_was_written_in() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "en").await;
    let text = "The weather is lovely today.";
    let answer = preview(&bench, &ana, &json!({ "content": text, "targetLanguage": "es" })).await;
    assert_eq!(bench.used(), "BatchGetItem 2, PutItem 1, TranslateText 1, UpdateItem 2");
    let body = answer.expect(200);
    assert_eq!(fields(&body), ["detectedLanguage", "originalContent", "targetLanguage", "translatedContent"]);
    assert_eq!((&body["originalContent"], &body["detectedLanguage"]), (&json!(text), &json!("en")));
    assert_eq!(body["translatedContent"], format!("«es» {text}"));
    let emoji = preview(&bench, &ana, &json!({ "content": "👍", "targetLanguage": "es" })).await.expect(200);
    assert_eq!(emoji["translatedContent"], "👍");
}

#[tokio::test]
async fn a_translator_that_fails_is_an_error_here() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "en").await;
    bench.services.translator.fail(Fault::InvalidRequest("no".to_owned()));
    let body = json!({ "content": "The weather is lovely today.", "targetLanguage": "es" });
    preview(&bench, &ana, &body).await.refused(502, "TRANSLATION_ERROR");
}

#[tokio::test]
async fn bad_fields_limits_and_tokens() {
    let bench = Bench::with(&[("MessagesPerMinute", "1")]).await;
    let ana = bench.person("ana", "en").await;
    let details = preview(&bench, &ana, &json!({ "content": 7 })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["content", "targetLanguage"]);
    let long = json!({ "content": "x".repeat(5001), "targetLanguage": "xx" });
    assert_eq!(
        fields(&preview(&bench, &ana, &long).await.refused(400, "VALIDATION_ERROR")),
        ["content", "targetLanguage"]
    );
    let body = json!({ "content": "hello there", "targetLanguage": "es" });
    preview(&bench, &ana, &body).await.expect(200);
    preview(&bench, &ana, &body).await.refused(429, "RATE_LIMITED");
    let services = bench.of("messages-preview").await;
    let call = post("/api/messages/preview-translation", &body);
    call.to(&services, functions::messages::preview::handle).await.refused(401, "UNAUTHORIZED");
}
