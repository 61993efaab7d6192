use serde_json::json;

use crate::support::{Bench, post};

#[tokio::test]
async fn all_are_read_by_one_write_and_what_comes_later_is_not() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let read_all = async || {
        let call = post("/api/notifications/read-all", &json!({})).bearer(&ana.token);
        bench.start_counting();
        bench.http("notifications-read-all", call).await.expect(200)
    };
    assert_eq!(read_all().await, json!({ "success": true, "unreadCount": 0 }), "there is nothing");
    for number in 0..4 {
        let other = bench.person(&format!("friend{number}"), "en").await;
        bench.befriend(&other, &ana).await.expect(201);
    }
    assert_eq!(bench.notified(&ana, "").await.expect(200)["unreadCount"], 4);
    assert_eq!(read_all().await, json!({ "success": true, "unreadCount": 0 }));
    assert_eq!(bench.used(), "Query 2, UpdateItem 2");
    let body = bench.notified(&ana, "").await.expect(200);
    assert_eq!(body["unreadCount"], 0);
    assert!(body["notifications"].as_array().unwrap().iter().all(|note| note["isRead"] == true));

    bench.befriend(&ben, &ana).await.expect(201);
    let body = bench.notified(&ana, "").await.expect(200);
    assert_eq!((&body["unreadCount"], &body["notifications"][0]["isRead"]), (&json!(1), &json!(false)));
    let services = bench.of("notifications-read-all").await;
    let call = post("/api/notifications/read-all", &json!({}));
    call.to(&services, functions::notifications::read_all::handle).await.refused(401, "UNAUTHORIZED");
}
