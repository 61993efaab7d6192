use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, call, get, post, text};

/// `users-block`.
pub async fn block(bench: &Bench, person: &Person, user: &str) -> Answer {
    let services = bench.of("users-block").await;
    bench.start_counting();
    let call = call("PUT", &format!("/api/users/{user}/block"), None).path("userId", user).bearer(&person.token);
    call.to(&services, functions::users::block::handle).await
}

const NOBODY: &str = "user_00000000-0000-4000-8000-000000000000";

async fn found(bench: &Bench, person: &Person, query: &str) -> Vec<String> {
    let services = bench.of("users-search").await;
    let call = get(&format!("/api/users/search?q={query}")).bearer(&person.token);
    let body = call.to(&services, functions::users::search::handle).await.expect(200);
    body["users"].as_array().unwrap().iter().map(|user| text(&user["username"])).collect()
}

async fn create(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("conversations-create").await;
    bench.start_counting();
    let call = post("/api/conversations", body).bearer(&person.token);
    call.to(&services, functions::conversations::create::handle).await
}

fn direct(other: &Person) -> Value {
    json!({ "type": "direct", "participantIds": [other.id] })
}

#[tokio::test]
async fn d7_is_done_once_and_may_be_asked_for_again() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let expected = json!({ "success": true, "userId": ben.id });
    assert_eq!(block(&bench, &ana, &ben.id).await.expect(200), expected);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, TransactWriteItems 1, UpdateItem 1");
    let before = bench.snapshot().await;
    assert_eq!(block(&bench, &ana, &ben.id).await.expect(200), expected);
    assert_eq!(before.changes(&bench.snapshot().await), [""; 0], "blocked since when they were");
    block(&bench, &ana, &ana.id).await.refused(400, "VALIDATION_ERROR");
    for id in [NOBODY, "ana", "conv_00000000-0000-4000-8000-000000000000"] {
        block(&bench, &ana, id).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn d7_neither_begins_a_conversation_with_the_other() {
    let bench = Bench::start().await;
    let (ana, ben, carl) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("carl", "en").await);
    block(&bench, &ana, &ben.id).await.expect(200);
    create(&bench, &ana, &direct(&ben)).await.refused(403, "FORBIDDEN");
    // Whoever was blocked is told what they are told of people who do not exist.
    create(&bench, &ben, &direct(&ana)).await.refused(404, "NOT_FOUND");
    for (one, other, status) in [(&ana, &ben, 403), (&ben, &ana, 404)] {
        let code = if status == 403 { "FORBIDDEN" } else { "NOT_FOUND" };
        let group = json!({ "type": "group", "name": "Us", "participantIds": [carl.id, other.id] });
        create(&bench, one, &group).await.refused(status, code);
        assert_eq!(bench.used(), "BatchGetItem 1, Query 1, UpdateItem 1", "and nothing is written");
        let own = bench.group(one, &[&carl]).await;
        bench.add(one, &own, &[other]).await.refused(status, code);
    }
    // Others may bring both into a group.
    bench.group(&carl, &[&ana, &ben]).await;
}

#[tokio::test]
async fn d7_neither_finds_the_other_and_who_was_blocked_sees_nobody() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("anabel", "es").await, bench.person("anatol", "en").await);
    let carl = bench.person("anacleto", "en").await;
    block(&bench, &ana, &ben.id).await.expect(200);
    assert_eq!(found(&bench, &ana, "ana").await, ["anacleto"]);
    assert_eq!(found(&bench, &ben, "ana").await, ["anacleto"]);
    assert_eq!(found(&bench, &ben, "anabel@example.com").await, [""; 0], "nor by the address");
    assert_eq!(found(&bench, &carl, "ana").await, ["anabel", "anatol"]);
    let look = async |one: &Person, other: &Person| {
        let services = bench.of("users-get").await;
        let asked = get(&format!("/api/users/{}", other.id)).path("userId", &other.id).bearer(&one.token);
        asked.to(&services, functions::users::get::handle).await
    };
    let _phone = bench.phone(&ben).await;
    let seen = look(&ana, &ben).await.expect(200)["user"].clone();
    assert_eq!((&seen["isOnline"], &seen["lastSeen"]), (&json!(false), &Value::Null), "to whom she blocked");
    look(&ben, &ana).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn d7_nothing_passes_over_their_direct_conversation_from_either_side() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let conversation = bench.direct(&ana, &ben).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    let message = text(&bench.say(&of_ana, &conversation, "Hello").await["id"]);
    of_ben.expect("message:receive").await;
    block(&bench, &ana, &ben.id).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, TransactWriteItems 1, UpdateItem 1");

    let heard = (of_ana.received().len(), of_ben.received().len());
    for (phone, person) in [(&of_ana, &ana), (&of_ben, &ben)] {
        let place = json!({ "conversationId": conversation, "messageId": message });
        for (function, action, more) in [
            ("ws-message-send", "message:send", json!({ "content": "Are you there?", "tempId": "t" })),
            ("ws-message-typing", "message:typing", json!({ "isTyping": true })),
            ("ws-message-reaction", "message:reaction", json!({ "emoji": "👍" })),
            ("ws-message-edit", "message:edit", json!({ "content": "Hello?" })),
        ] {
            let mut data = place.clone();
            data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            bench.start_counting();
            bench.frame(function, phone, &json!({ "action": action, "data": data })).await;
            let error = phone.expect("error").await;
            assert_eq!((&error["request"], &error["code"]), (&json!(action), &json!("FORBIDDEN")));
            assert_eq!(bench.used(), "Query 1, UpdateItem 1", "{action}: no read more than ever");
        }
        // Who reads what came before reads it for themselves alone.
        for (function, action) in [("ws-message-read", "message:read"), ("ws-message-delivered", "message:delivered")] {
            bench.frame(function, phone, &json!({ "action": action, "data": place })).await;
        }
        bench.read(person, &conversation, None).await.expect(200);
        assert_eq!(bench.listed(person, &conversation).await.unwrap()["unreadCount"], 0);
        let body =
            json!({ "fileName": "x.png", "contentType": "image/png", "fileSize": 9, "conversationId": conversation });
        let asked = call("POST", "/api/attachments/upload-url", Some(&body)).bearer(&person.token);
        bench.http("attachments-upload-url", asked).await.refused(403, "FORBIDDEN");
    }
    for phone in [&of_ana, &of_ben] {
        bench.frame("ws-ping", phone, &json!({ "action": "ping" })).await;
        phone.expect("pong").await;
    }
    // Four errors and this answer each, and nothing of the other.
    assert_eq!((of_ana.received().len(), of_ben.received().len()), (heard.0 + 5, heard.1 + 5));
    let shown = bench.listed(&ana, &conversation).await.unwrap()["lastMessage"].clone();
    assert_eq!(shown["status"], "sent", "whether he has read it is not told any more");
}

#[tokio::test]
async fn d7_in_groups_messages_flow_and_presence_does_not() {
    let bench = Bench::start().await;
    let (ana, ben, carl) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("carl", "en").await);
    let group = bench.group(&carl, &[&ana, &ben]).await;
    block(&bench, &ana, &ben.id).await.expect(200);
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    let of_carl = bench.phone(&carl).await;
    let frame = json!({ "action": "presence:update", "data": { "status": "online" } });
    bench.frame("ws-presence-update", &of_ben, &frame).await;
    assert_eq!(of_carl.expect("presence:changed").await["userId"], json!(ben.id));
    bench.say(&of_ben, &group, "👍").await;
    assert_eq!(of_ana.expect("message:receive").await["message"]["senderId"], json!(ben.id));
    assert_eq!(of_ana.received().len(), 1, "nothing of his being there");
    for (one, other, status) in [(&ana, &ben, "offline"), (&ben, &ana, "offline"), (&carl, &ben, "online")] {
        let details = bench.details(one, &group).await.expect(200);
        let people = details["conversation"]["participants"].as_array().unwrap().clone();
        let seen = people.iter().find(|it| it["id"] == json!(other.id)).unwrap();
        assert_eq!(seen["presence"], status, "{seen}");
        assert_eq!(seen["isOnline"], status == "online");
        assert_eq!(seen["lastSeen"].is_null(), status == "offline");
    }
}

#[tokio::test]
async fn d7_who_is_blocked_is_no_friend_any_more() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let ask = call("POST", "/api/friends/requests", Some(&json!({ "friendId": ben.id }))).bearer(&ana.token);
    bench.http("friends-request", ask).await.expect(201);
    let accept = call("POST", &format!("/api/friends/requests/{}/accept", ana.id), None).path("userId", &ana.id);
    bench.http("friends-accept", accept.bearer(&ben.token)).await.expect(200);
    block(&bench, &ana, &ben.id).await.expect(200);
    for person in [&ana, &ben] {
        let list = get("/api/friends").bearer(&person.token);
        assert_eq!(bench.http("friends-list", list).await.expect(200)["friends"], json!([]));
    }
}

#[tokio::test]
async fn d7_k3_of_a_block_and_a_conversation_at_once_the_block_holds() {
    let bench = Bench::start().await;
    for round in 0..5 {
        let ana = bench.person(&format!("ana{round}"), "es").await;
        let ben = bench.person(&format!("ben{round}"), "en").await;
        let wish = direct(&ana);
        let (blocked, _) = tokio::join!(block(&bench, &ana, &ben.id), create(&bench, &ben, &wish));
        blocked.expect(200);
        // Whichever came first: nothing is said there.
        let direct = store::conversations::find_direct(&bench.table(), &ana.actor.user, &ben.actor.user).await.unwrap();
        if let Some(direct) = direct {
            let phone = bench.phone(&ben).await;
            let frame = json!({ "action": "message:send", "data": { "conversationId": direct.to_string(), "content": "Hello" } });
            bench.frame("ws-message-send", &phone, &frame).await;
            assert_eq!(phone.expect("error").await["code"], "FORBIDDEN");
        }
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-block").await;
    let call = call("PUT", &format!("/api/users/{NOBODY}/block"), None).path("userId", NOBODY);
    call.to(&services, functions::users::block::handle).await.refused(401, "UNAUTHORIZED");
}
