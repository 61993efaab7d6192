use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Bench, fields, get, text};

#[tokio::test]
async fn shows_what_happened_and_counts_what_is_unread() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    bench.befriend(&ben, &ana).await.expect(201);
    let group = bench.group(&ben, &[&ana]).await;
    bench.add(&ben, &group, &[&cem]).await.expect(200);
    let body = bench.notified(&ana, "").await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, Query 2, UpdateItem 1");
    assert_eq!(fields(&body), ["nextCursor", "notifications", "unreadCount"]);
    assert_eq!(body["unreadCount"], 2);
    let shown = ["actor", "content", "conversationId", "createdAt", "emoji", "id", "isRead", "messageId", "type"];
    for note in body["notifications"].as_array().unwrap() {
        assert_eq!((fields(note), &note["isRead"]), (shown.to_vec(), &json!(false)));
        assert_eq!(note["actor"]["id"], json!(ben.id));
        assert!(note["actor"].get("isOnline").is_none() && note["actor"].get("email").is_none());
    }
    let kinds: BTreeSet<_> = bench.kinds(&ana).await.into_iter().collect();
    assert_eq!(kinds, BTreeSet::from(["conversation_added".to_owned(), "friend_request".to_owned()]));
    assert_eq!(bench.kinds(&cem).await, ["conversation_added"]);
    assert!(bench.kinds(&ben).await.is_empty(), "nobody is notified of what they did themselves");

    bench.answer_friend("friends-accept", &ana, &ben.id).await.expect(200);
    let body = bench.notified(&ben, "").await.expect(200);
    let note = &body["notifications"][0];
    assert_eq!((&note["type"], &note["content"]), (&json!("friend_accepted"), &json!("ana is your friend now")));
}

#[tokio::test]
async fn pages_show_everything_once_the_latest_first() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for number in 0..5 {
        let other = bench.person(&format!("friend{number}"), "en").await;
        bench.befriend(&other, &ana).await.expect(201);
    }
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let body = bench.notified(&ana, &query).await.expect(200);
        assert_eq!(body["unreadCount"], 5);
        seen.extend(body["notifications"].as_array().unwrap().iter().map(|note| text(&note["id"])));
        let Some(next) = body["nextCursor"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|one, next| one > next), "{seen:?}");
}

#[tokio::test]
async fn g4_cursors_and_limits_are_checked() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let details = bench.notified(&ana, "?limit=101&cursor=note_1").await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["cursor", "limit"]);
    bench.http("notifications-list", get("/api/notifications")).await.refused(401, "UNAUTHORIZED");
}
