use serde_json::json;

use crate::support::{Bench, call, fields, get};

#[tokio::test]
async fn for_oneself_it_is_back_with_the_next_message() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let of_ben = bench.phone(&ben).await;
    bench.say(&of_ben, &id, "old").await;
    let body = bench.delete(&ana, &id, "", None).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, PutItem 1, UpdateItem 2");
    let expected = json!({
        "success": true, "message": "Conversation deleted", "conversationId": id, "deletedForEveryone": false,
    });
    assert_eq!(body, expected);
    assert!(bench.listed(&ana, &id).await.is_none());
    assert!(bench.listed(&ben, &id).await.is_some(), "the other one keeps it");

    bench.say(&of_ben, &id, "new").await;
    let back = bench.listed(&ana, &id).await.unwrap();
    assert_eq!((&back["unreadCount"], &back["lastMessage"]["content"]), (&json!(1), &json!("new")));
}

#[tokio::test]
async fn one_without_messages_is_hidden_too() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    bench.delete(&ana, &id, "?forEveryone=false", Some(&json!({}))).await.expect(200);
    assert!(bench.listed(&ana, &id).await.is_none());
    assert_eq!(bench.details(&ana, &id).await.expect(200)["conversation"]["participantCount"], 2, "still a member");
}

#[tokio::test]
async fn its_creator_ends_it_for_everybody() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    for query in [true, false] {
        let id = bench.group(&ana, &[&ben]).await;
        let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
        bench.say(&of_ben, &id, "soon gone").await;
        let asked = json!({ "forEveryone": true });
        let answer = if query {
            bench.delete(&ana, &id, "?forEveryone=true", None).await
        } else {
            bench.delete(&ana, &id, "", Some(&asked)).await
        };
        assert_eq!(answer.expect(200)["deletedForEveryone"], true);
        for phone in [&of_ana, &of_ben] {
            let told = phone.expect("conversation:deleted").await;
            assert_eq!(fields(&told), ["action", "conversationId", "deletedAt", "deletedBy"]);
            assert_eq!((&told["conversationId"], &told["deletedBy"]), (&json!(id), &json!(ana.id)));
        }
        for person in [&ana, &ben] {
            assert!(bench.listed(person, &id).await.is_none());
            bench.details(person, &id).await.refused(404, "NOT_FOUND");
            bench.delete(person, &id, "", None).await.refused(404, "NOT_FOUND");
        }
        let services = bench.of("messages-list").await;
        let call = get(&format!("/api/conversations/{id}/messages")).path("conversationId", &id).bearer(&ben.token);
        call.to(&services, functions::messages::list::handle).await.refused(404, "NOT_FOUND");
        let frame = json!({ "action": "message:send", "data": { "conversationId": id, "content": "still there?" } });
        let services = bench.of("ws-message-send").await;
        bench.act(&services, functions::ws::message_send::handle, &of_ben, &frame).await;
        assert_eq!(of_ben.expect("error").await["code"], "NOT_FOUND");
    }
}

#[tokio::test]
async fn two_people_may_start_anew() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let asked = json!({ "forEveryone": true });
    bench.delete(&ben, &id, "", Some(&asked)).await.refused(403, "FORBIDDEN");
    bench.delete(&ana, &id, "", Some(&asked)).await.expect(200);
    assert_ne!(bench.direct(&ben, &ana).await, id);
}

#[tokio::test]
async fn d1_only_its_creator_ends_it_and_strangers_see_nothing() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben]).await;
    bench.promote(&ana, &id, &ben).await;
    let asked = json!({ "forEveryone": true });
    bench.delete(&ben, &id, "", Some(&asked)).await.refused(403, "FORBIDDEN");
    bench.delete(&cem, &id, "", Some(&asked)).await.refused(404, "NOT_FOUND");
    bench.delete(&cem, &id, "", None).await.refused(404, "NOT_FOUND");
    for (query, body) in [("?forEveryone=perhaps", json!({})), ("", json!({ "forEveryone": "yes" }))] {
        let details = bench.delete(&ana, &id, query, Some(&body)).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["forEveryone"]);
    }
    assert!(bench.listed(&ana, &id).await.is_some());
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-delete").await;
    let call = call("DELETE", "/api/conversations/x", None);
    call.to(&services, functions::conversations::delete::handle).await.refused(401, "UNAUTHORIZED");
}
