use serde_json::json;

use crate::support::{Bench, call, fields};

#[tokio::test]
async fn are_ones_own_and_shown_in_the_list() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let until = "2099-01-01T00:00:00.000Z";
    let body = json!({ "mutedUntil": until, "pinned": true, "archived": true });
    let set = bench.settings(&ana, &id, &body).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, UpdateItem 2");
    let expected =
        json!({ "conversationId": id, "muted": true, "mutedUntil": until, "pinned": true, "archived": true });
    assert_eq!(set, expected);
    let shown = |seen: &serde_json::Value| {
        ["muted", "mutedUntil", "pinned", "archived"].map(|field| seen[field].clone()).to_vec()
    };
    let of_ana = bench.listed(&ana, &id).await.unwrap();
    assert_eq!(shown(&of_ana), [json!(true), json!(until), json!(true), json!(true)]);
    let of_ben = bench.listed(&ben, &id).await.unwrap();
    assert_eq!(shown(&of_ben), [json!(false), json!(null), json!(false), json!(false)]);

    let set = bench.settings(&ana, &id, &json!({ "mutedUntil": null })).await.expect(200);
    let expected =
        json!({ "conversationId": id, "muted": false, "mutedUntil": null, "pinned": true, "archived": true });
    assert_eq!(set, expected, "what is absent stays");
    let past = json!({ "mutedUntil": "2001-01-01T00:00:00.000Z", "pinned": false });
    let set = bench.settings(&ana, &id, &past).await.expect(200);
    assert_eq!((&set["muted"], &set["mutedUntil"], &set["pinned"]), (&json!(false), &json!(null), &json!(false)));
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let body = json!({ "mutedUntil": "tomorrow", "pinned": "yes", "archived": 1 });
    let details = bench.settings(&ana, &id, &body).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["archived", "mutedUntil", "pinned"]);
    let details = bench.settings(&ana, &id, &json!({ "role": "admin" })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["body"]);
}

#[tokio::test]
async fn d2_of_a_conversation_that_one_is_not_in_there_are_none() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.direct(&ben, &ana).await;
    bench.settings(&cem, &id, &json!({ "pinned": true })).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-settings").await;
    let call = call("PATCH", "/api/conversations/x/settings", Some(&json!({})));
    call.to(&services, functions::conversations::settings::handle).await.refused(401, "UNAUTHORIZED");
}
