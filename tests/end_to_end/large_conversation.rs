//! A thousand members, hundreds of live connections: nobody is left out, no invocation does it all.

use std::collections::BTreeMap;

use domain::conversation::Role;
use domain::{ConversationId, Timestamp, UserId};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use store::Table;
use store::members::MemberRecord;
use testkit::{Person, TestStack};

use crate::PARLANCE;

/// People with live connections, and how many each has: together more than one invocation posts to.
const PEOPLE: usize = 32;
const EACH: usize = 10;
const MEMBERS: usize = 1_000;

/// Writes of `message:send` since the last look, by operation.
fn writes(stack: &TestStack) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for usage in stack.take_usage().iter().filter(|usage| usage.caller == "WsMessageSendFunction") {
        if usage.operation.contains("PutItem") || usage.operation.contains("UpdateItem") {
            *counts.entry(usage.operation.clone()).or_default() += 1;
        }
    }
    counts
}

#[tokio::test]
async fn everybody_of_a_thousand_gets_it_for_the_same_writes_as_two() {
    let stack = TestStack::start(PARLANCE).await;
    let names: Vec<String> = (0..PEOPLE).map(|number| format!("p{number}")).collect();
    let people: Vec<Person> = stream::iter(&names).map(|name| stack.register(name, "en")).buffered(4).collect().await;
    let (sender, others) = people.split_first().unwrap();
    let pair = sender.direct(&others[0]).await;
    let group = sender.group("everybody", &others.iter().collect::<Vec<_>>()).await;

    // The rest has an account somewhere and no connection.
    let table = Table::new(stack.dynamodb(), stack.table_name());
    let id = ConversationId::parse(&group).unwrap();
    let now = Timestamp::EPOCH;
    let stranger = |number: usize| UserId::new(uuid::Uuid::from_u128((0x4000_8000 << 64) + number as u128));
    let places: Vec<MemberRecord> =
        (0..MEMBERS - PEOPLE).map(|number| MemberRecord::new(&id, &stranger(number), Role::Member, 0, now)).collect();
    for places in places.chunks(store::places::MOST_ADDED) {
        let most = u32::try_from(MEMBERS).unwrap();
        let added = store::places::add(&table, &id, places, most, now).await.unwrap();
        assert_eq!(added, store::places::Changed::Done);
    }

    let mut phone = sender.connect().await;
    stack.take_usage();
    phone.send("message:send", &json!({ "conversationId": pair, "content": "hello", "tempId": "t" })).await;
    phone.expect("message:receive").await;
    let of_two = writes(&stack);
    assert_eq!(of_two.values().sum::<usize>(), 6, "{of_two:?}");

    let mut sockets = Vec::new();
    for person in others {
        sockets.extend(join_all((0..EACH).map(|_| person.connect())).await);
    }
    stack.take_usage();
    phone.send("message:send", &json!({ "conversationId": group, "content": "hello all", "tempId": "t" })).await;
    let sent = phone.expect("message:receive").await["message"]["id"].clone();
    for socket in &sockets {
        assert_eq!(socket.expect("message:receive").await["message"]["id"], sent);
    }
    let usage = stack.usage();
    let handed = usage.iter().filter(|usage| usage.operation == "lambda:InvokeFunction").count();
    assert_eq!((handed, sockets.len()), (1, (PEOPLE - 1) * EACH), "300 by itself, the others by another");
    assert_eq!(writes(&stack), of_two);
    stack.stop().await;
}
