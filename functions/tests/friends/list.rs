use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Bench, Person, fields, get, text};

#[tokio::test]
async fn shows_friends_with_how_much_they_are_there_and_no_requests() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (cem, dia) = (bench.person("cem", "tr").await, bench.person("dia", "en").await);
    bench.friends(&ana, &ben).await;
    bench.friends(&cem, &ana).await;
    bench.befriend(&dia, &ana).await.expect(201);
    let _of_ben = bench.phone(&ben).await;
    bench.start_counting();
    let body = bench.http("friends-list", get("/api/friends").bearer(&ana.token)).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, Query 1, UpdateItem 1");
    assert_eq!(fields(&body), ["friends", "nextCursor"]);
    let friends = body["friends"].as_array().unwrap();
    let shown: BTreeSet<_> = friends.iter().map(|friend| (text(&friend["id"]), text(&friend["status"]))).collect();
    let expected = [(ben.id.clone(), "online".to_owned()), (cem.id.clone(), "offline".to_owned())];
    assert_eq!(shown, expected.into());
    assert!(friends.iter().all(|friend| friend.get("email").is_none()));
}

async fn page(bench: &Bench, person: &Person, cursor: &str) -> (Vec<String>, Option<String>) {
    let path = format!("/api/friends?limit=2{cursor}");
    let body = bench.http("friends-list", get(&path).bearer(&person.token)).await.expect(200);
    let ids = body["friends"].as_array().unwrap().iter().map(|friend| text(&friend["id"])).collect();
    (ids, body["nextCursor"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn pages_show_everybody_once() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let mut all = BTreeSet::new();
    for number in 0..5 {
        let friend = bench.person(&format!("friend{number}"), "en").await;
        bench.friends(&friend, &ana).await;
        all.insert(friend.id);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let (ids, next) = page(&bench, &ana, &cursor).await;
        assert!(ids.len() <= 2);
        seen.extend(ids);
        let Some(next) = next else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((seen.len(), seen.into_iter().collect::<BTreeSet<_>>()), (5, all));
}

#[tokio::test]
async fn g4_cursors_and_limits_are_checked() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let call = get("/api/friends?limit=0&cursor=FRIEND%23x").bearer(&ana.token);
    let details = bench.http("friends-list", call).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["cursor", "limit"]);
    bench.http("friends-list", get("/api/friends")).await.refused(401, "UNAUTHORIZED");
    let body = bench.http("friends-list", get("/api/friends").bearer(&ana.token)).await.expect(200);
    assert_eq!(body, json!({ "friends": [], "nextCursor": null }));
}
