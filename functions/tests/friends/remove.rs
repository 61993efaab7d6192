use serde_json::json;

use crate::support::Bench;

#[tokio::test]
async fn either_ends_a_friendship_for_both() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    for (one, other) in [(&ana, &ben), (&ben, &ana)] {
        bench.friends(&ana, &ben).await;
        let body = bench.answer_friend("friends-remove", one, &other.id).await.expect(200);
        assert_eq!(bench.used(), "TransactWriteItems 1, UpdateItem 1");
        assert_eq!(body, json!({ "success": true }));
        assert_eq!(bench.ties(&ana, &ben).await, [None, None]);
    }
    bench.answer_friend("friends-remove", &ana, &ben.id).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn who_asked_takes_it_back_and_nobody_else_does() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.befriend(&ana, &ben).await.expect(201);
    bench.answer_friend("friends-remove", &ben, &ana.id).await.refused(404, "NOT_FOUND");
    bench.answer_friend("friends-remove", &ana, &ben.id).await.expect(200);
    assert_eq!(bench.ties(&ana, &ben).await, [None, None]);
}
