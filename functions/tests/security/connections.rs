//! C7 and C12: what is told over which connection, when its token has ended or its id was given out again.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use serde_json::json;
use store::{Table, presence};

use crate::support::{Bench, LoopbackReceivers, Person, Phone, call, now};

fn earlier(seconds: i64) -> Timestamp {
    Timestamp::from_millis(now().millis() - seconds * 1000)
}

async fn connect(bench: &Bench, phone: &Phone) {
    let services = bench.of("ws-connect").await;
    let answer = bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
    assert_eq!(answer, json!({ "statusCode": 200 }));
}

/// A phone whose token has ended, and which says nothing.
async fn outlived(bench: &Bench, person: &Person) -> Phone {
    let mut phone = bench.unknown_phone(person).await;
    (phone.since, phone.until) = (earlier(60), now());
    bench.note(&phone).await;
    phone
}

#[tokio::test]
async fn c12_an_id_that_is_given_out_again_gets_nothing_of_whoever_had_it_before() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let own = bench.direct(&eve, &pair.ben).await;
    // Ana had it for a while, and her goodbye was lost.
    let mut phone = bench.unknown_phone(&pair.ana).await;
    phone.since = earlier(600);
    connect(&bench, &phone).await;
    (phone.actor, phone.since) = (eve.actor.clone(), now());
    connect(&bench, &phone).await;
    assert_eq!(bench.connections(&pair.ana).await, [pair.of_ana.connection.as_str()]);
    assert_eq!(bench.connections(&eve).await, [phone.connection.as_str()]);

    bench.say(&pair.of_ben, &pair.id, "for Ana alone").await;
    pair.of_ana.expect("message:receive").await;
    bench.say(&pair.of_ben, &own, "for Eve").await;
    assert_eq!(phone.expect("message:receive").await["message"]["content"], "for Eve");
    assert!(!phone.received().iter().any(|event| event.to_string().contains("for Ana")));
}

#[tokio::test]
async fn c12_a_late_goodbye_and_a_lost_post_end_no_later_connection_of_the_same_id() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "en").await;
    let mut phone = bench.unknown_phone(&ana).await;
    phone.since = earlier(600);
    connect(&bench, &phone).await;
    let first = phone.live();
    let goodbye = phone.connecting();
    phone.since = earlier(60);
    connect(&bench, &phone).await;

    let services = bench.of("ws-disconnect").await;
    bench.admit(&services, functions::ws::disconnect::handle, goodbye).await;
    assert_eq!(bench.connections(&ana).await, [phone.connection.as_str()], "a goodbye of before");

    // What was to be posted to the first of them finds it gone.
    let (table, push): (Table, app::delivery::Push) = bench.of("ws-fan-out").await;
    let id = phone.connection.to_string();
    let event = app::delivery::packed(&wire::frame::Event::Pong { timestamp: String::new() }).unwrap();
    let parcel = app::delivery::Parcel { user: ana.actor.user.clone(), connection: first, event };
    let last = phone.live();
    phone.hang_up().await;
    push.deliver(&table, vec![parcel.clone()], now()).await.unwrap();
    assert_eq!(bench.connections(&ana).await, [id]);
    push.deliver(&table, vec![app::delivery::Parcel { connection: last, ..parcel }], now()).await.unwrap();
    assert!(bench.connections(&ana).await.is_empty(), "its own end");
}

#[tokio::test]
async fn c7_who_only_listens_hears_nothing_more_when_the_token_has_ended() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let group = bench.group(&ben, &[&ana]).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    let said = bench.say(&of_ben, &group, "while it held").await;
    of_ana.expect("message:receive").await;
    let of_it = |more: serde_json::Value| {
        let mut data = json!({ "conversationId": group, "messageId": said["id"] });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "action": "", "data": data })
    };
    // Each is found by what is told next, is told nothing, and costs the write that forgets it and no more.
    for (function, told, asked, used) in [
        (
            "ws-message-send",
            "message:receive",
            of_it(json!({ "content": "after" })),
            "BatchGetItem 1, PutItem 1, Query 1, UpdateItem 4",
        ),
        ("ws-message-edit", "message:edited", of_it(json!({ "content": "better" })), ""),
        ("ws-message-reaction", "message:reaction", of_it(json!({ "emoji": "👍" })), ""),
        ("ws-message-typing", "message:typing", of_it(json!({ "isTyping": true })), ""),
        ("ws-presence-update", "presence:changed", json!({ "action": "", "data": { "status": "away" } }), ""),
        ("ws-message-delete", "message:deleted", of_it(json!({ "forEveryone": true })), ""),
    ] {
        let ended = outlived(&bench, &ana).await;
        bench.start_counting();
        bench.frame(function, &of_ben, &asked).await;
        if !used.is_empty() {
            assert_eq!(bench.used(), used, "{function}");
        }
        of_ana.expect(told).await;
        ended.expect_close().await;
        assert!(ended.received().is_empty(), "{function}: {:?}", ended.received());
        assert_eq!(bench.connections(&ana).await, [of_ana.connection.as_str()], "{function}");
    }
    // By a route, and in what is handed over.
    let ended = outlived(&bench, &ana).await;
    let path = format!("/api/conversations/{group}");
    let asked = call("PATCH", &path, Some(&json!({ "name": "Later" }))).path("conversationId", &group);
    assert_eq!(bench.http("conversations-update", asked.bearer(&ben.token)).await.status, 200);
    of_ana.expect("conversation:updated").await;
    ended.expect_close().await;
    assert!(ended.received().is_empty());

    let ended = outlived(&bench, &ana).await;
    let to = |phone: &Phone| {
        let live = phone.live();
        json!([ana.id, live.id.as_str(), live.since.millis(), live.until.millis()])
    };
    let event = json!({ "action": "shared" }).to_string();
    let batch = json!({ "deliveries": [{ "event": event, "to": [to(&ended), to(&of_ana)] }] });
    let services: (Table, app::delivery::Push) = bench.of("ws-fan-out").await;
    let batch = serde_json::from_value(batch).unwrap();
    let limit = std::time::Duration::from_mins(2);
    edge::invocation::run(&services, &functions::ws::fan_out::handle, batch, "r", limit).await;
    of_ana.expect("shared").await;
    ended.expect_close().await;
    assert!(ended.received().is_empty());
    assert_eq!(bench.connections(&ana).await, [of_ana.connection.as_str()]);
}

#[tokio::test]
async fn c7_a_connection_noted_without_its_tokens_end_hears_what_any_does_for_two_hours() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let (user, table) = (&pair.ana.actor.user, bench.table());
    let mut old = bench.unknown_phone(&pair.ana).await;
    old.since = earlier(3 * 60 * 60);
    bench.note(&old).await;
    let key = store::keys::presence(user);
    for phone in [&pair.of_ana, &old] {
        let update = table.client().update_item().table_name(table.name());
        let update = update.key("PK", AttributeValue::S(key.pk.clone())).key("SK", AttributeValue::S(key.sk.clone()));
        let update = update.update_expression("REMOVE #c.#id.#u").expression_attribute_names("#c", "connections");
        let update = update.expression_attribute_names("#u", "until");
        update.expression_attribute_names("#id", phone.connection.as_str()).send().await.unwrap();
    }
    bench.say(&pair.of_ben, &pair.id, "hello").await;
    pair.of_ana.expect("message:receive").await;
    old.expect_close().await;
    assert!(old.received().is_empty());
    // And its goodbye ends it, although its beginning was noted by another clock.
    let mut goodbye = pair.of_ana;
    goodbye.since = Timestamp::from_millis(goodbye.since.millis() - 40);
    let services = bench.of("ws-disconnect").await;
    bench.admit(&services, functions::ws::disconnect::handle, goodbye.connecting()).await;
    let known = presence::of(&table, [user], store::Consistency::Strong).await.unwrap();
    assert!(known[user].connections.is_empty());
}

#[tokio::test]
async fn c7_nothing_is_told_over_the_socket_of_an_ended_session_that_could_not_be_closed() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let tablet = bench.sign_in_again(&pair.ana).await;
    let of_tablet = bench.phone(&tablet).await;
    // Nobody there knows how to close anything.
    let receivers = LoopbackReceivers::start().await;
    let (guard, table, _): (edge::Guard, Table, app::delivery::Push) = bench.of("auth-logout").await;
    let services = (guard, table, receivers.push(&bench, "auth-logout"));
    let call = crate::support::post("/api/auth/logout", &json!({})).bearer(&pair.ana.token);
    call.to(&services, functions::auth::logout::handle).await.expect(200);
    bench.say(&pair.of_ben, &pair.id, "after").await;
    of_tablet.expect("message:receive").await;
    assert!(pair.of_ana.received().is_empty());
}
