use serde_json::{Value, json};

use super::register::{register, tokens};
use crate::support::{Answer, Bench, Person, post, post_text};

async fn unregister(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("devices-unregister").await;
    bench.start_counting();
    let call = post("/api/devices/unregister", body).bearer(&person.token);
    call.to(&services, functions::devices::unregister::handle).await
}

#[tokio::test]
async fn ends_one_or_all_of_the_callers() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    for token in ["one", "two", "three"] {
        register(&bench, &ana, &json!({ "token": token, "platform": "ios" })).await.expect(200);
    }
    register(&bench, &ben, &json!({ "token": "bens", "platform": "ios" })).await.expect(200);
    let body = unregister(&bench, &ana, &json!({ "token": "two" })).await.expect(200);
    assert_eq!(body, json!({ "success": true }));
    assert_eq!(bench.used(), "TransactWriteItems 1, UpdateItem 1");
    assert_eq!(tokens(&bench, &ana).await, ["one", "three"]);

    unregister(&bench, &ana, &json!({})).await.expect(200);
    assert_eq!(bench.used(), "Query 1, TransactWriteItems 2, UpdateItem 1");
    assert_eq!((tokens(&bench, &ana).await, tokens(&bench, &ben).await), (vec![], vec!["bens".to_owned()]));
    let services = bench.of("devices-unregister").await;
    let call = post_text("/api/devices/unregister", "").bearer(&ana.token);
    call.to(&services, functions::devices::unregister::handle).await.expect(200);
}

#[tokio::test]
async fn d2_the_device_of_somebody_else_stays() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    register(&bench, &ben, &json!({ "token": "bens", "platform": "ios" })).await.expect(200);
    unregister(&bench, &ana, &json!({ "token": "bens" })).await.expect(200);
    assert_eq!(tokens(&bench, &ben).await, ["bens"]);
    unregister(&bench, &ana, &json!({ "token": 5 })).await.refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("devices-unregister").await;
    let call = post("/api/devices/unregister", &json!({}));
    call.to(&services, functions::devices::unregister::handle).await.refused(401, "UNAUTHORIZED");
}
