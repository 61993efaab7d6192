use serde_json::json;

use crate::support::{Bench, fields, get};

#[tokio::test]
async fn everybody_is_told_every_language() {
    let bench = Bench::start().await;
    let services = bench.of("languages-list").await;
    bench.start_counting();
    let body = get("/api/languages").to(&services, functions::languages::list::handle).await.expect(200);
    assert_eq!(bench.used(), "");
    assert_eq!(fields(&body), ["languages"]);
    let languages = body["languages"].as_array().unwrap();
    assert_eq!(languages.len(), 75);
    let spanish = languages.iter().find(|language| language["code"] == "es").unwrap();
    assert_eq!(*spanish, json!({ "code": "es", "name": "Spanish", "nativeName": "Español" }));
    for code in ["en", "es", "fr", "de", "it", "zh", "ja", "ko", "ar", "hi", "pt", "ru", "nl", "pl", "tr", "vi"] {
        assert!(languages.iter().any(|language| language["code"] == code), "{code}");
    }
}
