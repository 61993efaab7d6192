//! The end of an account.

use app::erasure::{Erasing, Erasure};
use benches::support::{Bench, Call, PASSWORD, Person, call};
use functions::users;
use serde_json::json;

use crate::stage::Stage;
use crate::used::{Entry, Row};

/// Nothing is waited for: nobody else does anything.
const AT_ONCE: [(&str, &str); 1] = [("EraseAfterSeconds", "0")];
/// What the people of these rows have done.
const CASE: &str = "a friend, two conversations, ten messages";

/// All of it.
pub(crate) async fn measured() -> Vec<Row> {
    let stage = Stage::over(Bench::with(&AT_ONCE).await).await;
    let mut rows = Vec::new();
    let one = lived(&stage, "ana").await;
    stage.ask(&mut rows, ("users-delete", CASE), users::delete::handle, end(&one)).await;

    let other = lived(&stage, "ben").await;
    end(&other).to(&stage.bench.of("users-delete").await, users::delete::handle).await.expect(200);
    stage.invocations();
    let begun = stage.begin();
    stage.erase(Erasing { user_id: other.id }).await;
    let used = stage.used(begun).await;
    rows.push(Row { function: "users-erase", case: CASE, members: String::new(), entry: Entry::Invocation, used });
    rows
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
