//! Pushing: the devices that messages are pushed to, and what following the table's stream for them costs.

use benches::support::{Bench, Person, call, get};
use functions::push;
use serde_json::json;
use testkit::LoopbackPushService;

use crate::crowd::people;
use crate::stage::{PATIENT, Stage};
use crate::used::{Entry, Row};

/// Members of the group, and how many of them have a browser.
const MEMBERS: usize = 100;
const WITH_BROWSER: usize = 10;

/// All of it.
pub(crate) async fn measured() -> Vec<Row> {
    let service = LoopbackPushService::start().await;
    let parameters: Vec<_> = PATIENT.into_iter().chain([LoopbackPushService::HOSTS]).collect();
    let stage = Stage::over(Bench::with(&parameters).await).await;
    let mut all = Vec::new();
    let rows = &mut all;
    let people = people(&stage.bench, MEMBERS, 1, "push").await;
    let (own, one) = (&people[0], &people[1]);
    stage.ask(rows, ("push-vapid-key", ""), push::vapid_key::handle, get("/api/push/vapid-public-key")).await;
    let body = json!({ "subscription": service.subscription("own") });
    let subscribe = call("POST", "/api/push/subscriptions", Some(&body)).bearer(&own.token);
    stage.ask(rows, ("push-subscribe", ""), push::subscribe::handle, subscribe).await;
    let body = json!({ "endpoint": service.endpoint("own") });
    let unsubscribe = call("DELETE", "/api/push/subscriptions", Some(&body)).bearer(&own.token);
    stage.ask(rows, ("push-unsubscribe", ""), push::unsubscribe::handle, unsubscribe).await;

    let of_own = stage.bench.phone(own).await;
    let direct = stage.bench.direct(own, one).await;
    rows.push(pushed(&stage, &of_own, &direct, "in a direct conversation, nobody has a device").await);
    stage.bench.browser(one, &service, "one").await;
    rows.push(pushed(&stage, &of_own, &direct, "in a direct conversation, to one browser").await);
    let others: Vec<&Person> = people[1..].iter().collect();
    let group = stage.bench.group(own, &others).await;
    for (number, person) in others[1..WITH_BROWSER].iter().enumerate() {
        stage.bench.browser(person, &service, &format!("group-{number}")).await;
    }
    rows.push(pushed(&stage, &of_own, &group, "in a group of 100, to 10 browsers").await);
    all
}

/// What follows from a message that needs no translation.
async fn pushed(stage: &Stage, phone: &benches::support::Phone, conversation: &str, case: &'static str) -> Row {
    let before = stage.bench.before().await;
    stage.bench.say(phone, conversation, "👋").await;
    let records = stage.bench.records_for("PushSendFunction", &before).await;
    let begun = stage.begin();
    let report = stage.bench.push(&records).await;
    assert!(report.batch_item_failures.is_empty(), "{report:?}");
    Row { function: "push-send", case, members: String::new(), entry: Entry::Invocation, used: stage.used(begun).await }
}
