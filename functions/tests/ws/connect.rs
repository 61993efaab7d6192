use serde_json::{Value, json};

use crate::support::{Bench, Person, Phone, fields};

async fn connect(bench: &Bench, phone: &Phone) {
    let services = bench.of("ws-connect").await;
    bench.start_counting();
    let answer = bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
    assert_eq!(answer, json!({ "statusCode": 200 }));
}

#[tokio::test]
async fn the_first_connection_is_told_to_people_one_shares_a_conversation_with_and_no_other_is() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (cem, dia) = (bench.person("cem", "tr").await, bench.person("dia", "pt").await);
    bench.direct(&ana, &ben).await;
    bench.group(&cem, &[&ana]).await;
    let (of_ben, of_cem, of_dia) = (bench.phone(&ben).await, bench.phone(&cem).await, bench.phone(&dia).await);
    let first = bench.unknown_phone(&ana).await;
    connect(&bench, &first).await;
    assert_eq!(bench.used(), "BatchGetItem 2, GetItem 2, PutItem 1, Query 4, UpdateItem 2");
    for phone in [&of_ben, &of_cem] {
        let told = phone.expect("presence:changed").await;
        assert_eq!(fields(&told), ["action", "isOnline", "lastSeen", "status", "userId"]);
        assert_eq!(
            (&told["userId"], &told["status"], &told["isOnline"]),
            (&json!(ana.id), &json!("online"), &json!(true))
        );
    }
    let second = bench.unknown_phone(&ana).await;
    connect(&bench, &second).await;
    assert_eq!(bench.used(), "GetItem 2, PutItem 1, UpdateItem 1", "no news");
    assert!(of_dia.received().is_empty() && first.received().is_empty() && second.received().is_empty());
}

#[tokio::test]
async fn notes_the_connection() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-connect").await;
    let phone = bench.unknown_phone(&ana).await;
    bench.start_counting();
    let answer = bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
    assert_eq!(answer, json!({ "statusCode": 200 }));
    // Noted, its session looked at, whose its id was; then whom to tell, which is nobody.
    assert_eq!(bench.used(), "GetItem 2, PutItem 1, Query 2, UpdateItem 2");
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
