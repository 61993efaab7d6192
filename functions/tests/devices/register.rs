use domain::device::DeviceToken;
use serde_json::{Value, json};
use store::devices;

use crate::support::{Answer, Bench, Person, fields, post};

pub async fn register(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("devices-register").await;
    bench.start_counting();
    let call = post("/api/devices/register", body).bearer(&person.token);
    call.to(&services, functions::devices::register::handle).await
}

/// The tokens that somebody's notifications go to.
pub async fn tokens(bench: &Bench, person: &Person) -> Vec<String> {
    let found = devices::of_user(&bench.table(), &person.actor.user).await.unwrap();
    let mut tokens: Vec<_> = found.into_iter().map(|device| device.token).collect();
    tokens.sort();
    tokens
}

#[tokio::test]
async fn registers_devices_of_the_caller() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = register(&bench, &ana, &json!({ "token": "one", "platform": "ios" })).await.expect(200);
    assert_eq!(body, json!({ "success": true }));
    assert_eq!(bench.used(), "GetItem 1, TransactWriteItems 1, UpdateItem 2");
    register(&bench, &ana, &json!({ "token": "two", "platform": "Android" })).await.expect(200);
    register(&bench, &ana, &json!({ "token": "two", "platform": "android" })).await.expect(200);
    assert_eq!(tokens(&bench, &ana).await, ["one", "two"]);
    let device = &devices::of_user(&bench.table(), &ana.actor.user).await.unwrap()[0];
    assert_eq!(device.session, ana.actor.session.to_string());
}

#[tokio::test]
async fn a_device_that_changes_hands_is_one_persons() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let device = json!({ "token": "phone", "platform": "android" });
    register(&bench, &ana, &device).await.expect(200);
    register(&bench, &ben, &device).await.expect(200);
    assert_eq!((tokens(&bench, &ana).await, tokens(&bench, &ben).await), (vec![], vec!["phone".to_owned()]));
}

#[tokio::test]
async fn two_who_register_a_device_at_once_end_with_one_owner() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let device = json!({ "token": "phone", "platform": "android" });
    let tries = (0..8).map(|turn| register(&bench, if turn % 2 == 0 { &ana } else { &ben }, &device));
    for answer in futures_util::future::join_all(tries).await {
        answer.expect(200);
    }
    assert_eq!(tokens(&bench, &ana).await.len() + tokens(&bench, &ben).await.len(), 1);
    // The owner that is noted is the one who has it: it can be ended.
    let token = DeviceToken::parse("phone").unwrap();
    for person in [&ana, &ben] {
        devices::unregister(&bench.table(), &person.actor.user, &token).await.unwrap();
    }
    assert_eq!(tokens(&bench, &ana).await.len() + tokens(&bench, &ben).await.len(), 0);
}

#[tokio::test]
async fn token_and_platform_are_needed() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let details = register(&bench, &ana, &json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["platform", "token"]);
    let bad = json!({ "token": "a b", "platform": "windows" });
    let details = register(&bench, &ana, &bad).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["platform", "token"]);
    let services = bench.of("devices-register").await;
    let call = post("/api/devices/register", &json!({}));
    call.to(&services, functions::devices::register::handle).await.refused(401, "UNAUTHORIZED");
}
