//! People's profiles, pictures and devices, and what anybody may ask.

use benches::support::{PNG, call, get, post, text, upload};
use functions::{devices, http, languages, users};
use serde_json::json;

use crate::crowd::people;
use crate::stage::Stage;
use crate::talking::signed;
use crate::used::Row;

/// All of it.
pub(crate) async fn measured() -> Vec<Row> {
    let stage = Stage::start().await;
    let mut rows = Vec::new();
    let all = people(&stage.bench, 30, 2, "pine").await;
    let (own, other) = (&all[0], &all[1]);
    let me = |method: &str, path: &str, body: serde_json::Value| call(method, path, Some(&body)).bearer(&own.token);
    let seen = |path: &str| get(path).bearer(&own.token);

    stage.ask(&mut rows, ("users-me", ""), users::me::handle, seen("/api/users/me")).await;
    let change = me("PATCH", "/api/users/me", json!({ "bio": "Runs.", "settings": { "theme": "dark" } }));
    stage.ask(&mut rows, ("users-update", "text and settings"), users::update::handle, change).await;
    let change = me("PATCH", "/api/users/me", json!({ "displayName": "Ana María of the Pines" }));
    stage.ask(&mut rows, ("users-update", "another name"), users::update::handle, change).await;
    let change = me("PATCH", "/api/users/me/language", json!({ "preferredLanguage": "fr" }));
    stage.ask(&mut rows, ("users-language", ""), users::language::handle, change).await;
    let change = me("PATCH", "/api/users/me/country", json!({ "preferredCountry": "CA" }));
    stage.ask(&mut rows, ("users-country", ""), users::country::handle, change).await;
    let find = seen("/api/users/search?q=pine");
    let found = stage.ask(&mut rows, ("users-search", "20 found"), users::search::handle, find).await;
    assert_eq!(found["users"].as_array().map(Vec::len), Some(20), "{found:#}");
    let look = seen(&format!("/api/users/{}", other.id)).path("userId", &other.id);
    stage.ask(&mut rows, ("users-get", ""), users::get::handle, look).await;
    pictures(&stage, &mut rows, own).await;
    blocks(&stage, &mut rows, own, other).await;

    reports(&stage, &mut rows, own, other).await;
    let device = me("POST", "/api/devices/register", json!({ "token": "one", "platform": "ios" }));
    stage.ask(&mut rows, ("devices-register", ""), devices::register::handle, device).await;
    let device = me("POST", "/api/devices/unregister", json!({ "token": "one" }));
    stage.ask(&mut rows, ("devices-unregister", ""), devices::unregister::handle, device).await;
    stage.ask(&mut rows, ("languages-list", ""), languages::list::handle, get("/api/languages")).await;
    stage.try_ask(&mut rows, ("http-default", "an unknown path"), http::default::handle, get("/api/nothing")).await;
    rows
}

async fn blocks(stage: &Stage, rows: &mut Vec<Row>, own: &benches::support::Person, other: &benches::support::Person) {
    let path = format!("/api/users/{}/block", other.id);
    let ask = |method: &str| call(method, &path, None).path("userId", &other.id).bearer(&own.token);
    for case in ["", "with whom one has a direct conversation"] {
        stage.ask(rows, ("users-block", case), users::block::handle, ask("PUT")).await;
        if case.is_empty() {
            let list = get("/api/users/blocked").bearer(&own.token);
            stage.ask(rows, ("users-blocked", "one"), users::blocked::handle, list).await;
        }
        stage.ask(rows, ("users-unblock", case), users::unblock::handle, ask("DELETE")).await;
        if case.is_empty() {
            stage.bench.direct(own, other).await;
        }
    }
}

async fn reports(stage: &Stage, rows: &mut Vec<Row>, own: &benches::support::Person, other: &benches::support::Person) {
    let report = |body: serde_json::Value| {
        let path = format!("/api/users/{}/report", other.id);
        call("POST", &path, Some(&body)).path("userId", &other.id).bearer(&own.token)
    };
    for case in ["", "again"] {
        stage.ask(rows, ("users-report", case), users::report::handle, report(json!({ "reason": "spam" }))).await;
    }
    let conversation = stage.bench.group(own, &[other]).await;
    let phone = stage.bench.phone(other).await;
    let message = stage.bench.say(&phone, &conversation, "Hello.").await;
    let body = json!({ "reason": "spam", "conversationId": conversation, "messageId": message["id"] });
    stage.ask(rows, ("users-report", "a message"), users::report::handle, report(body)).await;
}

async fn pictures(stage: &Stage, rows: &mut Vec<Row>, own: &benches::support::Person) {
    for (case, uploaded) in [("the first", "the upload itself"), ("another", "")] {
        let mut uncounted = Vec::new();
        let rows_of_upload = if uploaded.is_empty() { &mut uncounted } else { &mut *rows };
        let body = json!({ "contentType": "image/png", "fileSize": PNG.len() });
        let ask = post("/api/users/profile-picture/upload-url", &body).bearer(&own.token);
        let what = ("users-picture-upload-url", "");
        let allowed = stage.ask(rows_of_upload, what, users::picture_upload_url::handle, ask).await;
        let begun = stage.begin();
        assert_eq!(upload(&text(&allowed["uploadUrl"]), "image/png", PNG).await, 200);
        rows_of_upload.push(signed(("users-picture-upload-url", uploaded), stage.used(begun).await));

        let set = call("PUT", "/api/users/profile-picture", Some(&json!({ "key": allowed["key"] }))).bearer(&own.token);
        stage.ask(rows, ("users-picture-set", case), users::picture_set::handle, set).await;
        if case == "another" {
            let key = text(&allowed["key"]);
            let file = key.rsplit('/').next().expect("a file");
            let see = get("/api/users/u/pictures/p").path("userId", &own.id).path("picture", file);
            let shown = stage.ask(rows, ("users-picture", ""), users::picture::handle, see).await;
            let begun = stage.begin();
            assert_eq!(reqwest::get(text(&shown["location"])).await.expect("S3").status(), 200);
            rows.push(signed(("users-picture", "the picture itself"), stage.used(begun).await));
        }
    }
    let gone = call("DELETE", "/api/users/profile-picture", None).bearer(&own.token);
    stage.ask(rows, ("users-picture-delete", ""), users::picture_delete::handle, gone).await;
}
