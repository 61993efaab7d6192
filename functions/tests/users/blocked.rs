use serde_json::{Value, json};

use super::block::block;
use crate::support::{Answer, Bench, Person, fields, get, text};

async fn blocked(bench: &Bench, person: &Person, query: &str) -> Answer {
    let services = bench.of("users-blocked").await;
    bench.start_counting();
    let call = get(&format!("/api/users/blocked{query}")).bearer(&person.token);
    call.to(&services, functions::users::blocked::handle).await
}

#[tokio::test]
async fn d4_d7_lists_ones_own_and_says_no_more_than_who_they_are() {
    let bench = Bench::start().await;
    let (ana, ben, carl) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("carl", "en").await);
    assert_eq!(blocked(&bench, &ana, "").await.expect(200), json!({ "users": [], "nextCursor": null }));
    assert_eq!(bench.used(), "Query 1, UpdateItem 1");
    block(&bench, &ana, &ben.id).await.expect(200);
    block(&bench, &carl, &ana.id).await.expect(200);
    let _phone = bench.phone(&ben).await;
    let body = blocked(&bench, &ana, "").await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, Query 1, UpdateItem 1");
    assert_eq!(body["users"].as_array().unwrap().len(), 1, "not whoever blocked her: {body}");
    let shown = &body["users"][0];
    assert_eq!(fields(shown), ["avatarUrl", "blockedAt", "displayName", "id", "name", "username"]);
    assert_eq!((&shown["id"], &shown["username"]), (&json!(ben.id), &json!("ben")));
    assert_eq!(blocked(&bench, &ben, "").await.expect(200)["users"], json!([]));
}

#[tokio::test]
async fn pages_show_everybody_once() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let mut expected = Vec::new();
    for number in 0..7 {
        let other = bench.person(&format!("other{number}"), "en").await;
        // Between them, some who have blocked her.
        let (one, two) = if number % 3 == 2 { (&other, &ana) } else { (&ana, &other) };
        block(&bench, one, &two.id).await.expect(200);
        if number % 3 != 2 {
            expected.push(other.id);
        }
    }
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let body = blocked(&bench, &ana, &query).await.expect(200);
        let page = body["users"].as_array().unwrap();
        assert!(page.len() <= 2);
        seen.extend(page.iter().map(|user| text(&user["id"])));
        match &body["nextCursor"] {
            Value::String(cursor) => query = format!("?limit=2&cursor={cursor}"),
            _ => break,
        }
    }
    expected.sort();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn g4_g5_bad_limits_and_cursors_are_refused() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for (query, field) in [
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=x", "limit"),
        ("?cursor=x", "cursor"),
        ("?cursor=", "cursor"),
    ] {
        let details = blocked(&bench, &ana, query).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), [field]);
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-blocked").await;
    let call = get("/api/users/blocked");
    call.to(&services, functions::users::blocked::handle).await.refused(401, "UNAUTHORIZED");
}
