//! Friends, and requests for friendship.

use benches::support::{Call, call, get, post};
use functions::friends;
use serde_json::json;

use crate::crowd::people;
use crate::stage::Stage;
use crate::used::Row;

/// Friends of whoever lists them.
const FRIENDS: usize = 20;

/// All of it.
pub(crate) async fn measured() -> Vec<Row> {
    let stage = Stage::start().await;
    let mut all = Vec::new();
    let rows = &mut all;
    let people = people(&stage.bench, FRIENDS + 3, 2, "friend").await;
    let (own, one, other) = (&people[0], &people[1], &people[2]);
    for friend in &people[3..] {
        stage.bench.friends(friend, own).await;
    }
    let ask = |from: &benches::support::Person, to: &benches::support::Person| {
        post("/api/friends/requests", &json!({ "friendId": to.id })).bearer(&from.token)
    };
    let with = |method: &str, path: String, user: &str| -> Call {
        call(method, &path, None).path("userId", user).bearer(&own.token)
    };
    let answer = |word: &str, user: &str| with("POST", format!("/api/friends/requests/{user}/{word}"), user);

    stage.ask(rows, ("friends-request", ""), friends::request::handle, ask(one, own)).await;
    stage.ask(rows, ("friends-request", "again"), friends::request::handle, ask(one, own)).await;
    stage.ask(rows, ("friends-accept", ""), friends::accept::handle, answer("accept", &one.id)).await;
    stage.bench.befriend(other, own).await.expect(201);
    stage.ask(rows, ("friends-request", "of who has asked"), friends::request::handle, ask(own, other)).await;
    let gone = with("DELETE", format!("/api/friends/{}", other.id), &other.id);
    stage.ask(rows, ("friends-remove", ""), friends::remove::handle, gone).await;
    stage.bench.befriend(other, own).await.expect(201);
    stage.ask(rows, ("friends-decline", ""), friends::decline::handle, answer("decline", &other.id)).await;
    let list = get("/api/friends").bearer(&own.token);
    let shown = stage.ask(rows, ("friends-list", "21 friends"), friends::list::handle, list).await;
    assert_eq!(shown["friends"].as_array().map(Vec::len), Some(FRIENDS + 1), "{shown:#}");
    stage.bench.befriend(other, own).await.expect(201);
    let list = get("/api/friends/requests").bearer(&own.token);
    stage.ask(rows, ("friends-requests", "21 friends, one request"), friends::requests::handle, list).await;
    all
}
