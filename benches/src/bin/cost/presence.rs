//! Coming and going of somebody with many acquaintances, and who is shown it.

use benches::support::{Person, Phone, get};
use functions::{users, ws};
use serde_json::json;

use crate::crowd::people;
use crate::sockets::{connect, invocation};
use crate::stage::Stage;
use crate::used::Row;

/// Groups of eleven, and as many friends as there are people in them.
const GROUPS: usize = 10;
const IN_EACH: usize = 10;
/// Every which of them is there.
const THERE: usize = 4;
/// What the rows are about.
const CASE: &str = "200 acquaintances, 50 of them there";

/// All of it.
pub(crate) async fn measured() -> Vec<Row> {
    let stage = Stage::start().await;
    let mut rows = Vec::new();
    let all = people(&stage.bench, 2 * GROUPS * IN_EACH + 1, 1, "pine").await;
    let (own, others) = all.split_first().expect("somebody");
    let (friends, fellows) = others.split_at(GROUPS * IN_EACH);
    for friend in friends {
        stage.bench.friends(own, friend).await;
    }
    for some in fellows.chunks(IN_EACH) {
        let some: Vec<&Person> = some.iter().collect();
        stage.bench.group(own, &some).await;
    }
    let mut phones: Vec<Phone> = Vec::new();
    for person in others.iter().step_by(THERE) {
        phones.push(stage.bench.phone(person).await);
    }

    let phone = connect(&stage, &mut rows, own, CASE).await;
    assert_eq!(rows[0].used.posts, phones.len());
    for phone in &phones {
        assert_eq!(phone.expect("presence:changed").await["userId"], json!(own.id));
    }
    let away = ("presence:update", json!({ "status": "away" }));
    stage.act(&mut rows, ("ws-presence-update", CASE), ws::presence_update::handle, &phone, away).await;
    let services = stage.bench.of("ws-disconnect").await;
    let begun = stage.begin();
    stage.bench.admit(&services, ws::disconnect::handle, phone.connecting()).await;
    rows.push(invocation(("ws-disconnect", CASE), stage.used(begun).await));
    rows
}

/// What it costs to be shown who is there: people who were ever there, by a search and by their profile.
pub(crate) async fn shown() -> Vec<Row> {
    let stage = Stage::start().await;
    let mut rows = Vec::new();
    let all = people(&stage.bench, 22, 1, "pine").await;
    let (own, friend) = (&all[0], &all[1]);
    stage.bench.group(own, &[friend]).await;
    stage.bench.friends(own, friend).await;
    let mut phones = Vec::new();
    for person in &all[1..] {
        phones.push(stage.bench.phone(person).await);
    }
    let find = get("/api/users/search?q=pine").bearer(&own.token);
    let case = ("users-search", "20 found who were there, one of them a friend");
    let found = stage.ask(&mut rows, case, users::search::handle, find).await;
    assert_eq!(found["users"].as_array().map(Vec::len), Some(20), "{found:#}");
    for (case, other) in [("a friend", friend), ("a stranger who was there", &all[2])] {
        let look = get(&format!("/api/users/{}", other.id)).path("userId", &other.id).bearer(&own.token);
        stage.ask(&mut rows, ("users-get", case), users::get::handle, look).await;
    }
    rows
}
