//! Many live connections: what goes to them is shared with further invocations, and nobody is left out.

use serde_json::{Value, json};
use testkit::{PNG, Person, Socket, TestStack, upload};

use super::{CROWD, WAYS, Way, id, send, until};

pub(super) async fn play(stack: &TestStack) {
    for way in WAYS {
        everybody_hears_of_everything(stack, way).await;
    }
    everybody_hears_of_the_group(stack).await;
}

/// Somebody who speaks, and two who listen on three devices each.
struct Crowd {
    speaker: Person,
    phone: Socket,
    listening: Vec<Socket>,
    listeners: [Person; 2],
    group: String,
}

impl Crowd {
    async fn gather(stack: &TestStack) -> Self {
        let (speaker, one, other) =
            tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"), stack.register("cem", "en"));
        let phone = speaker.connect().await;
        let mut listening = Vec::new();
        for person in [&one, &other] {
            for _ in 0..3 {
                listening.push(person.connect().await);
            }
        }
        assert!(listening.len() > CROWD);
        let group = speaker.group("Everybody", &[&one, &other]).await;
        let crowd = Self { speaker, phone, listening, listeners: [one, other], group };
        crowd.is_notified().await;
        crowd
    }

    /// Of each who listens one more connection that is gone without a word, and one whose token has ended: whichever
    /// function posts to them finds out and forgets them. First those of before are found out: nobody else posts now.
    async fn lose(&self, stack: &TestStack) {
        for person in &self.listeners {
            until("the lost connections are forgotten", async || !stack.has_lost_connection(person).await).await;
            stack.lose_connection(person).await;
            stack.outlive_connection(person).await;
        }
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

    /// Waits until everybody was notified of the group they are in: from then on nobody else posts to them.
    async fn is_notified(&self) {
        self.listen("notification:new").await;
    }

    /// Waits until everybody who listens has been told.
    async fn listen(&self, action: &str) {
        for socket in &self.listening {
            socket.expect(action).await;
        }
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
    crowd.lose(stack).await;
    crowd.does(way, "message:send", None, &json!({ "content": "Hear, hear." })).await;
    let message = id(&crowd.hears("message:receive").await);
    crowd.lose(stack).await;
    crowd.does(way, "message:edit", Some(&message), &json!({ "content": "Listen." })).await;
    assert_eq!(crowd.hears("message:edited").await["message"]["content"], "Listen.");
    crowd.lose(stack).await;
    if way != Way::Http {
        crowd.does(way, "message:reaction", Some(&message), &json!({ "emoji": "👂" })).await;
        crowd.hears("message:reaction").await;
        crowd.lose(stack).await;
    }
    crowd.does(way, "message:delete", Some(&message), &json!({ "forEveryone": true })).await;
    crowd.hears("message:deleted").await;
}

/// What happens to the group and who is there is shared as well as what is said.
async fn everybody_hears_of_the_group(stack: &TestStack) {
    let mut crowd = Crowd::gather(stack).await;
    let path = format!("/api/conversations/{}", crowd.group);
    let dia = stack.register("dia", "en").await;
    crowd.lose(stack).await;
    crowd.speaker.post(&format!("{path}/participants"), &json!({ "participantIds": [dia.id] }), 200).await;
    crowd.listen("participant:joined").await;
    let at_dia = dia.connect().await;
    crowd.listen("presence:changed").await;
    crowd.lose(stack).await;
    at_dia.close().await;
    // A moment after she has come, so it is waited whether she comes back.
    crowd.listen("presence:changed").await;
    crowd.lose(stack).await;
    crowd.speaker.patch(&path, &json!({ "name": "All of us" }), 200).await;
    crowd.listen("conversation:updated").await;
    let place = format!("{path}/participants/{}", dia.id);
    crowd.lose(stack).await;
    crowd.speaker.patch(&place, &json!({ "role": "admin" }), 200).await;
    crowd.listen("conversation:updated").await;
    crowd.phone.send("presence:update", &json!({ "status": "away" })).await;
    crowd.listen("presence:changed").await;
    crowd.phone.send("message:typing", &json!({ "conversationId": crowd.group, "isTyping": true })).await;
    crowd.listen("message:typing").await;

    let wish = json!({
        "fileName": "sea.png", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": crowd.group,
    });
    let file = crowd.speaker.post("/api/attachments/upload-url", &wish, 200).await;
    assert_eq!(upload(file["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
    let picture = json!({ "type": "image", "attachment": { "id": file["attachmentId"] } });
    crowd.does(Way::Socket, "message:send", None, &picture).await;
    let message = id(&crowd.hears("message:receive").await);
    crowd.listen("message:updated").await;
    // As an interrupted inspection leaves it: whoever wants the picture has it inspected, and everybody hears of it.
    stack.interrupt_inspection(&crowd.group, &message, file["attachmentId"].as_str().unwrap()).await;
    crowd.lose(stack).await;
    let path_of_it = format!("/api/attachments/download-url?key={}", file["key"].as_str().unwrap());
    assert_eq!(dia.get(&path_of_it, 409).await["code"], "CONFLICT");
    crowd.listen("message:updated").await;
    crowd.lose(stack).await;
    dia.post(&format!("{path}/read"), &json!({}), 200).await;
    crowd.listen("message:read").await;

    crowd.lose(stack).await;
    crowd.speaker.delete(&place, 200).await;
    crowd.listen("participant:left").await;
    let (one, other) = (&crowd.listeners[0], &crowd.listeners[1]);
    crowd.lose(stack).await;
    let another = crowd.speaker.group("Another", &[one, other]).await;
    crowd.listen("conversation:new").await;
    crowd.is_notified().await;
    crowd.lose(stack).await;
    one.post(&format!("/api/conversations/{another}/leave"), &json!({}), 200).await;
    crowd.listen("participant:left").await;
    crowd.lose(stack).await;
    crowd.speaker.delete(&format!("{path}?forEveryone=true"), 200).await;
    crowd.listen("conversation:deleted").await;
}
