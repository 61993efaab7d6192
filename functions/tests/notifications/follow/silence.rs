//! Connections that end without a goodbye: a closed laptop, a `$disconnect` that was lost.

use std::time::Duration;

use domain::Timestamp;
use serde_json::{Value, json};
use store::{Consistency, presence};

use crate::support::{Bench, Person, Phone, now};

/// Two people with a conversation; one of them was told that the other one is there.
struct Acquaintances {
    bench: Bench,
    ana: Person,
    ben: Person,
    direct: String,
    of_ana: Phone,
    of_ben: Phone,
}

impl Acquaintances {
    /// Ana's connection was opened so long ago, with a token that lasts an hour from then.
    async fn start(ago: Duration) -> Self {
        let bench = Bench::start().await;
        let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
        let direct = bench.direct(&ana, &ben).await;
        let of_ben = bench.phone(&ben).await;
        let mut of_ana = bench.unknown_phone(&ana).await;
        of_ana.since = earlier(ago);
        of_ana.until = of_ana.since.plus(Duration::from_hours(1));
        let services = bench.of("ws-connect").await;
        bench.admit(&services, functions::ws::connect::handle, of_ana.connecting()).await;
        assert_eq!(of_ben.expect("presence:changed").await["status"], "online");
        Self { bench, ana, ben, direct, of_ana, of_ben }
    }

    /// How Ben sees Ana.
    async fn seen(&self) -> Value {
        let body = self.bench.details(&self.ben, &self.direct).await.expect(200);
        let people = body["conversation"]["participants"].as_array().unwrap().clone();
        people.iter().find(|person| person["id"] == self.ana.id.as_str()).unwrap()["presence"].clone()
    }

    /// What Ben is told next of Ana's being there.
    async fn told(&self) -> Value {
        let told = self.of_ben.expect("presence:changed").await;
        assert_eq!(told["userId"], json!(self.ana.id));
        told["status"].clone()
    }

    /// DynamoDB's TTL takes away whose connection it was.
    async fn expire(&self) {
        let connection = &self.of_ana.connection;
        store::live::forget(&self.bench.table(), &self.ana.actor.user, connection).await.unwrap();
    }
}

fn earlier(ago: Duration) -> Timestamp {
    Timestamp::from_millis(now().millis() - i64::try_from(ago.as_millis()).unwrap())
}

#[tokio::test]
async fn a_post_that_finds_the_last_connection_gone_lets_others_know() {
    let all = Acquaintances::start(Duration::from_mins(5)).await;
    let before = all.bench.before().await;
    let Acquaintances { bench, of_ana, of_ben, direct, ana, .. } = all;
    of_ana.hang_up().await;
    bench.say(&of_ben, &direct, "Are you there?").await;
    assert!(bench.connections(&ana).await.is_empty());
    let records = bench.records(&before).await;
    assert_eq!(records.len(), 1, "{records:#?}");
    bench.hand_over(&records).await;
    assert_eq!(bench.used(), "BatchGetItem 3, Query 3, UpdateItem 1");
    let told = of_ben.expect("presence:changed").await;
    assert_eq!((&told["userId"], &told["status"]), (&json!(ana.id), &json!("offline")));
    // What was told is not told again, however often the stream tells of it.
    bench.hand_over(&records).await;
    assert_eq!(bench.used(), "BatchGetItem 1");
    let records = bench.records(&before).await;
    assert!(records.is_empty(), "nothing is left to tell of: {records:#?}");
}

#[tokio::test]
async fn who_has_other_connections_is_still_there() {
    let all = Acquaintances::start(Duration::from_mins(5)).await;
    let _laptop = all.bench.phone(&all.ana).await;
    let before = all.bench.before().await;
    let Acquaintances { bench, of_ana, of_ben, direct, .. } = all;
    of_ana.hang_up().await;
    bench.say(&of_ben, &direct, "Are you there?").await;
    assert_eq!(bench.records(&before).await, Vec::<Value>::new());
    assert_eq!(of_ben.count("presence:changed"), 1);
}

#[tokio::test]
async fn who_comes_back_before_it_was_told_has_never_been_gone() {
    let all = Acquaintances::start(Duration::from_mins(5)).await;
    let before = all.bench.before().await;
    let Acquaintances { bench, of_ana, of_ben, direct, ana, .. } = all;
    of_ana.hang_up().await;
    bench.say(&of_ben, &direct, "Are you there?").await;
    let records = bench.records(&before).await;
    let _again = bench.phone(&ana).await;
    bench.hand_over(&records).await;
    assert_eq!(bench.used(), "BatchGetItem 1");
    assert_eq!(bench.records(&before).await, Vec::<Value>::new(), "and the mark is gone");
    assert_eq!(of_ben.count("presence:changed"), 1);
}

#[tokio::test]
async fn a_connection_that_outlived_its_token_is_none_and_its_end_is_told_when_its_time_is_over() {
    let all = Acquaintances::start(Duration::from_mins(59)).await;
    assert_eq!(all.seen().await, "online");
    // As its `$connect` would have noted it two minutes earlier.
    let (user, session) = (&all.ana.actor.user, &all.ana.actor.session);
    let ended =
        store::Live::new(all.of_ana.connection.clone(), all.of_ana.since, Some(earlier(Duration::from_mins(1))));
    presence::connect(&all.bench.table(), (user, session), &ended).await.unwrap();
    assert_eq!(all.seen().await, "offline", "whoever asks sees it at once");
    let before = all.bench.before().await;
    all.expire().await;
    let records = all.bench.records(&before).await;
    assert_eq!(records.len(), 1, "{records:#?}");
    all.bench.hand_over(&records).await;
    assert_eq!(all.bench.used(), "BatchGetItem 3, Query 3, UpdateItem 2");
    assert_eq!(all.told().await, "offline");
    all.of_ana.expect_close().await;
    let known = presence::of(&all.bench.table(), [user], Consistency::Strong).await.unwrap();
    assert!(known[user].connections.is_empty() && known[user].is_told(now()));
}

#[tokio::test]
async fn the_end_of_what_said_goodbye_long_ago_tells_nothing() {
    let all = Acquaintances::start(Duration::from_mins(59)).await;
    let before = all.bench.before().await;
    all.expire().await;
    let records = all.bench.records(&before).await;
    all.bench.hand_over(&records).await;
    assert_eq!(all.bench.used(), "BatchGetItem 1", "she is there by another right");
    assert_eq!((all.seen().await, all.of_ben.count("presence:changed")), (json!("online"), 1));
    let nobody = json!({ "eventName": "REMOVE", "dynamodb": {
        "Keys": { "PK": { "S": "CONNECTION#x" }, "SK": { "S": "CLAIM" } },
        "OldImage": { "userId": { "S": Person::nobody().user.to_string() } }, "SequenceNumber": "1",
    }});
    assert_eq!(all.bench.hand_over(&[nobody]).await, edge::stream::Report::default(), "whose account is gone");
}
