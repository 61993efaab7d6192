//! C8: whatever is sent, to whatever route or action, gets an answer in the one shape, and none is a defect.

use serde_json::{Value, json};

use crate::support::{Bench, application, call, fields, post_text};

/// No body is one of these to anybody.
fn bodies() -> Vec<String> {
    let deep = "[".repeat(20_000);
    let mut all: Vec<String> =
        ["", "{", "[]", "null", "7", "\"text\"", "\u{0}", "{\"a\":1}{\"b\":2}", "{\"\":{\"\":[]}}"]
            .map(str::to_owned)
            .into();
    all.extend([deep.clone(), format!("{{\"name\":{deep}"), "x".repeat(200_000)]);
    all.extend(wrong().into_iter().map(|wrong| wrong.to_string()));
    all
}

/// Every field that any request has, with something else in it.
fn wrong() -> Vec<Value> {
    let names = [
        "email",
        "password",
        "username",
        "displayName",
        "name",
        "preferredLanguage",
        "preferredCountry",
        "language",
        "country",
        "rememberMe",
        "idToken",
        "provider",
        "nonce",
        "refreshToken",
        "allSessions",
        "oldPassword",
        "newPassword",
        "bio",
        "avatarUrl",
        "settings",
        "contentType",
        "fileSize",
        "fileName",
        "key",
        "conversationId",
        "token",
        "platform",
        "type",
        "participantIds",
        "description",
        "isPrivate",
        "maxMembers",
        "sourceLanguage",
        "targetLanguage",
        "tokenSpendingMode",
        "forEveryone",
        "lastReadMessageId",
        "mutedUntil",
        "pinned",
        "archived",
        "role",
        "content",
        "tempId",
        "clientMessageId",
        "replyTo",
        "attachment",
        "translateDocument",
        "messageId",
        "messageTimestamp",
        "emoji",
        "isTyping",
        "status",
        "since",
        "limit",
        "cursor",
        "before",
        "after",
        "q",
    ];
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!(9_007_199_254_740_993_i64),
        json!(""),
        json!("\u{0}"),
        json!("#"),
        json!("x".repeat(3_000)),
        json!("\u{1F469}\u{200D}".repeat(300)),
        json!("2020-13-45T99:99:99.999Z"),
        json!("msg_00000000-0000-0000-0000-000000000000"),
        json!([[[{}]]]),
        json!({ "messageId": [], "id": {}, "theme": 7 }),
    ];
    values.iter().map(|value| names.iter().map(|name| ((*name).to_owned(), value.clone())).collect()).collect()
}

/// What no part of a path is.
const PARTS: [&str; 8] =
    ["", "..", "%00", "a#b", "conv_", "user_../../x", "me\u{202E}", "msg_ffffffff-ffff-ffff-ffff-ffffffffffff"];

const QUERIES: [&str; 6] = [
    "",
    "?limit=-1&cursor=%00&since=x&before=&after=&q=",
    "?limit=1e9&cursor=%ff%fe&since=9999-99-99&before=#&q=%25",
    "?limit=NaN&limit=5&key=../../etc/passwd&state=&code=",
    "?limit=99999999999999999999&q=\u{0}\u{0}&since=-1&key=profiles/x",
    "?=&=&&&%",
];

#[tokio::test]
async fn c8_no_route_breaks_whatever_it_is_sent() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "en").await;
    let own = bench.group(&ana, &[&bench.person("ben", "en").await]).await;
    let application = application();
    let mut wrong = Vec::new();
    for route in application.http_apis.values().flat_map(|api| &api.routes) {
        let function = local::processes::name(&application.functions[&route.function]).unwrap();
        let mut calls = Vec::new();
        // What only reads takes no body.
        let bodies = if route.method == "GET" { Vec::new() } else { bodies() };
        for (turn, body) in bodies.iter().enumerate() {
            let path = format!("/api/anything{}", QUERIES[turn % QUERIES.len()]);
            // In turn nonsense and a conversation that is there, so that it gets past the path.
            let room = if turn % 2 == 0 { own.as_str() } else { PARTS[turn % PARTS.len()] };
            calls.push((format!("{path} {body:.60}"), post_text(&path, body), room, PARTS[turn % PARTS.len()]));
        }
        for (turn, part) in PARTS.into_iter().enumerate() {
            let path = format!("/api/anything{}", QUERIES[turn % QUERIES.len()]);
            calls.push((format!("{path} {part}"), call("GET", &path, None), part, part));
            calls.push((format!("{path} {own}"), call("GET", &path, None), own.as_str(), part));
        }
        for (what, call, room, part) in calls {
            let call = call.bearer(&ana.token).path("conversationId", room);
            let call =
                ["userId", "messageId", "sessionId", "picture"].iter().fold(call, |call, name| call.path(name, part));
            let answer = bench.http(function, call).await;
            if answer.status >= 500 {
                wrong.push(format!("{}: {what}: {} {}", route.key(), answer.status, answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn c8_no_action_breaks_whatever_it_is_sent() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let application = application();
    let mut data: Vec<Value> = [json!(null), json!(7), json!([]), json!("text"), json!({})].into();
    data.extend(wrong());
    // As far as the conversation it is right.
    data.extend(wrong().into_iter().map(|mut data| {
        data["conversationId"] = json!(pair.id);
        data
    }));
    let mut wrong = Vec::new();
    for (key, route) in application.websocket_apis.values().flat_map(|api| &api.routes) {
        let function = local::processes::name(&application.functions[&route.function]).unwrap();
        if ["$connect", "$disconnect"].contains(&key.as_str()) {
            continue;
        }
        for data in &data {
            for frame in [json!({ "action": key, "data": data }), json!({ "type": key, "payload": data, "x": data })] {
                let seen = pair.of_ben.received().len();
                bench.frame(function, &pair.of_ben, &frame).await;
                bench.frame("ws-ping", &pair.of_ben, &json!({ "action": "ping" })).await;
                pair.of_ben.expect("pong").await;
                for error in pair.of_ben.received()[seen..].iter().filter(|frame| frame["action"] == "error") {
                    let shape: Vec<_> = fields(error).into_iter().filter(|name| *name != "tempId").collect();
                    let good = shape == ["action", "code", "details", "message", "request"];
                    if !good || error["code"] == "INTERNAL_ERROR" || error.to_string().len() > 20_000 {
                        wrong.push(format!("{key}: {:.200}: {:.300}", frame.to_string(), error.to_string()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
