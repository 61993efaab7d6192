use serde_json::{Value, json};

use crate::support::{Bench, Person};

#[tokio::test]
async fn notes_the_connection() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-connect").await;
    let phone = bench.unknown_phone(&ana).await;
    bench.start_counting();
    let answer = bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
    assert_eq!(answer, json!({ "statusCode": 200 }));
    assert_eq!(bench.used(), "GetItem 2, UpdateItem 1");
    assert_eq!(bench.connections(&ana).await, [phone.connection.as_str()]);
}

#[tokio::test]
async fn c9_one_connection_too_many_closes_the_oldest() {
    let bench = Bench::with(&[("ConnectionsPerUser", "3")]).await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-connect").await;
    let mut phones = Vec::new();
    for _ in 0..4 {
        let phone = bench.unknown_phone(&ana).await;
        bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
        phones.push(phone);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    phones[0].expect_close().await;
    let left: Vec<&str> = phones[1..].iter().map(|phone| phone.connection.as_str()).collect();
    assert_eq!(bench.connections(&ana).await, left);
}

#[tokio::test]
async fn w07_an_offered_sub_protocol_is_accepted() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-connect").await;
    let phone = bench.unknown_phone(&ana).await;
    let mut captured: Value = serde_json::from_str(include_str!("../events/connect.json")).unwrap();
    captured["headers"]["Sec-WebSocket-Protocol"] = json!(format!("bearer, {}", ana.token));
    let event = phone.event(&captured.to_string(), None);
    let answer = bench.admit(&services, functions::ws::connect::handle, event).await;
    assert_eq!(answer, json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": "bearer" } }));
}

#[tokio::test]
async fn an_account_that_is_gone_is_refused_and_nothing_is_noted() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-connect").await;
    let mut phone = bench.unknown_phone(&ana).await;
    phone.actor = Person::nobody();
    let before = bench.items().await;
    let answer = bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
    assert_eq!(answer["statusCode"], 401);
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["code"], "UNAUTHORIZED");
    assert_eq!(bench.items().await, before);
}

#[tokio::test]
async fn b8_a_session_that_has_ended_opens_no_connection() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-connect").await;
    let phone = bench.unknown_phone(&ana).await;
    store::sessions::delete(&bench.table(), &ana.actor.user, &ana.actor.session).await.unwrap();
    let answer = bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
    assert_eq!(answer["statusCode"], 401);
    assert!(bench.connections(&ana).await.is_empty());
}
