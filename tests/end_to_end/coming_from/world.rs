//! The people of one row, and what they have: made when a row names it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, PNG, Person, Socket, upload};

use super::table::Who;
use crate::play::Stage;

/// Somebody (`me`), somebody else (`them`), and what they have made for each other so far.
pub(super) struct World<'a> {
    stage: &'a Stage,
    me: Person,
    them: Person,
    nobody: Client,
    sockets: BTreeMap<&'static str, Socket>,
    made: BTreeMap<String, Value>,
}

impl<'a> World<'a> {
    pub(super) async fn new(stage: &'a Stage) -> Self {
        let stack = &stage.stack;
        let (me, them) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
        Self { stage, me, them, nobody: stack.anonymous(), sockets: BTreeMap::new(), made: BTreeMap::new() }
    }

    /// What this person sends requests with.
    pub(super) fn client(&self, who: Who) -> &Client {
        match who {
            Who::Me => &self.me,
            Who::Them => &self.them,
            Who::Nobody => &self.nobody,
        }
    }

    /// This person's connection, opened when it is first asked for.
    pub(super) async fn socket(&mut self, who: Who) -> &mut Socket {
        let (name, person) = match who {
            Who::Me | Who::Nobody => ("me", &self.me),
            Who::Them => ("them", &self.them),
        };
        if !self.sockets.contains_key(name) {
            self.sockets.insert(name, person.connect().await);
        }
        self.sockets.get_mut(name).unwrap()
    }

    /// Closes this person's connection.
    pub(super) async fn disconnect(&mut self, who: Who) {
        let name = if who == Who::Them { "them" } else { "me" };
        if let Some(socket) = self.sockets.remove(name) {
            socket.close().await;
        }
    }

    /// A body with everything named in it put in.
    pub(super) async fn fill(&mut self, body: &Value) -> Value {
        match body {
            Value::String(text) => {
                match text.strip_prefix('$').filter(|name| name.chars().all(char::is_alphanumeric)) {
                    Some(name) => self.value(name).await,
                    None => Value::String(self.fill_text(text).await),
                }
            }
            Value::Array(items) => {
                let mut filled = Vec::new();
                for item in items {
                    filled.push(Box::pin(self.fill(item)).await);
                }
                Value::Array(filled)
            }
            Value::Object(fields) => {
                let mut filled = serde_json::Map::new();
                for (name, field) in fields {
                    filled.insert(name.clone(), Box::pin(self.fill(field)).await);
                }
                Value::Object(filled)
            }
            other => other.clone(),
        }
    }

    /// A text with everything named in it put in.
    pub(super) async fn fill_text(&mut self, text: &str) -> String {
        let mut parts = text.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(part.len());
            let value = self.value(&part[..end]).await;
            filled += value.as_str().unwrap_or_else(|| panic!("${} is no text", &part[..end]));
            filled += &part[end..];
        }
        filled
    }

    async fn value(&mut self, name: &str) -> Value {
        if let Some(value) = self.made.get(name) {
            return value.clone();
        }
        let value = Box::pin(self.make(name)).await;
        self.made.insert(name.to_owned(), value.clone());
        value
    }

    async fn make(&mut self, name: &str) -> Value {
        let (me, them) = (self.me.clone(), self.them.clone());
        match name {
            "me" => json!(me.id),
            "them" => json!(them.id),
            "stranger" => json!(self.stage.stack.register("cem", "en").await.id),
            "name" => json!(format!("new_{}", &uuid::Uuid::new_v4().simple().to_string()[..8])),
            "myName" => json!(me.username),
            "myEmail" => json!(me.email),
            "password" => json!(me.password),
            "theirName" => json!(them.username),
            "token" => json!(me.token),
            "refreshToken" => json!(me.refresh_token),
            "idToken" => json!(self.stage.google_token(&uuid::Uuid::new_v4().simple().to_string())),
            "query" => json!(self.come_back().await),
            "session" => {
                me.on_another_device().await;
                let sessions = me.get("/api/auth/sessions", 200).await;
                let sessions = sessions["sessions"].as_array().unwrap().clone();
                sessions.into_iter().find(|session| session["current"] == false).unwrap()["id"].clone()
            }
            "direct" => json!(me.direct(&them).await),
            "group" => json!(me.group("Walkers", &[&them]).await),
            // Theirs, of which I am a member.
            "room" => json!(them.group("Readers", &[&me]).await),
            // To a group of theirs that I am not in.
            "code" => {
                let guest = self.stage.stack.register("cem", "en").await;
                let house = them.group("Open house", &[&guest]).await;
                let invited = them.post(&format!("/api/conversations/{house}/invite"), &json!({}), 200).await;
                invited["conversationCode"].clone()
            }
            "notification" => {
                them.post("/api/friends/requests", &json!({ "friendId": me.id }), 201).await;
                me.get("/api/notifications", 200).await["notifications"][0]["id"].clone()
            }
            "message" => self.say(&me, "It will be dark soon.").await["id"].clone(),
            "theirs" => self.their_message().await["id"].clone(),
            "theirTime" => self.their_message().await["createdAt"].clone(),
            "attachment" => self.file("group").await,
            "key" => self.sent_file().await,
            "picture" => {
                let wish = json!({ "contentType": "image/png", "fileSize": PNG.len() });
                let place = me.post("/api/users/profile-picture/upload-url", &wish, 200).await;
                assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
                place["key"].clone()
            }
            _ => panic!("nobody knows what ${name} is"),
        }
    }

    /// A message in the group.
    async fn say(&mut self, who: &Person, text: &str) -> Value {
        let group = self.fill_text("/api/conversations/$group/messages").await;
        who.post(&group, &json!({ "content": text }), 201).await["message"].clone()
    }

    async fn their_message(&mut self) -> Value {
        if let Some(message) = self.made.get("their message") {
            return message.clone();
        }
        let them = self.them.clone();
        let message = self.say(&them, "I shall be home before that.").await;
        self.made.insert("their message".to_owned(), message.clone());
        message
    }

    /// A file that I have uploaded, as a message names it.
    async fn file(&mut self, conversation: &str) -> Value {
        let conversation = Box::pin(self.value(conversation)).await;
        let wish = json!({
            "fileName": "sea.png", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": conversation,
        });
        let place = self.me.post("/api/attachments/upload-url", &wish, 200).await;
        assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
        json!({
            "id": place["attachmentId"], "key": place["key"], "fileName": "sea.png", "contentType": "image/png",
            "fileSize": PNG.len(), "category": "image",
        })
    }

    /// The key of a file that I have sent, and that has been inspected.
    async fn sent_file(&mut self) -> Value {
        let attachment = self.file("group").await;
        let path = self.fill_text("/api/conversations/$group/messages").await;
        let body = json!({ "content": "The sea!", "type": "image", "attachment": attachment });
        let key = self.me.post(&path, &body, 201).await["message"]["attachment"]["key"].clone();
        let path = format!("/api/attachments/download-url?key={}", key.as_str().unwrap());
        // Not by an asynchronous closure: rows are played in tasks, which must be `Send`.
        let inspected = async {
            while self.me.try_get(&path).await.status == 409 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(testkit::PATIENCE, inspected).await.expect("the file is inspected");
        key
    }

    /// The query with which Google sends a browser back, which keeps what it was given.
    async fn come_back(&mut self) -> String {
        let (cookie, query) = self.stage.through_google(&uuid::Uuid::new_v4().simple().to_string()).await;
        self.nobody = self.nobody.with_cookie(&cookie);
        query.trim_start_matches('?').to_owned()
    }
}
