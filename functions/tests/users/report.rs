use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::{AT_ONCE, erase, gone};
use crate::support::{Bench, Person, call, fields, text};

/// What moderators find of today, by the key alone.
async fn found(bench: &Bench) -> Vec<Value> {
    let table = bench.table();
    let day: String = crate::support::now().to_string().chars().take(10).collect();
    let query = table.client().query().table_name(table.name()).key_condition_expression("PK = :day");
    let day = AttributeValue::S(store::keys::reports(&day));
    let items = query.expression_attribute_values(":day", day).send().await.unwrap().items.unwrap();
    let texts = |item: HashMap<String, AttributeValue>| -> Value {
        item.into_iter().filter_map(|(name, value)| Some((name, json!(value.as_s().ok()?)))).collect()
    };
    items.into_iter().map(texts).collect()
}

#[tokio::test]
async fn moderators_find_who_was_reported_by_whom_and_why() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let body = bench.report(&ana, &ben, &json!({ "reason": "scam", "details": " Sells islands.\n" })).await.expect(201);
    assert_eq!(bench.used(), "TransactWriteItems 1, UpdateItem 2");
    assert_eq!(fields(&body), ["report"]);
    assert_eq!(fields(&body["report"]), ["createdAt", "details", "reason", "userId"]);
    assert_eq!((&body["report"]["userId"], &body["report"]["details"]), (&json!(ben.id), &json!("Sells islands.")));
    let reports = found(&bench).await;
    assert_eq!(reports.len(), 1, "{reports:#?}");
    assert_eq!((&reports[0]["subject"], &reports[0]["reporter"]), (&json!(ben.id), &json!(ana.id)));
    assert_eq!((&reports[0]["reason"], &reports[0]["details"]), (&json!("scam"), &json!("Sells islands.")));
}

#[tokio::test]
async fn once_a_day_however_often_and_at_once() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let spam = json!({ "reason": "spam" });
    let five = futures_util::future::join_all((0..5).map(|_| bench.report(&ana, &ben, &spam))).await;
    let new = five.iter().filter(|answer| answer.status == 201).count();
    let before = five.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((new, before), (1, 4));
    let again = bench.report(&ana, &ben, &json!({ "reason": "hate" })).await.expect(200);
    assert_eq!(bench.used(), "GetItem 1, TransactWriteItems 1, UpdateItem 2");
    assert_eq!(again["report"]["reason"], "spam", "what was reported before");
    bench.report(&cem, &ben, &spam).await.expect(201);
    bench.report(&ana, &cem, &spam).await.expect(201);
    assert_eq!(found(&bench).await.len(), 3);
}

#[tokio::test]
async fn a_message_is_reported_by_who_is_there_and_only_for_its_sender() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let message = bench.say(&pair.of_ben, &pair.id, "Pay me, or else.").await;
    let about = |message: &Value| json!({ "reason": "harassment", "conversationId": pair.id, "messageId": message });
    let body = bench.report(&pair.ana, &pair.ben, &about(&message["id"])).await.expect(201);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, TransactWriteItems 1, UpdateItem 2");
    assert_eq!((&body["report"]["messageId"], &body["report"]["conversationId"]), (&message["id"], &json!(pair.id)));
    // The person too, apart from the message.
    bench.report(&pair.ana, &pair.ben, &json!({ "reason": "harassment" })).await.expect(201);
    let stored = serde_json::to_string(&found(&bench).await).unwrap();
    assert!(!stored.contains("Pay me"), "words stay where they are: {stored}");

    bench.report(&eve, &pair.ben, &about(&message["id"])).await.refused(404, "NOT_FOUND");
    let details = bench.report(&pair.ana, &eve, &about(&message["id"])).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["messageId"]);
    let nothing = json!("msg_00000000-0000-8000-8000-000000000000");
    bench.report(&pair.ana, &pair.ben, &about(&nothing)).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_block_neither_prevents_a_report_nor_follows_from_it() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.note_block(&ben, &ana).await;
    bench.report(&ana, &ben, &json!({ "reason": "harassment" })).await.expect(201);
    bench.report(&ben, &ana, &json!({ "reason": "other" })).await.expect(201);
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let long = "x".repeat(1_001);
    for (body, bad) in [
        (json!({}), vec!["reason"]),
        (json!({ "reason": "boring", "details": long }), vec!["details", "reason"]),
        (json!({ "reason": 7, "messageId": "x" }), vec!["conversationId", "messageId", "reason"]),
        (json!({ "reason": "spam", "conversationId": "conv_00000000-0000-4000-8000-000000000000" }), vec!["messageId"]),
    ] {
        let details = bench.report(&ana, &ben, &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), bad, "{body}");
    }
    let details = bench.report(&ana, &ana, &json!({ "reason": "spam" })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["userId"]);
    assert!(found(&bench).await.is_empty());
}

#[tokio::test]
async fn d2_nobody_is_not_found() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let nobody = Person { id: Person::nobody().user.to_string(), ..ana.clone() };
    bench.report(&ana, &nobody, &json!({ "reason": "spam" })).await.refused(404, "NOT_FOUND");
    assert!(found(&bench).await.is_empty());
}

#[tokio::test]
async fn too_many_are_limited() {
    let bench = Bench::with(&[("ReportsPerMinute", "2")]).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let spam = json!({ "reason": "spam" });
    // Whenever a minute ends meanwhile, the count begins anew.
    let mut last = 0;
    for _ in 0..20 {
        last = bench.report(&ana, &ben, &spam).await.status;
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn whoever_is_erased_is_in_no_report_and_what_they_reported_stays() {
    let bench = Bench::with(&AT_ONCE).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.report(&ana, &ben, &json!({ "reason": "spam" })).await.expect(201);
    bench.report(&ben, &ana, &json!({ "reason": "scam" })).await.expect(201);
    gone(&bench, &ana).await;
    assert!(erase(&bench, &ana.id).await);
    let left = found(&bench).await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(text(&left[0]["subject"]), ben.id);
    assert_eq!(left[0]["reporter"], json!(domain::UserId::ERASED.to_string()));
    bench.report(&ben, &ana, &json!({ "reason": "scam" })).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let ben = bench.person("ben", "en").await;
    let path = format!("/api/users/{}/report", ben.id);
    let call = call("POST", &path, Some(&json!({ "reason": "spam" }))).path("userId", &ben.id);
    bench.http("users-report", call).await.refused(401, "UNAUTHORIZED");
}
