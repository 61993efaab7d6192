use serde_json::json;

use crate::support::Bench;

#[tokio::test]
async fn nothing_is_left_of_it_and_one_may_ask_again() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.befriend(&ana, &ben).await.expect(201);
    let body = bench.answer_friend("friends-decline", &ben, &ana.id).await.expect(200);
    assert_eq!(bench.used(), "TransactWriteItems 1, UpdateItem 1");
    assert_eq!(body, json!({ "success": true }));
    assert_eq!(bench.ties(&ana, &ben).await, [None, None]);
    bench.answer_friend("friends-decline", &ben, &ana.id).await.refused(404, "NOT_FOUND");
    bench.befriend(&ana, &ben).await.expect(201);
}

#[tokio::test]
async fn d2_only_who_was_asked_declines_and_friends_stay() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.befriend(&ana, &ben).await.expect(201);
    bench.answer_friend("friends-decline", &ana, &ben.id).await.refused(404, "NOT_FOUND");
    bench.answer_friend("friends-accept", &ben, &ana.id).await.expect(200);
    bench.answer_friend("friends-decline", &ben, &ana.id).await.refused(404, "NOT_FOUND");
    assert_eq!(bench.ties(&ana, &ben).await, [Some("friends".to_owned()), Some("friends".to_owned())]);
}
