use serde_json::json;

use crate::support::{Bench, text};

#[tokio::test]
async fn one_is_read_and_stays_so() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.befriend(&ben, &ana).await.expect(201);
    bench.group(&ben, &[&ana]).await;
    let id = text(&bench.notified(&ana, "").await.expect(200)["notifications"][0]["id"]);
    for _ in 0..2 {
        let body = bench.read_note(&ana, &id).await.expect(200);
        assert_eq!(bench.used(), "GetItem 1, Query 1, UpdateItem 2");
        assert_eq!(body, json!({ "success": true, "unreadCount": 1 }));
    }
    let body = bench.notified(&ana, "").await.expect(200);
    let read: Vec<_> = body["notifications"].as_array().unwrap().iter().map(|note| note["isRead"].clone()).collect();
    assert_eq!(read, [true, false]);
}

#[tokio::test]
async fn d2_the_notification_of_somebody_else_is_not_found_and_stays_unread() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.befriend(&ben, &ana).await.expect(201);
    let id = text(&bench.notified(&ana, "").await.expect(200)["notifications"][0]["id"]);
    let before = bench.items().await;
    bench.read_note(&ben, &id).await.refused(404, "NOT_FOUND");
    bench.read_note(&ben, "note_x").await.refused(404, "NOT_FOUND");
    assert_eq!(bench.items().await, before);
    assert_eq!(bench.notified(&ana, "").await.expect(200)["unreadCount"], 1);
}
