use std::time::Duration;

use app::delivery::Push;
use serde_json::json;

use crate::support::{Bench, application, fields, now};

/// The functions behind the routes of the socket that take frames, as the template has them.
fn functions_of_frames() -> Vec<String> {
    let application = application();
    let routes = application.websocket_apis.values().flat_map(|api| &api.routes);
    let frames = routes.filter(|(key, _)| !matches!(key.as_str(), "$connect" | "$disconnect"));
    let name = |id: &str| gateway::launch::name(&application.functions[id]).unwrap().to_owned();
    frames.map(|(_, route)| name(&route.function)).collect()
}

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

#[tokio::test]
async fn c7_a_frame_after_the_tokens_end_does_nothing_and_closes_the_connection() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let message = bench.say(&pair.of_ben, &pair.id, "before").await["id"].clone();
    let before = bench.items().await;
    let functions = functions_of_frames();
    assert!(functions.len() > 10, "{functions:?}");
    for function in functions {
        let mut phone = bench.phone(&pair.ben).await;
        phone.until = now();
        bench.start_counting();
        let frame = json!({ "action": function, "data": {
            "conversationId": pair.id, "messageId": message, "content": "after", "emoji": "👍", "isTyping": true,
            "status": "away",
        } });
        bench.frame(&function, &phone, &frame).await;
        assert_eq!(bench.used(), "", "{function}: no look-up, no write");
        let error = phone.expect("error").await;
        assert_eq!((&error["code"], &error["request"]), (&json!("UNAUTHORIZED"), &json!(function)));
        phone.expect_close().await;
    }
    assert_eq!(bench.items().await, before);
}

#[tokio::test]
async fn c7_a_frame_of_an_ended_session_does_nothing_though_its_socket_could_not_be_closed() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let message = bench.say(&pair.of_ben, &pair.id, "before").await["id"].clone();
    let other = bench.sign_in_again(&pair.ben).await;
    // Ended as signing out, a changed password and deleting the account end it, but for the closing.
    let sessions = [pair.ben.actor.session.clone()];
    store::access::end(&bench.table(), &pair.ben.actor.user, &sessions, now()).await.unwrap();
    let before = bench.items().await;
    for function in functions_of_frames() {
        let phone = bench.unknown_phone(&pair.ben).await;
        bench.start_counting();
        let frame = json!({ "action": function, "data": {
            "conversationId": pair.id, "messageId": message, "content": "after", "emoji": "👍", "isTyping": true,
            "status": "away",
        } });
        bench.frame(&function, &phone, &frame).await;
        let used = bench.used();
        assert!(["UpdateItem 1", "Query 1, UpdateItem 1"].contains(&&*used), "{function}: {used}");
        assert_eq!(phone.expect("error").await["code"], "UNAUTHORIZED", "{function}");
        phone.expect_close().await;
    }
    assert_eq!(bench.items().await, before);
    let of_other = bench.phone(&other).await;
    bench.say(&of_other, &pair.id, "another session goes on").await;
}

#[tokio::test]
async fn c7_a_connection_lives_as_long_as_its_token_and_no_longer() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "en").await;
    let mut phone = bench.phone(&ana).await;
    phone.until = now().plus(Duration::from_mins(1));
    let services: (_, Push) = bench.of("ws-ping").await;
    bench.act(&services, functions::ws::ping::handle, &phone, &json!({ "action": "ping" })).await;
    phone.expect("pong").await;
    // What the authorizer did not say of a connection is not taken for granted.
    let mut event = serde_json::from_str::<serde_json::Value>(include_str!("../events/message.json")).unwrap();
    event["requestContext"]["connectionId"] = json!(phone.connection.as_str());
    event["requestContext"]["authorizer"]["userId"] = json!(ana.id);
    event["requestContext"]["authorizer"]["sessionId"] = json!(ana.actor.session.to_string());
    event["body"] = json!("{\"action\":\"ping\"}");
    let event = serde_json::from_value(event).unwrap();
    edge::socket::act(&services, &functions::ws::ping::handle, event, Duration::from_secs(28)).await;
    assert_eq!(phone.expect("error").await["code"], "UNAUTHORIZED");
    phone.expect_close().await;
}
