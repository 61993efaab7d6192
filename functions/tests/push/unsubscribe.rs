use serde_json::json;

use crate::devices::register::tokens;
use crate::support::{Bench, endpoint, fields, subscription};

#[tokio::test]
async fn ends_a_browser_of_the_caller_and_nobody_elses() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.subscribe(&ana, &json!({ "subscription": subscription("one") })).await.expect(200);
    bench.subscribe(&ana, &json!({ "subscription": subscription("two") })).await.expect(200);
    bench.unsubscribe(&ben, &json!({ "endpoint": endpoint("one") })).await.expect(200);
    assert_eq!(tokens(&bench, &ana).await, [endpoint("one"), endpoint("two")]);
    let body = bench.unsubscribe(&ana, &json!({ "endpoint": endpoint("one") })).await.expect(200);
    assert_eq!(body, json!({ "success": true }));
    assert_eq!(bench.used(), "TransactWriteItems 1, UpdateItem 1");
    assert_eq!(tokens(&bench, &ana).await, [endpoint("two")]);
    // It is gone: to end it again is no mistake.
    bench.unsubscribe(&ana, &json!({ "endpoint": endpoint("one") })).await.expect(200);
}

#[tokio::test]
async fn an_endpoint_is_needed() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for body in [json!({}), json!({ "endpoint": "x" }), json!({ "endpoint": 7 })] {
        let details = bench.unsubscribe(&ana, &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["endpoint"]);
    }
}
