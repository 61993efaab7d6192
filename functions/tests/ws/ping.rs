use serde_json::json;

use crate::support::{Bench, fields};

#[tokio::test]
async fn is_answered_in_either_envelope() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let phone = bench.phone(&ana).await;
    let services = bench.of("ws-ping").await;
    for frame in [json!({ "action": "ping" }), json!({ "type": "ping", "payload": 7 })] {
        bench.start_counting();
        bench.act(&services, functions::ws::ping::handle, &phone, &frame).await;
        assert_eq!(bench.used(), "UpdateItem 1");
        assert_eq!(fields(&phone.expect("pong").await), ["action", "timestamp"]);
    }
}

#[tokio::test]
async fn c9_counts_against_the_limit() {
    let bench = Bench::with(&[("SocketEventsPerMinute", "1")]).await;
    let ana = bench.person("ana", "es").await;
    let phone = bench.phone(&ana).await;
    let services = bench.of("ws-ping").await;
    for answer in ["pong", "error"] {
        bench.act(&services, functions::ws::ping::handle, &phone, &json!({ "action": "ping" })).await;
        phone.expect(answer).await;
    }
}
