//! Notifications: what is read of them, and what the table's stream makes follow.

use benches::support::{Phone, call, get, post, text};
use functions::notifications;
use serde_json::json;

use crate::crowd::people;
use crate::stage::Stage;
use crate::used::{Entry, Row};

/// Notifications of whoever lists them.
const NOTES: usize = 20;

/// All of it.
pub(crate) async fn measured() -> Vec<Row> {
    let stage = Stage::start().await;
    let mut all = Vec::new();
    let rows = &mut all;
    let people = people(&stage.bench, NOTES + 2, 2, "note").await;
    let (own, one) = (&people[0], &people[1]);
    for other in &people[2..] {
        stage.bench.befriend(other, own).await.expect(201);
    }
    let list = get("/api/notifications").bearer(&own.token);
    let shown = stage.ask(rows, ("notifications-list", "20, none read"), notifications::list::handle, list).await;
    let id = text(&shown["notifications"][0]["id"]);
    let read = call("POST", "/api/notifications/n/read", None).path("notificationId", &id).bearer(&own.token);
    stage.ask(rows, ("notifications-read", "one of 20"), notifications::read::handle, read).await;
    let read = post("/api/notifications/read-all", &json!({})).bearer(&own.token);
    stage.ask(rows, ("notifications-read-all", "20"), notifications::read_all::handle, read).await;

    let conversation = stage.bench.direct(one, own).await;
    let (of_one, of_own) = (stage.bench.phone(one).await, stage.bench.phone(own).await);
    for (case, content) in
        [("a message that mentions nobody", "Hello."), ("a message that mentions one", "Hello @note0.")]
    {
        let content = content.replace("@note0", &format!("@{}", username(&stage, own).await));
        let act = async || drop(stage.bench.say(&of_one, &conversation, &content).await);
        rows.push(followed(&stage, case, act).await);
    }
    let act = async || drop(stage.bench.befriend(own, one).await.expect(201));
    rows.push(followed(&stage, "a request for friendship to somebody there", act).await);
    let _: [Phone; 2] = [of_one, of_own];
    all
}

async fn username(stage: &Stage, person: &benches::support::Person) -> String {
    let me = get("/api/users/me").bearer(&person.token);
    text(&stage.bench.http("users-me", me).await.expect(200)["username"])
}

/// What follows from what is done, in as many invocations as it takes: the notifications that are written are told by
/// another.
async fn followed(stage: &Stage, case: &'static str, act: impl AsyncFnOnce()) -> Row {
    let mut before = stage.bench.before().await;
    act().await;
    let mut total = crate::used::Used::default();
    loop {
        let records = stage.bench.records(&before).await;
        if records.is_empty() {
            break;
        }
        before = stage.bench.before().await;
        let begun = stage.begin();
        stage.bench.hand_over(&records).await;
        total.add(stage.used(begun).await);
    }
    Row { function: "notifications-follow", case, members: String::new(), entry: Entry::Invocation, used: total }
}
