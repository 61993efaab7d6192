//! What is done with conversations and their members.

use benches::support::{call, get, post, text};
use functions::{conversations, participants};
use serde_json::json;

use crate::crowd::people;
use crate::rooms::{Room, SIZES};
use crate::stage::Stage;
use crate::used::{Entry, Row};

/// Everything that is done with a group, its end last.
pub(crate) async fn measured(stage: &Stage, room: &Room) -> Vec<Row> {
    let mut rows = Vec::new();
    let rows = &mut rows;
    let (creator, member, stranger) = (&room.creator, &room.member, &room.stranger);
    let path = |call: benches::support::Call, user: &str| call.path("userId", user);

    let call = room.ask(member, "GET", "", None);
    stage.ask(rows, ("conversations-get", ""), conversations::get::handle, call).await;
    let call = room.ask(member, "POST", "/read", None);
    stage.ask(rows, ("conversations-read", ""), conversations::read::handle, call).await;
    let call = room.ask(member, "PATCH", "/settings", Some(&json!({ "pinned": true })));
    stage.ask(rows, ("conversations-settings", ""), conversations::settings::handle, call).await;
    let call = room.ask(creator, "PATCH", "", Some(&json!({ "name": "Friends of the sea" })));
    stage.ask(rows, ("conversations-update", ""), conversations::update::handle, call).await;

    let role = Some(json!({ "role": "admin" }));
    let call = room.ask(creator, "PATCH", &format!("/participants/{}", member.id), role.as_ref());
    stage.ask(rows, ("participants-role", ""), participants::role::handle, path(call, &member.id)).await;
    for case in ["the first time", "again"] {
        let call = room.ask(creator, "POST", "/invite", None);
        stage.ask(rows, ("conversations-invite", case), conversations::invite::handle, call).await;
    }
    let call = room.ask(member, "POST", "/leave", None);
    stage.ask(rows, ("conversations-leave", "one of two admins"), conversations::leave::handle, call).await;
    let code = room.ask(creator, "POST", "/invite", None);
    let code = stage.ask(&mut Vec::new(), ("conversations-invite", ""), conversations::invite::handle, code).await;
    let body = json!({ "conversationCode": code["conversationCode"] });
    let call = post("/api/conversations/join", &body).bearer(&member.token);
    stage.ask(rows, ("conversations-join", ""), conversations::join::handle, call).await;
    let call = room.ask(member, "POST", "/leave", None);
    stage.ask(&mut Vec::new(), ("conversations-leave", ""), conversations::leave::handle, call).await;
    let call = room.ask(creator, "POST", "/participants", Some(&json!({ "participantIds": [stranger.id] })));
    stage.ask(rows, ("participants-add", "one"), participants::add::handle, call).await;
    let call = room.ask(stranger, "DELETE", "", None);
    stage.ask(rows, ("conversations-delete", "for oneself"), conversations::delete::handle, call).await;
    let call = room.ask(creator, "DELETE", &format!("/participants/{}", stranger.id), None);
    stage.ask(rows, ("participants-remove", ""), participants::remove::handle, path(call, &stranger.id)).await;
    room.take(stage, std::slice::from_ref(&member.actor.user)).await;
    let call = room.ask(creator, "POST", "/leave", None);
    stage.ask(rows, ("conversations-leave", "the last admin"), conversations::leave::handle, call).await;

    // Another one of the same size, begun at once and ended.
    let others = [&stranger.actor.user].into_iter().chain(&room.others).take(room.size - 1);
    let ids: Vec<_> = others.map(ToString::to_string).collect();
    let body = json!({ "type": "group", "name": "Friends of the mountains", "participantIds": ids });
    let call = post("/api/conversations", &body).bearer(&creator.token);
    let what = ("conversations-create", "a group");
    let id = text(&stage.ask(rows, what, conversations::create::handle, call).await["conversation"]["id"]);
    let body = json!({ "forEveryone": true });
    let end = call_of(&id, "DELETE", &body).bearer(&creator.token);
    stage
        .ask(rows, ("conversations-delete", "for everyone, without messages"), conversations::delete::handle, end)
        .await;
    std::mem::take(rows)
}

fn call_of(id: &str, method: &str, body: &serde_json::Value) -> benches::support::Call {
    call(method, &format!("/api/conversations/{id}"), Some(body)).path("conversationId", id)
}

/// Direct conversations.
pub(crate) async fn opening(stage: &Stage, room: &Room) -> Vec<Row> {
    assert_eq!(room.size, SIZES[0]);
    let mut rows = Vec::new();
    let body = json!({ "type": "direct", "participantIds": [room.stranger.id] });
    for case in ["direct", "direct, these two have one"] {
        let call = post("/api/conversations", &body).bearer(&room.member.token);
        stage.ask(&mut rows, ("conversations-create", case), conversations::create::handle, call).await;
    }
    rows
}

/// What is left of a group of two with ten messages after it has ended.
pub(crate) async fn clearing(stage: &Stage, room: &Room) -> Vec<Row> {
    let creator = &room.creator;
    let body = json!({ "type": "group", "name": "Friends", "participantIds": [room.stranger.id] });
    let id = stage.bench.conversation(creator, &body).await;
    for _ in 0..10 {
        stage.say(&room.of_creator, json!({ "conversationId": id, "content": "👍" })).await;
    }
    let end = call_of(&id, "DELETE", &json!({ "forEveryone": true })).bearer(&creator.token);
    stage.begin();
    end.to(&stage.bench.of("conversations-delete").await, conversations::delete::handle).await.expect(200);
    let payloads = stage.invocations();
    assert_eq!(payloads.len(), 1);
    let begun = stage.begin();
    stage.clear(&payloads[0]).await;
    let (function, case) = ("conversations-clear", "two members and ten messages");
    let used = stage.used(begun).await;
    vec![Row { function, case, members: String::new(), entry: Entry::Invocation, used }]
}

/// The list, of as many conversations.
pub(crate) async fn listing() -> Vec<Row> {
    let mut rows = Vec::new();
    for (case, count) in [("20 direct ones", 20), ("50 direct ones", 50)] {
        let stage = Stage::start().await;
        let all = people(&stage.bench, count + 1, 2, "list").await;
        for other in &all[1..] {
            let id = stage.bench.direct(other, &all[0]).await;
            let phone = stage.bench.phone(other).await;
            stage.say(&phone, json!({ "conversationId": id, "content": "The table is booked." })).await;
        }
        let call = get("/api/conversations?limit=100").bearer(&all[0].token);
        let page = stage.ask(&mut rows, ("conversations-list", case), conversations::list::handle, call).await;
        assert_eq!(page["conversations"].as_array().map(Vec::len), Some(count), "{page:#}");
    }
    rows
}
