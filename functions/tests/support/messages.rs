//! People who talk.

use app::delivery::Push;
use app::files::Files;
use app::inspection::{Asked, Inspection};
use app::translation::Translator;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use domain::{ConversationId, MessageId};
use serde_json::{Value, json};
use store::Table;

use super::{Bench, Person, Phone, text};

/// Two people with their direct conversation and a phone each.
pub struct Pair {
    pub ana: Person,
    pub ben: Person,
    pub id: String,
    pub of_ana: Phone,
    pub of_ben: Phone,
}

impl Bench {
    /// Ana, who reads Spanish, and Ben, who reads English.
    pub async fn pair(&self) -> Pair {
        let (ana, ben) = (self.person("ana", "es").await, self.person("ben", "en").await);
        let id = self.direct(&ben, &ana).await;
        let (of_ana, of_ben) = (self.phone(&ana).await, self.phone(&ben).await);
        Pair { ana, ben, id, of_ana, of_ben }
    }

    /// Says something, through the real handler; the message as its sender sees it.
    pub async fn say(&self, phone: &Phone, conversation: &str, content: &str) -> Value {
        self.say_with(phone, conversation, json!({ "content": content })).await
    }

    /// Says something with more to it.
    pub async fn say_with(&self, phone: &Phone, conversation: &str, mut data: Value) -> Value {
        let services = self.of("ws-message-send").await;
        data["conversationId"] = json!(conversation);
        if data["tempId"].is_null() {
            data["tempId"] = json!(uuid::Uuid::new_v4().to_string());
        }
        let frame = json!({ "action": "message:send", "data": data });
        self.act(&services, functions::ws::message_send::handle, phone, &frame).await;
        loop {
            let event = phone.expect("message:receive").await;
            if event["tempId"] == frame["data"]["tempId"] {
                return event["message"].clone();
            }
        }
    }

    /// Inspects the files of a conversation that wait for it, as the functions that send them have it done.
    pub async fn inspect(&self, conversation: &str) {
        for asked in self.pending(conversation).await {
            assert!(self.inspect_one(&asked).await, "{asked}");
        }
    }

    /// Inspects one file; whether that was finished.
    pub async fn inspect_one(&self, asked: &Value) -> bool {
        let services: (Table, Files, Push, Translator, Inspection) = self.of("attachments-inspect").await;
        let asked: Asked = serde_json::from_value(asked.clone()).unwrap();
        let handle = &functions::attachments::inspect::handle;
        edge::invocation::run(&services, handle, asked, "r", std::time::Duration::from_mins(1)).await
    }

    /// What is asked for each file of a conversation that waits to be inspected.
    pub async fn pending(&self, conversation: &str) -> Vec<Value> {
        let table = self.table();
        let scan = table.client().scan().table_name(table.name()).into_paginator().items().send();
        let items: Vec<_> = scan.collect::<Result<_, _>>().await.unwrap();
        let part = |item: &std::collections::HashMap<String, AttributeValue>, name: &str| {
            item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
        };
        let room = format!("CONV#{conversation}");
        let waits = items.iter().filter(|item| {
            part(item, "PK") == room && part(item, "SK").starts_with("ATT#") && part(item, "state") == "pending"
        });
        waits.map(|item| json!({ "conversationId": conversation, "attachmentId": part(item, "id") })).collect()
    }

    /// The latest page of a conversation as somebody sees it.
    pub async fn page(&self, person: &Person, conversation: &str) -> Vec<Value> {
        let services = self.of("messages-list").await;
        let path = format!("/api/conversations/{conversation}/messages");
        let call = super::get(&path).path("conversationId", conversation).bearer(&person.token);
        let page = call.to(&services, functions::messages::list::handle).await.expect(200);
        page["messages"].as_array().unwrap().clone()
    }

    /// The latest message of somebody's first conversation, as the list shows it.
    pub async fn last_message(&self, person: &Person) -> Value {
        let services = self.of("conversations-list").await;
        let call = super::get("/api/conversations").bearer(&person.token);
        let page = call.to(&services, functions::conversations::list::handle).await.expect(200);
        page["conversations"][0]["lastMessage"].clone()
    }

    /// Everything that is kept in a conversation, as one text: for tests that look whether something is left in it.
    pub async fn dump(&self, conversation: &str) -> String {
        let table = self.table();
        let scan = table.client().scan().table_name(table.name()).into_paginator().items().send();
        let items: Vec<_> = scan.collect::<Result<_, _>>().await.unwrap();
        let inside = items.iter().filter(|item| item["PK"].as_s().unwrap() == &format!("CONV#{conversation}"));
        inside.map(|item| format!("{item:?}")).collect::<Vec<_>>().join("\n")
    }

    /// Every item of the table: partition, sort key, and all of it as a text.
    pub async fn scanned(&self) -> Vec<(String, String, String)> {
        let table = self.table();
        let scan = table.client().scan().table_name(table.name()).into_paginator().items().send();
        let items: Vec<_> = scan.collect::<Result<_, _>>().await.unwrap();
        let part = |item: &std::collections::HashMap<_, AttributeValue>, name: &str| item[name].as_s().unwrap().clone();
        items.iter().map(|item| (part(item, "PK"), part(item, "SK"), format!("{item:?}"))).collect()
    }

    /// Everything that is kept, as one text.
    pub async fn all(&self) -> String {
        let table = self.table();
        let scan = table.client().scan().table_name(table.name()).into_paginator().items().send();
        let items: Vec<_> = scan.collect::<Result<_, _>>().await.unwrap();
        items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join("\n")
    }

    /// Puts messages like one into a conversation, after those that are there.
    pub async fn fill(&self, conversation: &str, like: &Value, contents: impl Iterator<Item = String>) {
        let (table, id) = (self.table(), ConversationId::parse(conversation).unwrap());
        let like = MessageId::parse(&text(&like["id"])).unwrap();
        let key = store::keys::message(&id, like);
        let stored = table.client().get_item().table_name(table.name());
        let stored = stored.key("PK", AttributeValue::S(key.pk)).key("SK", AttributeValue::S(key.sk));
        let stored = stored.send().await.unwrap().item.unwrap();
        let mut sequence = like.sequence();
        let writes = contents.map(|content| {
            sequence += 1;
            let place = MessageId::new(sequence, [7; 10]);
            let mut item = stored.clone();
            item.extend(
                [("SK", store::keys::message(&id, place).sk), ("id", place.to_string()), ("content", content)]
                    .map(|(name, value)| (name.to_owned(), AttributeValue::S(value))),
            );
            WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(item)).build().unwrap()).build()
        });
        for batch in writes.collect::<Vec<_>>().chunks(25) {
            let write = table.client().batch_write_item().request_items(table.name(), batch.to_vec());
            let left = write.send().await.unwrap().unprocessed_items.unwrap_or_default();
            assert!(left.is_empty());
        }
        self.set_number(&store::keys::conversation(&id), "seq", i64::try_from(sequence).unwrap()).await;
    }

    /// Sets a number in an item.
    pub async fn set_number(&self, key: &store::Key, name: &str, value: i64) {
        let table = self.table();
        let part = |text: &String| AttributeValue::S(text.clone());
        let update = table.client().update_item().table_name(table.name());
        let update = update.key("PK", part(&key.pk)).key("SK", part(&key.sk)).update_expression("SET #name = :value");
        let update = update.expression_attribute_names("#name", name);
        update.expression_attribute_values(":value", AttributeValue::N(value.to_string())).send().await.unwrap();
    }

    /// Takes an item out of the table.
    pub async fn forget(&self, key: &store::Key) {
        let table = self.table();
        let part = |text: &String| AttributeValue::S(text.clone());
        let delete = table.client().delete_item().table_name(table.name());
        delete.key("PK", part(&key.pk)).key("SK", part(&key.sk)).send().await.unwrap();
    }

    /// Lets everything that is there have happened at an earlier time.
    pub async fn backdate(&self, to: domain::Timestamp) {
        let table = self.table();
        let scan = table.client().scan().table_name(table.name()).into_paginator().items().send();
        let items: Vec<_> = scan.collect::<Result<_, _>>().await.unwrap();
        for mut item in items {
            let inside = item["PK"].as_s().unwrap().starts_with("CONV#");
            if !inside || item["SK"].as_s().unwrap().starts_with("CHG#") {
                continue;
            }
            for name in ["createdAt", "updatedAt", "changedAt", "joinedAt"] {
                if let Some(time) = item.get_mut(name) {
                    *time = AttributeValue::N(to.millis().to_string());
                }
            }
            table.client().put_item().table_name(table.name()).set_item(Some(item)).send().await.unwrap();
        }
    }
}
