use serde_json::json;

use crate::support::{Bench, fields, get, text};

#[tokio::test]
async fn shows_requests_in_both_directions_and_no_friends() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (cem, dia) = (bench.person("cem", "tr").await, bench.person("dia", "en").await);
    bench.friends(&ana, &ben).await;
    bench.befriend(&cem, &ana).await.expect(201);
    bench.befriend(&ana, &dia).await.expect(201);
    bench.start_counting();
    let body = bench.http("friends-requests", get("/api/friends/requests").bearer(&ana.token)).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, Query 1, UpdateItem 1");
    assert_eq!((fields(&body), &body["nextCursor"]), (vec!["nextCursor", "requests"], &json!(null)));
    let requests = body["requests"].as_array().unwrap();
    let mut shown: Vec<_> = requests.iter().map(|it| (text(&it["user"]["username"]), text(&it["direction"]))).collect();
    shown.sort();
    let expected = [("cem", "incoming"), ("dia", "outgoing")];
    assert_eq!(shown, expected.map(|(name, direction)| (name.to_owned(), direction.to_owned())));
    assert!(requests.iter().all(|it| it["user"].get("isOnline").is_none()), "strangers are not seen coming and going");
}

#[tokio::test]
async fn g4_cursors_and_limits_are_checked() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let call = get("/api/friends/requests?limit=1000000000&cursor=1").bearer(&ana.token);
    let details = bench.http("friends-requests", call).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["cursor", "limit"]);
    bench.http("friends-requests", get("/api/friends/requests")).await.refused(401, "UNAUTHORIZED");
}
