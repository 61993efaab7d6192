//! C11: receivers that are full for a moment, or stay so.

use std::time::Duration;

use app::delivery::{Parcel, Push, packed};
use app::sending::Outbox;
use domain::ConnectionId;
use serde_json::json;
use store::Live;
use wire::frame::Event;

use crate::support::{Bench, Ended, LoopbackReceivers, Person, now};

/// A connection of somebody that events are posted to.
async fn connection(bench: &Bench, person: &Person, name: &str) -> ConnectionId {
    let (user, session) = (&person.actor.user, &person.actor.session);
    store::presence::connect(&bench.table(), (user, session), &live(name)).await.unwrap();
    live(name).id
}

fn live(name: &str) -> Live {
    Live::new(ConnectionId::parse(name).unwrap(), now(), None)
}

fn parcel(person: &Person, name: &str) -> Parcel {
    let event = packed(&Event::Pong { timestamp: String::new() }).unwrap();
    Parcel { user: person.actor.user.clone(), connection: live(name), event }
}

/// How the posts to one connection ended.
fn ended(receivers: &LoopbackReceivers, name: &str) -> Vec<Ended> {
    receivers.posted().into_iter().filter(|posted| posted.to == name).map(|posted| posted.ended).collect()
}

#[tokio::test]
async fn c11_a_full_receiver_is_tried_once_more() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let receivers = LoopbackReceivers::start().await;
    let push = receivers.push(&bench, "ws-message-send");
    for name in ["moment=", "full=", "fine="] {
        connection(&bench, &ana, name).await;
    }
    receivers.fill("moment=", 1);
    receivers.fill("full=", usize::MAX);
    let parcels = ["moment=", "full=", "fine="].map(|name| parcel(&ana, name)).to_vec();
    push.deliver(&bench.table(), parcels, now()).await.unwrap();
    assert_eq!(ended(&receivers, "moment="), [Ended::Full, Ended::Delivered]);
    assert_eq!(ended(&receivers, "full="), [Ended::Full, Ended::Full]);
    assert_eq!(ended(&receivers, "fine="), [Ended::Delivered], "nobody gets anything twice");
    assert_eq!(bench.connections(&ana).await.len(), 3, "full is not gone");

    receivers.fill("moment=", 1);
    let moment = ConnectionId::parse("moment=").unwrap();
    push.answer(&moment, &Event::Pong { timestamp: "answer".to_owned() }).await.unwrap();
    let last = receivers.posted().pop().unwrap();
    assert_eq!((last.ended, &last.event["timestamp"]), (Ended::Delivered, &json!("answer")), "an answer too");
}

#[tokio::test]
async fn c11_senders_who_met_a_full_receiver_together_do_not_come_back_together() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let receivers = LoopbackReceivers::start().await;
    let push = receivers.push(&bench, "ws-message-send");
    let names: Vec<String> = (0..24).map(|number| format!("c{number}=")).collect();
    for name in &names {
        receivers.fill(name, 1);
    }
    let table = bench.table();
    let deliveries = names.iter().map(|name| push.deliver(&table, vec![parcel(&ana, name)], now()));
    for delivered in futures_util::future::join_all(deliveries).await {
        delivered.unwrap();
    }
    let posted = receivers.posted();
    let pauses: Vec<Duration> = names
        .iter()
        .map(|name| {
            let times: Vec<_> = posted.iter().filter(|posted| posted.to == *name).map(|posted| posted.at).collect();
            assert_eq!(times.len(), 2, "{name}");
            times[1] - times[0]
        })
        .collect();
    let (shortest, longest) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
    assert!(*shortest >= Duration::from_millis(50), "{pauses:?}");
    // Random over a quarter of a second: two dozen within a tenth of that are no chance.
    assert!(*longest >= *shortest + Duration::from_millis(25), "{pauses:?}");
}

#[tokio::test]
async fn c11_a_receiver_that_stays_full_delays_nobody_who_gets_the_same() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let receivers = LoopbackReceivers::start().await;
    let push = receivers.push(&bench, "ws-message-send");
    // More of them than are posted to at once, and first.
    let full: Vec<String> = (0..60).map(|number| format!("full{number}=")).collect();
    let fine: Vec<String> = (0..10).map(|number| format!("fine{number}=")).collect();
    for name in &full {
        receivers.fill(name, usize::MAX);
    }
    let parcels = full.iter().chain(&fine).map(|name| parcel(&ana, name)).collect();
    push.deliver(&bench.table(), parcels, now()).await.unwrap();
    let posted = receivers.posted();
    let last_fine = posted.iter().rposition(|posted| posted.ended == Ended::Delivered).unwrap();
    let before: Vec<_> = posted[..last_fine].iter().filter(|posted| posted.ended == Ended::Full).collect();
    assert!(before.len() <= full.len(), "nobody is tried again before everybody else has got theirs");
    assert_eq!(posted.len(), 2 * full.len() + fine.len());
}

#[tokio::test]
async fn c11_a_receiver_that_takes_its_time_delays_no_translation() {
    let bench = Bench::start().await;
    let (ana, ben, cem) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("cem", "en").await);
    let id = bench.group(&ben, &[&ana, &cem]).await;
    let receivers = LoopbackReceivers::start().await;
    let push: Push = receivers.push(&bench, "ws-message-send");
    let outbox = Outbox { push: push.clone(), ..bench.of("ws-message-send").await };
    let of_ben = bench.unknown_phone(&ben).await;
    connection(&bench, &ana, "ana=").await;
    // Cem reads it as it is, and is slow; Ana's translation comes after that.
    connection(&bench, &cem, "cem=").await;
    receivers.hold_until("cem=", &["ana="]);
    let data = json!({ "conversationId": id, "content": "The weather is lovely today, is it not?" });
    let frame = json!({ "action": "message:send", "data": data });
    bench.act(&(outbox, push), functions::ws::message_send::handle, &of_ben, &frame).await;
    assert_eq!(ended(&receivers, "ana="), [Ended::Delivered]);
    assert_eq!(ended(&receivers, "cem="), [Ended::Delivered], "who got it when Ana had hers");
}
