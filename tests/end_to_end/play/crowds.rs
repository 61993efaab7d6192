//! Many live connections: what goes to them is shared with further invocations, and nobody is left out.

use serde_json::{Value, json};
use testkit::{Person, Socket, TestStack};

use super::{CROWD, WAYS, Way, id, send};

pub(super) async fn play(stack: &TestStack) {
    for way in WAYS {
        everybody_hears_of_everything(stack, way).await;
    }
}

/// Somebody who speaks, and two who listen on three devices each.
struct Crowd {
    speaker: Person,
    phone: Socket,
    listening: Vec<Socket>,
    group: String,
}

impl Crowd {
    async fn gather(stack: &TestStack) -> Self {
        let (speaker, one, other) =
            tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"), stack.register("cem", "en"));
        let group = speaker.group("Everybody", &[&one, &other]).await;
        let phone = speaker.connect().await;
        let mut listening = Vec::new();
        for person in [&one, &other] {
            for _ in 0..3 {
                listening.push(person.connect().await);
            }
            // And one that is gone without a word: whichever function posts to it finds it out.
            stack.lose_connection(person).await;
        }
        assert!(listening.len() > CROWD);
        Self { speaker, phone, listening, group }
    }

    /// What everybody gets is the same, the speaker too.
    async fn hears(&self, action: &str) -> Value {
        let told = self.phone.expect(action).await;
        for socket in &self.listening {
            let heard = socket.expect(action).await;
            assert_eq!(heard.pointer("/message/id"), told.pointer("/message/id"), "{heard:#}");
            assert_eq!(heard.get("messageId"), told.get("messageId"), "{heard:#}");
        }
        told
    }

    /// Does something by a route, or by an action with the same content.
    async fn does(&mut self, way: Way, action: &str, message: Option<&str>, content: &Value) {
        if way == Way::Http {
            let path = format!("/api/conversations/{}/messages", self.group);
            match (action, message) {
                ("message:send", _) => self.speaker.post(&path, content, 201).await,
                ("message:edit", Some(message)) => self.speaker.patch(&format!("{path}/{message}"), content, 200).await,
                (_, Some(message)) => self.speaker.delete_with(&format!("{path}/{message}"), content, 200).await,
                (action, None) => panic!("{action} of which message?"),
            };
            return;
        }
        let mut data = content.clone();
        data["conversationId"] = json!(self.group);
        if let Some(message) = message {
            data["messageId"] = json!(message);
        }
        send(&mut self.phone, way, action, &data).await;
    }
}

async fn everybody_hears_of_everything(stack: &TestStack, way: Way) {
    let mut crowd = Crowd::gather(stack).await;
    crowd.does(way, "message:send", None, &json!({ "content": "Hear, hear." })).await;
    let message = id(&crowd.hears("message:receive").await);
    crowd.does(way, "message:edit", Some(&message), &json!({ "content": "Listen." })).await;
    assert_eq!(crowd.hears("message:edited").await["message"]["content"], "Listen.");
    if way != Way::Http {
        crowd.does(way, "message:reaction", Some(&message), &json!({ "emoji": "👂" })).await;
        crowd.hears("message:reaction").await;
    }
    crowd.does(way, "message:delete", Some(&message), &json!({ "forEveryone": true })).await;
    crowd.hears("message:deleted").await;
}
