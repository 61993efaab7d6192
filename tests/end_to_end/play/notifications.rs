//! Notifications: of everything that there is one of, told and listed, and read.

use serde_json::{Value, json};
use testkit::{Socket, TestStack};

use super::{id, say, until};

pub(super) async fn play(stack: &TestStack) {
    everything_that_one_is_notified_of(stack).await;
    somebody_who_is_gone(stack).await;
}

/// The next notification that somebody is told of, which has to be of this type.
async fn told(socket: &Socket, kind: &str) -> Value {
    let event = socket.expect("notification:new").await;
    assert_eq!(event["notification"]["type"], kind, "{event:#}");
    event["notification"].clone()
}

async fn everything_that_one_is_notified_of(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let (mut at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());
    ben.post("/api/friends/requests", &json!({ "friendId": ana.id }), 201).await;
    assert_eq!(told(&at_ana, "friend_request").await["actor"]["id"], json!(ben.id));
    ana.post(&format!("/api/friends/requests/{}/accept", ben.id), &json!({}), 200).await;
    told(&at_ben, "friend_accepted").await;
    let group = ben.group("Swimmers", &[&ana]).await;
    assert_eq!(told(&at_ana, "conversation_added").await["conversationId"], json!(group));
    let mention = format!("The water is warm, @{}!", ana.username);
    let message = say(&mut at_ben, &group, &mention, &[&at_ana]).await;
    assert_eq!(message["mentions"], json!([ana.id]));
    assert_eq!(told(&at_ana, "mention").await["messageId"], message["id"]);
    let reaction = json!({ "conversationId": group, "messageId": id(&message), "emoji": "🌊" });
    at_ana.send("message:reaction", &reaction).await;
    assert_eq!(told(&at_ben, "reaction").await["emoji"], "🌊");

    let list = ana.get("/api/notifications", 200).await;
    assert_eq!((list["notifications"].as_array().unwrap().len(), &list["unreadCount"]), (3, &json!(3)), "{list:#}");
    let path = format!("/api/notifications/{}/read", id(&list["notifications"][0]));
    assert_eq!(ana.post(&path, &json!({}), 200).await["unreadCount"], 2);
    assert_eq!(ben.post(&path, &json!({}), 404).await["code"], "NOT_FOUND");
    assert_eq!(ana.post("/api/notifications/read-all", &json!({}), 200).await["unreadCount"], 0);
}

/// Whoever is told may have gone since the event that the notification is of.
async fn somebody_who_is_gone(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    until("a notification finds connections that are gone", async || {
        ben.group("Divers", &[&ana]).await;
        // From here on nothing but the notification is posted to her, unless that was sooner.
        stack.lose_connection(&ana).await;
        stack.outlive_connection(&ana).await;
        for _ in 0..10 {
            if !stack.has_lost_connection(&ana).await {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        false
    })
    .await;
}
