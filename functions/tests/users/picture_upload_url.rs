use serde_json::{Value, json};

use crate::support::{Answer, Bench, PNG, Person, fields, post, text, upload};

pub async fn ask(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("users-picture-upload-url").await;
    bench.start_counting();
    let call = post("/api/users/profile-picture/upload-url", body).bearer(&person.token);
    call.to(&services, functions::users::picture_upload_url::handle).await
}

/// Uploads a picture; its key.
pub async fn uploaded(bench: &Bench, person: &Person, bytes: &[u8]) -> String {
    let body = json!({ "contentType": "image/png", "fileSize": bytes.len() });
    let allowed = ask(bench, person, &body).await.expect(200);
    assert_eq!(upload(allowed["uploadUrl"].as_str().unwrap(), "image/png", bytes).await, 200);
    text(&allowed["key"])
}

#[tokio::test]
async fn f9_the_key_is_the_callers_own() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = ask(&bench, &ana, &json!({ "contentType": "image/jpeg", "fileSize": 512_000 })).await.expect(200);
    assert_eq!(bench.used(), "UpdateItem 2");
    assert_eq!(fields(&body), ["expiresIn", "key", "uploadUrl"]);
    assert_eq!(body["expiresIn"], 300);
    let key = text(&body["key"]);
    let (place, end) = key.split_once('.').unwrap();
    assert!(place.starts_with(&format!("profiles/{}/", ana.id)) && end == "jpg", "{key}");
}

#[tokio::test]
async fn f3_the_store_takes_what_was_announced_and_nothing_else() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = json!({ "contentType": "image/png", "fileSize": PNG.len() });
    let address = text(&ask(&bench, &ana, &body).await.expect(200)["uploadUrl"]);
    assert_eq!(upload(&address, "text/html", PNG).await, 403);
    assert_eq!(upload(&address, "image/png", &PNG[1..]).await, 403);
    assert_eq!(upload(&address, "image/png", PNG).await, 200);
}

#[tokio::test]
async fn pictures_alone_and_of_five_megabytes() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let details = ask(&bench, &ana, &json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["contentType", "fileSize"]);
    for kind in ["image/gif", "image/svg+xml", "text/html", "application/pdf"] {
        let body = json!({ "contentType": kind, "fileSize": 5 });
        assert_eq!(fields(&ask(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR")), ["contentType"]);
    }
    for (size, status) in [(5 * 1024 * 1024, 200), (5 * 1024 * 1024 + 1, 400), (0, 400)] {
        let answer = ask(&bench, &ana, &json!({ "contentType": "image/webp", "fileSize": size })).await;
        assert_eq!(answer.status, status, "{size}");
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-picture-upload-url").await;
    let call = post("/api/users/profile-picture/upload-url", &json!({}));
    call.to(&services, functions::users::picture_upload_url::handle).await.refused(401, "UNAUTHORIZED");
}
