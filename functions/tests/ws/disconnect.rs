use app::delivery::Push;
use domain::Timestamp;
use domain::person::Availability;
use edge::DepartureDelay;
use serde_json::json;
use store::{Consistency, Table, presence};

use crate::support::{Bench, Person, Phone, now};

async fn connect(bench: &Bench, person: &Person) -> Phone {
    let phone = bench.unknown_phone(person).await;
    let services = bench.of("ws-connect").await;
    bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
    phone
}

async fn disconnect(bench: &Bench, phone: &Phone) {
    let services = bench.of("ws-disconnect").await;
    bench.start_counting();
    bench.admit(&services, functions::ws::disconnect::handle, phone.connecting()).await;
}

/// Lets others have been told of somebody at an earlier time.
async fn told_at(bench: &Bench, person: &Person, at: Timestamp) {
    presence::set_availability(&bench.table(), &person.actor.user, Availability::Online, at).await.unwrap();
}

#[tokio::test]
async fn the_last_connections_end_is_told_and_no_others_is() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.direct(&ana, &ben).await;
    let of_ben = bench.phone(&ben).await;
    let (one, last) = (connect(&bench, &ana).await, connect(&bench, &ana).await);
    assert_eq!(of_ben.expect("presence:changed").await["status"], "online");
    told_at(&bench, &ana, Timestamp::from_millis(now().millis() - 60_000)).await;
    disconnect(&bench, &one).await;
    assert_eq!(bench.used(), "UpdateItem 1");
    disconnect(&bench, &last).await;
    assert_eq!(bench.used(), "BatchGetItem 2, Query 3, UpdateItem 2");
    let told = of_ben.expect("presence:changed").await;
    assert_eq!(
        (&told["userId"], &told["status"], &told["isOnline"]),
        (&json!(ana.id), &json!("offline"), &json!(false))
    );
    disconnect(&bench, &last).await;
    assert_eq!(bench.used(), "UpdateItem 1", "once is enough");
    assert_eq!(of_ben.count("presence:changed"), 2);
}

#[tokio::test]
async fn g_who_comes_and_goes_is_told_of_once_it_has_settled_and_waited_for_once() {
    let bench = Bench::with(&[("DepartureDelaySeconds", "10")]).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.direct(&ana, &ben).await;
    let of_ben = bench.phone(&ben).await;
    let (table, push, settled): (Table, Push, DepartureDelay) = bench.of("ws-disconnect").await;
    let user = &ana.actor.user;
    // So long after others were told of her, her connection is closed.
    let closed = async |phone: &Phone, millis: i64| {
        let told = presence::of(&table, [user], Consistency::Strong).await.unwrap()[user].told_at.unwrap();
        let at = Timestamp::from_millis(told + millis);
        let left = presence::disconnect(&table, user, &phone.live(), at).await.unwrap();
        (left.unwrap(), at)
    };
    let status = async || of_ben.expect("presence:changed").await["status"].clone();

    let phone = connect(&bench, &ana).await;
    assert_eq!(status().await, "online");
    // Two would tell that she has gone: one waits, and does.
    let (left, at) = closed(&phone, 9_800).await;
    let one = || app::attendance::departed(&table, &push, user, &left, settled.0, at);
    let (first, second) = tokio::join!(one(), one());
    first.and(second).unwrap();
    assert_eq!(status().await, "offline");

    let phone = connect(&bench, &ana).await;
    assert_eq!(status().await, "online", "coming is told at once");
    // Back while her going is waited with: nobody hears of it.
    let (left, at) = closed(&phone, 9_800).await;
    let phone = connect(&bench, &ana).await;
    app::attendance::departed(&table, &push, user, &left, settled.0, at).await.unwrap();

    let (left, at) = closed(&phone, 10_000).await;
    app::attendance::departed(&table, &push, user, &left, settled.0, at).await.unwrap();
    assert_eq!(status().await, "offline", "what has settled is told at once");
    assert_eq!(of_ben.count("presence:changed"), 4);
}

#[tokio::test]
async fn forgets_the_connection_and_no_other() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-disconnect").await;
    let (one, other) = (bench.phone(&ana).await, bench.phone(&ana).await);
    bench.start_counting();
    for _ in 0..2 {
        let answer = bench.admit(&services, functions::ws::disconnect::handle, one.connecting()).await;
        assert_eq!(answer, json!({ "statusCode": 200 }), "also when it is forgotten already");
        assert_eq!(bench.used(), "UpdateItem 1");
        assert_eq!(bench.connections(&ana).await, [other.connection.as_str()]);
    }
}

#[tokio::test]
async fn a_goodbye_to_an_account_that_is_gone_makes_nothing() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("ws-disconnect").await;
    let mut phone = bench.phone(&ana).await;
    phone.actor = crate::support::Person::nobody();
    let before = bench.items().await;
    let answer = bench.admit(&services, functions::ws::disconnect::handle, phone.connecting()).await;
    assert_eq!(answer["statusCode"], 200);
    assert_eq!(bench.items().await, before);
}
