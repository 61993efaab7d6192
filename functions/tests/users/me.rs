use serde_json::json;

use crate::support::{Bench, get};

#[tokio::test]
async fn shows_the_callers_whole_profile_in_both_shapes() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("users-me").await;
    bench.start_counting();
    let body = get("/api/users/me").bearer(&ana.token).to(&services, functions::users::me::handle).await.expect(200);
    assert_eq!(bench.used(), "GetItem 1, UpdateItem 1");
    assert_eq!(body["user"]["id"], json!(ana.id));
    for (name, value) in body["user"].as_object().unwrap() {
        assert_eq!(body[name], *value, "{name}");
    }
    assert_eq!(body["settings"], json!({ "notificationsEnabled": true, "soundEnabled": true, "theme": "system" }));
    assert_eq!((&body["email"], &body["bio"]), (&json!(ana.email), &json!(null)));
    assert!(!body.to_string().contains("argon2"), "D4");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-me").await;
    get("/api/users/me").to(&services, functions::users::me::handle).await.refused(401, "UNAUTHORIZED");
}
