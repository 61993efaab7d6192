use serde_json::{Value, json};

use crate::support::{Bench, call, fields};

#[tokio::test]
async fn an_admin_changes_the_group_and_everybody_is_told() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let of_ben = bench.phone(&ben).await;
    let body = json!({
        "name": "Crew", "description": "About the move", "avatarUrl": "https://example.com/a.png",
        "password": "open sesame, please", "maxMembers": 5,
    });
    let seen = bench.update(&ana, &id, &body).await.expect(200)["conversation"].clone();
    assert_eq!(bench.used(), "BatchGetItem 3, Query 3, UpdateItem 2");
    let told = of_ben.expect("conversation:updated").await;
    assert_eq!(fields(&told), ["action", "conversation", "conversationId", "updatedBy"]);
    assert_eq!((&told["conversationId"], &told["updatedBy"]), (&json!(id), &json!(ana.id)));
    for seen in [&seen, &told["conversation"]] {
        assert_eq!((&seen["name"], &seen["description"]), (&json!("Crew"), &json!("About the move")));
        assert_eq!((&seen["hasPassword"], &seen["maxMembers"]), (&json!(true), &json!(5)));
        assert_eq!(seen["avatarUrl"], "https://example.com/a.png");
    }
    assert!(!told.to_string().contains("sesame") && !told.to_string().contains("argon2"));
    let body = json!({ "description": null, "avatarUrl": null, "password": null });
    let seen = bench.update(&ana, &id, &body).await.expect(200)["conversation"].clone();
    assert_eq!((&seen["name"], &seen["description"], &seen["avatarUrl"]), (&json!("Crew"), &Value::Null, &Value::Null));
    assert_eq!((&seen["hasPassword"], &seen["maxMembers"]), (&json!(false), &json!(5)));
}

#[tokio::test]
async fn a_group_takes_no_fewer_than_are_in_it() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben, &cem]).await;
    bench.update(&ana, &id, &json!({ "maxMembers": 2, "name": "Pair" })).await.refused(409, "CONFLICT");
    assert_eq!(bench.listed(&ana, &id).await.unwrap()["name"], "Team", "all of it or nothing");
    bench.update(&ana, &id, &json!({ "maxMembers": 3 })).await.expect(200);
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let body = json!({ "name": "", "description": 5, "avatarUrl": "http://x", "password": "short", "maxMembers": 1 });
    let details = bench.update(&ana, &id, &body).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["avatarUrl", "description", "maxMembers", "name", "password"]);
    let details = bench.update(&ana, &id, &json!({ "creator": ben.id })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["body"], "D3: what is not the client's to set changes nothing");
}

#[tokio::test]
async fn d1_members_may_not_and_strangers_see_nothing() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben]).await;
    let body = json!({ "name": "Mine" });
    bench.update(&ben, &id, &body).await.refused(403, "FORBIDDEN");
    bench.update(&cem, &id, &body).await.refused(404, "NOT_FOUND");
    assert_eq!(bench.listed(&ana, &id).await.unwrap()["name"], "Team");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-update").await;
    let call = call("PATCH", "/api/conversations/x", Some(&json!({})));
    call.to(&services, functions::conversations::update::handle).await.refused(401, "UNAUTHORIZED");
}
