//! Connections: opening, closing, and what comes over them without a conversation.

use app::delivery::Batch;
use benches::support::{Person, Phone, authorize, post, text};
use functions::ws;
use serde_json::{Value, json};

use crate::crowd::{crowd, people};
use crate::stage::{Stage, What};
use crate::used::{Entry, Row, Used};

/// Posts in one share, as the template has it.
const SHARE: usize = 300;
/// Connections that a person may have, as the template has it.
const MOST: usize = 10;

/// All of them.
pub(crate) async fn measured() -> Vec<Row> {
    let stage = Stage::start().await;
    let mut rows = Vec::new();
    let [own, some, other] = people(&stage.bench, 3, 1, "pine").await.try_into().expect("three");

    let services = stage.bench.of("ws-authorizer").await;
    let ticket = post("/api/auth/ws-ticket", &json!({})).bearer(&own.token);
    let given =
        ticket.to(&stage.bench.of("auth-ws-ticket").await, functions::auth::ws_ticket::handle).await.expect(201);
    for (case, name, value) in [("a token", "token", own.token.clone()), ("a ticket", "ticket", text(&given["ticket"]))]
    {
        let begun = stage.begin();
        authorize(&services, ws::authorizer::handle, &[], &[(name, &value)]).await.expect("somebody");
        rows.push(invocation(("ws-authorizer", case), stage.used(begun).await));
    }

    let mut phones = vec![connect(&stage, &mut rows, &own, "").await];
    for _ in 1..MOST {
        phones.push(connect(&stage, &mut Vec::new(), &own, "").await);
    }
    phones.push(connect(&stage, &mut rows, &own, "one too many, which closes the oldest").await);
    let services = stage.bench.of("ws-disconnect").await;
    let begun = stage.begin();
    let answer = stage.bench.admit(&services, ws::disconnect::handle, phones[1].connecting()).await;
    assert_eq!(answer["statusCode"], 200);
    rows.push(invocation(("ws-disconnect", ""), stage.used(begun).await));

    let phone = &stage.bench.phone(&some).await;
    stage.act(&mut rows, ("ws-ping", ""), ws::ping::handle, phone, ("ping", json!({}))).await;
    phone.expect("pong").await;
    let id = stage.bench.direct(&some, &other).await;
    envelope(
        &stage,
        &mut rows,
        phone,
        "the older envelope, `message:send`",
        &json!({
            "type": "message:send", "payload": { "conversationId": id, "content": "👍", "tempId": "one" },
        }),
    )
    .await;
    phone.expect("message:receive").await;
    envelope(&stage, &mut rows, phone, "an unknown action", &json!({ "action": "dance" })).await;
    phone.expect("error").await;
    shares(&stage, &mut rows).await;
    rows
}

pub(crate) fn invocation((function, case): What, used: Used) -> Row {
    Row { function, case, members: String::new(), entry: Entry::Invocation, used }
}

pub(crate) async fn connect(stage: &Stage, rows: &mut Vec<Row>, person: &Person, case: &'static str) -> Phone {
    let phone = stage.bench.unknown_phone(person).await;
    let services = stage.bench.of("ws-connect").await;
    let begun = stage.begin();
    let answer = stage.bench.admit(&services, ws::connect::handle, phone.connecting()).await;
    assert_eq!(answer["statusCode"], 200);
    rows.push(invocation(("ws-connect", case), stage.used(begun).await));
    phone
}

async fn envelope(stage: &Stage, rows: &mut Vec<Row>, phone: &Phone, case: &'static str, frame: &Value) {
    let services = stage.bench.of("ws-default").await;
    let begun = stage.begin();
    stage.bench.act(&services, ws::default::handle, phone, frame).await;
    let used = stage.used(begun).await;
    rows.push(Row { function: "ws-default", case, members: String::new(), entry: Entry::Frame, used });
}

/// What a large conversation's message hands over.
async fn shares(stage: &Stage, rows: &mut Vec<Row>) {
    let mut phones = crowd(&stage.bench, SHARE, 1).await;
    let event = json!({ "action": "message:receive" }).to_string();
    for (case, gone) in [("300 connections", false), ("one of them gone", true)] {
        let of = |phone: &Phone| {
            let live = phone.live();
            (phone.actor.user.to_string(), live.id.to_string(), live.since.millis(), live.until.millis())
        };
        let to: Vec<_> = phones.iter().map(of).collect();
        if gone {
            phones.remove(0).hang_up().await;
        }
        let batch: Batch =
            serde_json::from_value(json!({ "deliveries": [{ "event": event, "to": to }] })).expect("a share");
        let begun = stage.begin();
        stage.post(batch).await;
        rows.push(invocation(("ws-fan-out", case), stage.used(begun).await));
    }
}
