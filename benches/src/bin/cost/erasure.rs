//! The end of an account, and what its owner is told before.

use app::erasure::{Erasing, Erasure};
use benches::support::{Bench, Call, PASSWORD, Person, call, get, text};
use functions::users;
use serde_json::{Value, json};

use crate::stage::Stage;
use crate::talking::LENGTH;
use crate::used::{Entry, Row};

/// Nothing is waited for: nobody else does anything.
const AT_ONCE: [(&str, &str); 1] = [("EraseAfterSeconds", "0")];
/// What the people of these rows have done.
const CASE: &str = "a friend, two conversations, ten messages";
/// Parts of an export.
const EXPORTED: [&str; 3] = [
    "the first part: a friend, no notifications",
    "the part with two conversations, ten messages",
    "the part with a conversation of 1,000 messages of others",
];

/// All of it.
pub(crate) async fn measured() -> Vec<Row> {
    let stage = Stage::over(Bench::with(&AT_ONCE).await).await;
    let mut rows = Vec::new();
    let one = lived(&stage, "ana").await;
    let first = stage.ask(&mut rows, ("users-export", EXPORTED[0]), users::export::handle, export(&one, "")).await;
    let next = format!("?cursor={}", text(&first["nextCursor"]));
    let last = stage.ask(&mut rows, ("users-export", EXPORTED[1]), users::export::handle, export(&one, &next)).await;
    assert_eq!((last["messages"].as_array().map(Vec::len), &last["nextCursor"]), (Some(10), &Value::Null));
    rows.push(long(&stage).await);
    stage.ask(&mut rows, ("users-delete", CASE), users::delete::handle, end(&one)).await;

    let other = lived(&stage, "ben").await;
    end(&other).to(&stage.bench.of("users-delete").await, users::delete::handle).await.expect(200);
    stage.invocations();
    let begun = stage.begin();
    stage.erase(Erasing { user_id: Some(other.id) }).await;
    let used = stage.used(begun).await;
    rows.push(Row { function: "users-erase", case: CASE, members: String::new(), entry: Entry::Invocation, used });
    rows
}

/// Somebody who is in one conversation, of a thousand messages.
async fn long(stage: &Stage) -> Row {
    let bench = &stage.bench;
    let (eva, friend) = (bench.person("eva", "en").await, bench.person("evas_friend", "en").await);
    let id = bench.direct(&eva, &friend).await;
    let said = bench.say(&bench.phone(&friend).await, &id, "👍").await;
    bench.fill(&id, &said, (1..1_000).map(|_| "x".repeat(LENGTH))).await;
    let mut rows = Vec::new();
    let first = bench.http("users-export", export(&eva, "")).await.expect(200);
    let next = format!("?cursor={}", text(&first["nextCursor"]));
    stage.ask(&mut rows, ("users-export", EXPORTED[2]), users::export::handle, export(&eva, &next)).await;
    rows.remove(0)
}

fn export(person: &Person, query: &str) -> Call {
    get(&format!("/api/users/me/export{query}")).bearer(&person.token)
}

fn end(person: &Person) -> Call {
    call("DELETE", "/api/users/me", Some(&json!({ "password": PASSWORD }))).bearer(&person.token)
}

async fn lived(stage: &Stage, name: &str) -> Person {
    let bench = &stage.bench;
    let (person, friend) = (bench.person(name, "en").await, bench.person(&format!("{name}s_friend"), "en").await);
    bench.friends(&person, &friend).await;
    let phone = bench.phone(&person).await;
    for conversation in [bench.direct(&person, &friend).await, bench.group(&person, &[&friend]).await] {
        for _ in 0..5 {
            stage.say(&phone, json!({ "conversationId": conversation, "content": "👍" })).await;
        }
    }
    person
}

impl Stage {
    /// What is left of somebody, as `users-erase` erases it.
    pub(crate) async fn erase(&self, erasing: Erasing) {
        let services: Erasure = self.bench.of("users-erase").await;
        let handle = &users::erase::handle;
        assert!(edge::invocation::run(&services, handle, erasing, "bench", crate::stage::LIMIT).await);
    }
}
