use serde_json::{Value, json};

use super::picture_upload_url::{ask, uploaded};
use crate::support::{Answer, Bench, PNG, Person, call, fields, get, text, upload};

pub async fn set(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("users-picture-set").await;
    bench.start_counting();
    let call = call("PUT", "/api/users/profile-picture", Some(body)).bearer(&person.token);
    call.to(&services, functions::users::picture_set::handle).await
}

/// What somebody without an account gets from a picture's address: the status in the end, and the bytes.
pub async fn seen(bench: &Bench, key: &str) -> (u16, Vec<u8>) {
    let services = bench.of("users-picture").await;
    let [_, user, file] = key.split('/').collect::<Vec<_>>().try_into().unwrap();
    let call = get("/api/users/u/pictures/p").path("userId", user).path("picture", file);
    let answer = call.to(&services, functions::users::picture::handle).await;
    let shown = reqwest::get(answer.header("location").unwrap()).await.unwrap();
    (shown.status().as_u16(), shown.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn shows_the_picture_to_everybody_and_removes_the_one_before() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let first = uploaded(&bench, &ana, PNG).await;
    let body = set(&bench, &ana, &json!({ "key": first })).await.expect(200);
    assert_eq!(bench.used(), "DeleteObject 1, GetItem 2, GetObject 2, PutObject 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(fields(&body), ["profilePicture", "user"]);
    let address = text(&body["profilePicture"]);
    assert!(address.starts_with("https://") && !address.contains('?'), "it does not expire: {address}");
    assert_eq!((&body["user"]["profilePicture"], &body["user"]["avatarUrl"]), (&json!(address), &json!(address)));
    let face = &store::presence::of(&bench.table(), [&ana.actor.user], store::Consistency::Strong).await.unwrap();
    assert_eq!(face[&ana.actor.user].avatar_url.as_deref(), Some(address.as_str()));
    assert_eq!(seen(&bench, &first).await, (200, PNG.to_vec()));

    let other = [PNG, b" another"].concat();
    let second = uploaded(&bench, &ana, &other).await;
    set(&bench, &ana, &json!({ "key": second })).await.expect(200);
    assert_eq!(seen(&bench, &second).await, (200, PNG.to_vec()), "F8: nothing but what is seen");
    assert_eq!(seen(&bench, &first).await.0, 404, "F9: the old picture is gone");
    // Asked for again, it is there already.
    set(&bench, &ana, &json!({ "key": second })).await.expect(200);
    assert_eq!(seen(&bench, &second).await.0, 200);
}

#[tokio::test]
async fn f9_a_key_that_is_not_the_callers_is_forbidden() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let bens = uploaded(&bench, &ben, PNG).await;
    let own = bens.replace(&ben.id, &ana.id);
    for key in [&bens, "profiles/x", "conv_x/att_y.png", "../x", &format!("profiles/{}/../x.png", ana.id), ""] {
        set(&bench, &ana, &json!({ "key": key })).await.refused(403, "FORBIDDEN");
        assert_eq!(bench.used(), "UpdateItem 1", "{key}");
    }
    let details = set(&bench, &ana, &json!({ "key": own })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(details, json!({ "key": ["was not uploaded yet"] }));
    assert_eq!(fields(&set(&bench, &ana, &json!({})).await.refused(400, "VALIDATION_ERROR")), ["key"]);
}

#[tokio::test]
async fn f6_a_page_is_no_picture() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let page = b"<html><script>alert(1)</script></html>";
    let body = json!({ "contentType": "image/png", "fileSize": page.len() });
    let allowed = ask(&bench, &ana, &body).await.expect(200);
    assert_eq!(upload(allowed["uploadUrl"].as_str().unwrap(), "image/png", page).await, 200);
    set(&bench, &ana, &json!({ "key": allowed["key"] })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(seen(&bench, allowed["key"].as_str().unwrap()).await.0, 404, "what was not set is not shown");
}

#[tokio::test]
async fn f4_what_is_shown_cannot_be_written_to() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = json!({ "contentType": "image/png", "fileSize": PNG.len() });
    let allowed = ask(&bench, &ana, &body).await.expect(200);
    let (address, key) = (text(&allowed["uploadUrl"]), text(&allowed["key"]));
    upload(&address, "image/png", PNG).await;
    set(&bench, &ana, &json!({ "key": key })).await.expect(200);
    upload(&address, "image/png", &vec![b'x'; PNG.len()]).await;
    assert_eq!(seen(&bench, &key).await, (200, PNG.to_vec()));
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-picture-set").await;
    let call = call("PUT", "/api/users/profile-picture", Some(&json!({})));
    call.to(&services, functions::users::picture_set::handle).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn f7_a_dangerous_picture_is_not_set() {
    let bench = Bench::with(&[("MalwareScan", "guardduty"), ("MalwareScanSeconds", "15")]).await;
    let ana = bench.person("ana", "es").await;
    let good = uploaded(&bench, &ana, PNG).await;
    set(&bench, &ana, &json!({ "key": good })).await.expect(200);
    assert_eq!(seen(&bench, &good).await, (200, PNG.to_vec()));
    let threat = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat();
    let bad = uploaded(&bench, &ana, &[PNG, threat.as_bytes()].concat()).await;
    let details = set(&bench, &ana, &json!({ "key": bad })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(details, json!({ "key": ["is dangerous"] }));
    assert_eq!((seen(&bench, &bad).await.0, seen(&bench, &good).await.0), (404, 200));
}
