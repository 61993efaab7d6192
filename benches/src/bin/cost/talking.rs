//! What is done with messages and attachments in a room.

use benches::support::{PNG, Phone, get, post, text, upload};
use functions::{attachments, messages, ws};
use serde_json::{Value, json};

use crate::crowd::{crowd, people};
use crate::rooms::{EARLIER, Room};
use crate::stage::Stage;
use crate::used::{Entry, Row};

/// Characters of what is said.
pub(crate) const LENGTH: usize = 58;

/// What is said.
fn words(room: &str) -> String {
    let words = format!("I would like to book the {room} table for two people tonight.");
    assert_eq!(words.chars().count(), LENGTH, "the page says so");
    words
}

/// Over HTTP, by somebody who was away.
pub(crate) async fn away(stage: &Stage, room: &Room) -> Vec<Row> {
    let mut rows = Vec::new();
    let bearer = |call: benches::support::Call| call.bearer(&room.member.token).path("conversationId", &room.id);
    let all = || bearer(get(&format!("{}?limit={EARLIER}", room.path("/messages"))));
    let new =
        stage.ask(&mut rows, ("messages-list", "50 messages, none translated before"), messages::list::handle, all());
    assert_eq!(new.await["messages"].as_array().map(Vec::len), Some(EARLIER));
    stage.ask(&mut rows, ("messages-list", "the same again"), messages::list::handle, all()).await;
    assert_eq!((rows[0].used.texts, rows[1].used.texts), (50, 0), "the machine is too busy for the deadline");

    let search = |words: &str| bearer(get(&room.path(&format!("/messages/search?q={words}"))));
    let case = ("messages-search", "50 messages, read in another language, one found");
    let found = stage.ask(&mut rows, case, messages::search::handle, search("number+42")).await;
    assert_eq!(found["messages"].as_array().map(Vec::len), Some(1), "{found:#}");

    let first = stage.ask(
        &mut rows,
        ("messages-sync", "the first, for a cursor"),
        messages::sync::handle,
        bearer(get("/api/sync")),
    );
    let cursor = text(&first.await["cursor"]);
    let none = bearer(get(&format!("/api/sync?since={cursor}")));
    let none = stage.ask(&mut rows, ("messages-sync", "nothing new"), messages::sync::handle, none).await;
    assert_eq!(none["messages"], json!([]), "{none:#}");
    let missed = bearer(get(&format!("/api/sync?since={}&limit=100", long_ago())));
    let missed = stage.ask(&mut rows, ("messages-sync", "50 messages"), messages::sync::handle, missed).await;
    assert_eq!(missed["messages"].as_array().map(Vec::len), Some(EARLIER), "{missed:#}");
    rows
}

fn long_ago() -> String {
    domain::Timestamp::from_millis(benches::support::now().millis() - 2 * 60 * 60 * 1000).to_string()
}

/// What people who are there do.
pub(crate) async fn measured(stage: &Stage, room: &Room, of_member: &Phone) -> Vec<Row> {
    let mut rows = Vec::new();
    let rows = &mut rows;
    let (id, of_creator) = (&room.id, &room.of_creator);
    let data = |name: &str, content: &str| json!({ "conversationId": id, "content": content, "tempId": name });
    let send = ("message:send", data("one", &words(room.wood)));
    stage.act(rows, ("ws-message-send", "into another language"), ws::message_send::handle, of_creator, send).await;
    let said = stage.sent(of_creator, "one").await;
    let send = ("message:send", data("two", "👍"));
    stage.act(rows, ("ws-message-send", "nothing to translate"), ws::message_send::handle, of_creator, send).await;
    let emoji = stage.sent(of_creator, "two").await;
    let call = post(&room.path("/messages"), &json!({ "content": words(room.wood), "tempId": "three" }));
    let call = call.bearer(&room.creator.token).path("conversationId", id);
    stage.ask(rows, ("messages-send", "the same words again"), messages::send::handle, call).await;
    let http = stage.sent(of_creator, "three").await;

    let marker = || json!({ "conversationId": id, "messageId": said });
    let frame = ("message:delivered", marker());
    stage.act(rows, ("ws-message-delivered", ""), ws::message_delivered::handle, of_member, frame).await;
    stage.act(rows, ("ws-message-read", ""), ws::message_read::handle, of_member, ("message:read", marker())).await;
    stage
        .act(rows, ("ws-message-read", "once more"), ws::message_read::handle, of_member, ("message:read", marker()))
        .await;
    let typing = || ("message:typing", json!({ "conversationId": id, "isTyping": true }));
    stage.act(rows, ("ws-message-typing", ""), ws::message_typing::handle, of_member, typing()).await;
    stage
        .act(
            rows,
            ("ws-message-typing", "once more within two seconds"),
            ws::message_typing::handle,
            of_member,
            typing(),
        )
        .await;
    let mut reaction = marker();
    reaction["emoji"] = json!("👍");
    let frame = ("message:reaction", reaction);
    stage.act(rows, ("ws-message-reaction", ""), ws::message_reaction::handle, of_member, frame).await;

    let other = |words: &str| words.replace("tonight", "at noon");
    let mut edit = marker();
    edit["content"] = json!(other(&words(room.wood)));
    stage
        .act(
            rows,
            ("ws-message-edit", "into another language"),
            ws::message_edit::handle,
            of_creator,
            ("message:edit", edit),
        )
        .await;
    let call = room.about(&room.creator, "PATCH", (&http, ""), Some(&json!({ "content": "👍👍" })));
    stage.ask(rows, ("messages-edit", "nothing to translate"), messages::edit::handle, call).await;
    let call = room.about(&room.member, "GET", (&said, ""), None);
    stage.ask(rows, ("messages-get", ""), messages::get::handle, call).await;
    for case in ["a new language", "the same again"] {
        let body = json!({ "targetLanguage": "fr" });
        let call = room.about(&room.member, "POST", (&said, "/translate"), Some(&body));
        stage.ask(rows, ("messages-translate", case), messages::translate::handle, call).await;
    }
    let since = json!({ "since": long_ago(), "limit": 100 });
    stage
        .act(rows, ("ws-sync", "what fits into a frame of 50 messages"), ws::sync::handle, of_member, ("sync", since))
        .await;
    let place = || json!({ "conversationId": id });
    let frame = ("conversation:join", place());
    stage.act(rows, ("ws-conversation-join", ""), ws::conversation_join::handle, of_member, frame).await;
    let frame = ("conversation:leave", place());
    stage.act(rows, ("ws-conversation-leave", ""), ws::conversation_leave::handle, of_member, frame).await;
    let frame = ("presence:update", json!({ "status": "away" }));
    stage.act(rows, ("ws-presence-update", "one conversation"), ws::presence_update::handle, of_member, frame).await;

    let call = room.about(&room.member, "DELETE", (&said, ""), None);
    stage.ask(rows, ("messages-delete", "for oneself"), messages::delete::handle, call).await;
    let call = room.about(&room.creator, "DELETE", (&http, "?forEveryone=true"), None);
    stage.ask(rows, ("messages-delete", "for everyone"), messages::delete::handle, call).await;
    let gone = json!({ "conversationId": id, "messageId": emoji, "forEveryone": true });
    let frame = ("message:delete", gone);
    stage.act(rows, ("ws-message-delete", "for everyone"), ws::message_delete::handle, of_creator, frame).await;
    std::mem::take(rows)
}

/// A picture: uploaded, sent, seen and deleted.
pub(crate) async fn files(stage: &Stage, room: &Room, of_member: &Phone) -> Vec<Row> {
    let mut rows = Vec::new();
    let picture = json!({ "fileName": "photo.png", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": room.id });
    let call = post("/api/attachments/upload-url", &picture).bearer(&room.creator.token);
    let allowed = stage.ask(&mut rows, ("attachments-upload-url", ""), attachments::upload_url::handle, call).await;
    let begun = stage.begin();
    assert_eq!(upload(&text(&allowed["uploadUrl"]), "image/png", PNG).await, 200);
    rows.push(signed(("attachments-upload-url", "the upload itself"), stage.used(begun).await));

    let data = json!({
        "conversationId": room.id, "type": "image", "tempId": "picture",
        "attachment": { "id": allowed["attachmentId"] },
    });
    let send = ("message:send", data);
    stage.act(&mut rows, ("ws-message-send", "a picture"), ws::message_send::handle, &room.of_creator, send).await;
    let message = stage.sent(&room.of_creator, "picture").await;
    of_member.expect("message:receive").await;
    rows.push(inspection(stage, room, &picture).await);

    let call = get(&format!("/api/attachments/download-url?key={}", text(&allowed["key"]))).bearer(&room.member.token);
    let seen = stage.ask(&mut rows, ("attachments-download-url", ""), attachments::download_url::handle, call).await;
    let begun = stage.begin();
    assert_eq!(reqwest::get(text(&seen["downloadUrl"])).await.expect("S3").status(), 200);
    rows.push(signed(("attachments-download-url", "the download itself"), stage.used(begun).await));

    let gone = json!({ "conversationId": room.id, "messageId": message, "forEveryone": true });
    let frame = ("message:delete", gone);
    stage
        .act(
            &mut rows,
            ("ws-message-delete", "a picture, for everyone"),
            ws::message_delete::handle,
            &room.of_creator,
            frame,
        )
        .await;
    rows
}

/// What is done with a picture after it was sent, by itself: in the row of the message it is included.
async fn inspection(stage: &Stage, room: &Room, picture: &Value) -> Row {
    let call = post("/api/attachments/upload-url", picture).bearer(&room.creator.token);
    let services = stage.bench.of("attachments-upload-url").await;
    let allowed = call.to(&services, attachments::upload_url::handle).await.expect(200);
    assert_eq!(upload(&text(&allowed["uploadUrl"]), "image/png", PNG).await, 200);
    stage.begin();
    let data = json!({ "type": "image", "attachment": { "id": allowed["attachmentId"] } });
    stage.bench.say_with(&room.of_creator, &room.id, data).await;
    // Shares of the message itself may be among them.
    let asked = stage.invocations().iter().find_map(|payload| serde_json::from_slice(payload).ok());
    let begun = stage.begin();
    stage.inspect(asked.expect("what is to be inspected")).await;
    let used = stage.used(begun).await;
    let (function, case) = ("attachments-inspect", "a picture");
    Row { function, case, members: room.size.to_string(), entry: Entry::Invocation, used }
}

/// A request of a client to S3.
pub(crate) fn signed((function, case): crate::stage::What, used: crate::used::Used) -> Row {
    Row { function, case, members: String::new(), entry: Entry::Signed, used }
}

/// Cases of sending in which the number of members changes nothing more.
pub(crate) async fn cases(stage: &Stage, room: &Room) -> Vec<Row> {
    let mut rows = Vec::new();
    let handle = ws::message_send::handle;
    let data = |name: &str| json!({ "conversationId": room.id, "content": words(room.wood), "tempId": name });
    let act = async |rows: &mut Vec<Row>, case, data| {
        stage.act(rows, ("ws-message-send", case), handle, &room.of_creator, ("message:send", data)).await;
    };
    act(&mut rows, "words that were translated before", data("again")).await;
    let message = stage.sent(&room.of_creator, "again").await;
    act(&mut rows, "a retry of that", data("again")).await;
    act(&mut rows, "the same without `tempId`", json!({ "conversationId": room.id, "content": words(room.wood) }))
        .await;
    let mut answer = data("answer");
    answer["replyTo"] = json!({ "messageId": message });
    act(&mut rows, "the same in answer to a message", answer).await;
    for row in &mut rows {
        row.members = room.size.to_string();
    }
    let call = post("/api/messages/preview-translation", &json!({ "content": words("yew"), "targetLanguage": "es" }));
    let call = call.bearer(&room.creator.token);
    stage.ask(&mut rows, ("messages-preview", ""), messages::preview::handle, call).await;
    rows
}

/// A message to a hundred people of eight languages.
pub(crate) async fn languages(stage: &Stage) -> Vec<Row> {
    let bench = &stage.bench;
    let creator = people(bench, 1, 1, "many").await.remove(0);
    let phone = bench.phone(&creator).await;
    // The first of them reads English as well.
    let others: Vec<_> = crowd(bench, 99, 8).await.iter().map(|phone| phone.actor.user.to_string()).collect();
    let id = bench.conversation(&creator, &json!({ "type": "group", "name": "All", "participantIds": others })).await;
    stage.say(&phone, json!({ "conversationId": id, "content": "Good evening, everybody." })).await;
    let mut rows = Vec::new();
    let send = ("message:send", json!({ "conversationId": id, "content": words("ivy"), "tempId": "one" }));
    stage.act(&mut rows, ("ws-message-send", "into seven languages"), ws::message_send::handle, &phone, send).await;
    "100".clone_into(&mut rows[0].members);
    rows
}

/// Looking for a word that nobody said, in a conversation of more messages than one page looks through.
pub(crate) async fn searching(stage: &Stage) -> Vec<Row> {
    let bench = &stage.bench;
    let [creator, member] = people(bench, 2, 2, "lost").await.try_into().expect("two");
    let phone = bench.phone(&creator).await;
    let id = bench.conversation(&creator, &json!({ "type": "direct", "participantIds": [member.id] })).await;
    let said = bench.say(&phone, &id, &words("yew")).await;
    // All of them different: equal words have one translation.
    let numbered = |number: u32| words("yew").replace("tonight", &format!("at {number:04}"));
    bench.fill(&id, &said, (0..1_200).map(numbered)).await;
    let mut rows = Vec::new();
    for (who, case) in [(&creator, "none among 1,000 of one's own"), (&member, "none among 300 of another language")] {
        let path = format!("/api/conversations/{id}/messages/search?q=zebra");
        let call = get(&path).path("conversationId", &id).bearer(&who.token);
        let found = stage.ask(&mut rows, ("messages-search", case), messages::search::handle, call).await;
        assert_eq!((&found["messages"], &found["hasMore"]), (&json!([]), &json!(true)));
    }
    for row in &mut rows {
        "2".clone_into(&mut row.members);
    }
    rows
}
