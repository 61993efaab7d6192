use serde_json::json;

use crate::support::{Bench, fields};

#[tokio::test]
async fn an_older_clients_envelope_runs_the_same_code() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let (of_ben, of_ana) = (bench.phone(&ben).await, bench.phone(&ana).await);
    let services = bench.of("ws-default").await;
    let frame = json!({
        "type": "message:send",
        "payload": { "conversationId": id, "content": "Hello!", "type": "text", "attachments": [], "tempId": "t1" },
    });
    bench.act(&services, functions::ws::default::handle, &of_ben, &frame).await;
    assert_eq!(of_ana.expect("message:receive").await["message"]["content"], "Hello!");
    assert_eq!(of_ben.expect("message:receive").await["tempId"], "t1");
}

#[tokio::test]
async fn c8_whatever_is_no_known_action_is_an_error_event_and_the_connection_lives() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "en").await;
    let phone = bench.phone(&ana).await;
    let services = bench.of("ws-default").await;
    let deep = format!("{{\"action\":{}", "[".repeat(10_000));
    let long = json!({ "action": "x".repeat(100_000) }).to_string();
    for (body, field) in [
        ("", "body"),
        ("not json", "body"),
        ("[]", "body"),
        ("\"message:send\"", "body"),
        ("{}", "body"),
        ("{\"action\": 7}", "body"),
        ("{\"action\": \"dance\", \"data\": {}}", "action"),
        ("{\"type\": \"dance\"}", "action"),
        (&deep, "body"),
        (&long, "action"),
    ] {
        bench.act_text(&services, functions::ws::default::handle, &phone, body).await;
        let error = phone.expect("error").await;
        assert_eq!(fields(&error), ["action", "code", "details", "message", "request"], "{body:.60}");
        assert_eq!(error["code"], "VALIDATION_ERROR");
        assert_eq!(fields(&error["details"]), [field], "{body:.60}");
        assert!(error.to_string().len() < 300_000);
    }
}

#[tokio::test]
async fn c9_nonsense_counts_against_the_limit() {
    let bench = Bench::with(&[("SocketEventsPerMinute", "2")]).await;
    let ana = bench.person("ana", "en").await;
    let phone = bench.phone(&ana).await;
    let services = bench.of("ws-default").await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        bench.act_text(&services, functions::ws::default::handle, &phone, "{}").await;
        codes.push(phone.expect("error").await["code"].clone());
    }
    assert_eq!(codes, ["VALIDATION_ERROR", "VALIDATION_ERROR", "RATE_LIMITED"]);
}
