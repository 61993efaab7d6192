use serde_json::json;

use crate::support::{Bench, fields, post};

#[tokio::test]
async fn everything_is_read_and_the_other_is_told_once() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    bench.say(&of_ben, &id, "one").await;
    let last = bench.say(&of_ben, &id, "two").await;
    assert_eq!(bench.listed(&ana, &id).await.unwrap()["unreadCount"], 2);
    let body = bench.read(&ana, &id, None).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 2, Query 1, UpdateItem 2");
    assert_eq!(fields(&body), ["conversationId", "lastReadAt", "success"]);
    assert_eq!((&body["success"], &body["conversationId"]), (&json!(true), &json!(id)));
    let told = of_ben.expect("message:read").await;
    let shown = ["action", "conversationId", "messageId", "messageTimestamp", "readAt", "readBy", "userId"];
    assert_eq!(fields(&told), shown);
    assert_eq!((&told["messageId"], &told["messageTimestamp"]), (&last["id"], &last["createdAt"]));
    assert_eq!((&told["readBy"], &told["readAt"]), (&json!(ana.id), &body["lastReadAt"]));
    assert_eq!(bench.listed(&ana, &id).await.unwrap()["unreadCount"], 0);
    assert_eq!(bench.listed(&ben, &id).await.unwrap()["lastMessage"]["status"], "read");

    bench.read(&ana, &id, Some(&json!({}))).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, UpdateItem 2", "what was read already is no news");
    assert!(of_ana.received().iter().all(|frame| frame["action"] != "message:read"));
}

#[tokio::test]
async fn k6_the_marker_only_grows() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let of_ben = bench.phone(&ben).await;
    let first = bench.say(&of_ben, &id, "one").await;
    let second = bench.say(&of_ben, &id, "two").await;
    bench.say(&of_ben, &id, "three").await;
    for (message, unread) in [(&first, 2), (&second, 1), (&first, 1)] {
        bench.read(&ana, &id, Some(&json!({ "lastReadMessageId": message["id"] }))).await.expect(200);
        assert_eq!(bench.listed(&ana, &id).await.unwrap()["unreadCount"], unread);
    }
    let reads = async |body| bench.read(&ana, &id, Some(body)).await.status;
    let (older, newer) = (json!({ "lastReadMessageId": first["id"] }), json!({}));
    let (one, other, third) = tokio::join!(reads(&older), reads(&newer), reads(&older));
    assert_eq!([one, other, third], [200; 3]);
    assert_eq!(bench.listed(&ana, &id).await.unwrap()["unreadCount"], 0);
}

#[tokio::test]
async fn a_conversation_without_messages_is_read() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    bench.read(&ana, &id, None).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, UpdateItem 1");
}

#[tokio::test]
async fn d2_messages_of_other_conversations_are_unknown() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let (id, other) = (bench.direct(&ben, &ana).await, bench.direct(&ben, &cem).await);
    let of_ben = bench.phone(&ben).await;
    bench.say(&of_ben, &id, "to Ana").await;
    let elsewhere = bench.say(&of_ben, &other, "to Cem").await;
    let body = json!({ "lastReadMessageId": elsewhere["id"] });
    bench.read(&ana, &id, Some(&body)).await.refused(404, "NOT_FOUND");
    bench.read(&cem, &id, None).await.refused(404, "NOT_FOUND");
    let details =
        bench.read(&ana, &id, Some(&json!({ "lastReadMessageId": 7 }))).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["lastReadMessageId"]);
    assert_eq!(bench.listed(&ana, &id).await.unwrap()["unreadCount"], 1);
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-read").await;
    let call = post("/api/conversations/x/read", &json!({}));
    call.to(&services, functions::conversations::read::handle).await.refused(401, "UNAUTHORIZED");
}
