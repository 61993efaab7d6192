//! What a conversation is to one of its people: where it stands in their list, what of it is read, muted, put away.

use serde_json::{Value, json};
use testkit::TestStack;

use super::{id, listed, say};

pub(super) async fn play(stack: &TestStack) {
    between_two_there_is_one(stack).await;
    what_is_unread(stack).await;
    own_settings(stack).await;
    deleted_for_oneself(stack).await;
    a_list_page_by_page(stack).await;
}

async fn between_two_there_is_one(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let at_ben = ben.connect().await;
    let wish = json!({ "type": "direct", "participantIds": [ben.id] });
    let first = ana.post("/api/conversations", &wish, 201).await;
    assert_eq!(at_ben.expect("conversation:new").await["conversation"]["id"], json!(id(&first)));
    let wish = json!({ "type": "direct", "participantIds": [ana.id] });
    assert_eq!(id(&ben.post("/api/conversations", &wish, 200).await), id(&first), "whoever asks");
    let nobody = json!({ "type": "direct", "participantIds": ["user_00000000-0000-4000-8000-000000000000"] });
    assert_eq!(ana.post("/api/conversations", &nobody, 404).await["code"], "NOT_FOUND");
}

async fn what_is_unread(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let conversation = ana.direct(&ben).await;
    let (mut at_ana, at_ben) = tokio::join!(ana.connect(), ben.connect());
    let mut sent = Vec::new();
    for content in ["One.", "Two.", "Three."] {
        sent.push(say(&mut at_ana, &conversation, content, &[&at_ben]).await);
    }
    let unread = async || listed(&ben, &conversation).await.unwrap()["unreadCount"].clone();
    assert_eq!(unread().await, 3);
    let path = format!("/api/conversations/{conversation}/read");
    ben.post(&path, &json!({ "lastReadMessageId": sent[1]["id"] }), 200).await;
    let told = at_ana.expect("message:read").await;
    assert_eq!(
        (&told["messageId"], &told["readBy"], &told["userId"]),
        (&sent[1]["id"], &json!(ben.id), &json!(ben.id))
    );
    assert_eq!(unread().await, 1);
    ben.post(&path, &json!({}), 200).await;
    assert_eq!(at_ana.expect("message:read").await["messageId"], sent[2]["id"]);
    assert_eq!(unread().await, 0);
    assert_eq!(listed(&ana, &conversation).await.unwrap()["lastMessage"]["status"], "read");
    ben.post(&path, &json!({ "lastReadMessageId": "msg_nonsense" }), 400).await;
}

async fn own_settings(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let conversation = ana.direct(&ben).await;
    let path = format!("/api/conversations/{conversation}/settings");
    let until = "2099-01-01T00:00:00.000Z";
    let set = ana.patch(&path, &json!({ "mutedUntil": until, "pinned": true }), 200).await;
    assert_eq!(
        json!([set["muted"], set["mutedUntil"], set["pinned"], set["archived"]]),
        json!([true, until, true, false])
    );
    ana.patch(&path, &json!({ "mutedUntil": null, "archived": true }), 200).await;
    let of = |row: Value| json!([row["muted"], row["pinned"], row["archived"]]);
    assert_eq!(of(listed(&ana, &conversation).await.unwrap()), json!([false, true, true]));
    assert_eq!(of(listed(&ben, &conversation).await.unwrap()), json!([false, false, false]), "they are hers alone");
    assert_eq!(ana.patch(&path, &json!({}), 400).await["code"], "VALIDATION_ERROR");
}

async fn deleted_for_oneself(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let conversation = ana.direct(&ben).await;
    let (mut at_ana, at_ben) = tokio::join!(ana.connect(), ben.connect());
    say(&mut at_ana, &conversation, "Old news.", &[&at_ben]).await;
    let answer = ben.delete(&format!("/api/conversations/{conversation}"), 200).await;
    assert_eq!((&answer["success"], &answer["deletedForEveryone"]), (&json!(true), &json!(false)));
    assert!(listed(&ben, &conversation).await.is_none() && listed(&ana, &conversation).await.is_some());

    let news = say(&mut at_ana, &conversation, "News.", &[&at_ben]).await;
    assert_eq!(listed(&ben, &conversation).await.unwrap()["unreadCount"], 1, "it is back");
    let (his, hers) = (ben.messages(&conversation).await, ana.messages(&conversation).await);
    assert_eq!((his.len(), &his[0]["id"], hers.len()), (1, &news["id"], 2), "without what was");
}

async fn a_list_page_by_page(stack: &TestStack) {
    let (ana, ben, cem) =
        tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"), stack.register("cem", "en"));
    let conversations = [ana.direct(&ben).await, ana.direct(&cem).await, ana.group("All", &[&ben, &cem]).await];
    let mut at_ana = ana.connect().await;
    for conversation in &conversations {
        say(&mut at_ana, conversation, "Hello.", &[]).await;
    }
    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = ana.get(&format!("/api/conversations?{query}"), 200).await;
        seen.extend(page["conversations"].as_array().unwrap().iter().map(id));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    seen.reverse();
    assert_eq!(seen, conversations, "the one written to last comes first");
}
