//! A person who has left traces everywhere.

use domain::UserId;
use serde_json::{Value, json};
use testkit::{PNG, upload};

use super::super::picture_set::set;
use super::super::picture_upload_url::uploaded;
use crate::support::{Bench, Person, call, post, subscription, text};

const NAME: &str = "Anastasia Zaragoza";
const WORDS: &str = "Good morning everybody";

pub struct Life {
    pub ana: Person,
    pub ben: Person,
    pub cem: Person,
    /// With Ben.
    pub direct: String,
    /// Hers, with both others in it.
    pub group: String,
    /// Where she was once.
    pub left: String,
    picture: String,
}

impl Life {
    pub async fn lived(bench: &Bench) -> Self {
        let ana = bench.person("zaragoza", "en").await;
        let (ben, cem) = (bench.person("ben", "en").await, bench.person("cem", "en").await);
        named(bench, &ana).await;
        let picture = uploaded(bench, &ana, PNG).await;
        set(bench, &ana, &json!({ "key": picture })).await.expect(200);
        uploaded(bench, &ana, PNG).await;
        let device = json!({ "token": "anas-phone", "platform": "ios" });
        ask(bench, "devices-register", &ana, post("/api/devices/register", &device)).await;
        bench.subscribe(&ana, &json!({ "subscription": subscription("anas-browser") })).await.expect(200);
        bench.friends(&ana, &ben).await;
        bench.befriend(&cem, &ana).await.expect(201);
        ask(bench, "auth-ws-ticket", &ana, call("POST", "/api/auth/ws-ticket", None)).await;

        bench.report(&ana, &cem, &json!({ "reason": "spam" })).await.expect(201);
        bench.report(&ben, &ana, &json!({ "reason": "other", "details": "Talks too much." })).await.expect(201);
        let direct = bench.direct(&ana, &ben).await;
        let group = bench.group(&ana, &[&ben, &cem]).await;
        let left = bench.group(&ben, &[&ana, &cem]).await;
        bench.group(&ana, &[&cem]).await;
        let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
        for conversation in [&direct, &group, &left] {
            let hers = bench.say(&of_ana, conversation, WORDS).await;
            let answer = json!({ "content": "Good morning", "replyTo": { "messageId": hers["id"] } });
            let his = bench.say_with(&of_ben, conversation, answer).await;
            for (phone, message, emoji) in [(&of_ana, &his, "👍"), (&of_ana, &hers, "🎉"), (&of_ben, &hers, "🎉")]
            {
                let data = json!({ "conversationId": conversation, "messageId": message["id"], "emoji": emoji });
                let services = bench.of("ws-message-reaction").await;
                let frame = json!({ "action": "message:reaction", "data": data });
                bench.act(&services, functions::ws::message_reaction::handle, phone, &frame).await;
            }
            let path = format!("/api/conversations/{conversation}/messages/{}", text(&his["id"]));
            let hide = call("DELETE", &path, None).path("conversationId", conversation);
            ask(bench, "messages-delete", &ana, hide.path("messageId", his["id"].as_str().unwrap())).await;
        }
        let file = attached(bench, &ana, &direct).await;
        let data = json!({ "content": "", "type": "image", "attachment": { "id": file } });
        bench.say_with(&of_ana, &direct, data).await;
        // Never sent.
        attached(bench, &ana, &group).await;
        bench.leave(&ana, &left).await.expect(200);
        Self { ana, ben, cem, direct, group, left, picture }
    }

    /// Puts what a test before this one has removed back into the bucket.
    pub async fn keep_pictures(&self, bench: &Bench) {
        for key in [self.picture.clone(), format!("uploads/{}", self.picture)] {
            let body = aws_sdk_s3::primitives::ByteStream::from_static(PNG);
            bucket(bench).0.put_object().bucket(bucket(bench).1).key(key).body(body).send().await.unwrap();
        }
    }

    /// Everything in the table and the bucket that names her.
    pub async fn found(&self, bench: &Bench) -> Vec<String> {
        let encoded = |text: &str| {
            use base64::Engine;
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
        };
        let bare = self.ana.id.trim_start_matches("user_").to_owned();
        let names = [NAME, "zaragoza", "anastasia", "anas-phone", "anas-browser", &self.ana.email].map(str::to_owned);
        let hidden = [encoded(&self.ana.id), encoded(&self.ana.email), encoded("zaragoza")];
        let needles: Vec<_> = names.into_iter().chain(hidden).chain([bare]).collect();
        let (client, name) = bucket(bench);
        let listed = client.list_objects_v2().bucket(name).send().await.unwrap();
        assert!(!listed.is_truncated().unwrap_or_default());
        let keys = listed.contents().iter().filter_map(|object| object.key()).map(str::to_owned);
        let all = bench.all().await;
        let names_her = |text: &String| needles.iter().any(|needle| text.contains(needle));
        all.lines().map(str::to_owned).chain(keys).filter(names_her).collect()
    }

    /// What she said is there, as nobody's; the groups go on.
    pub async fn is_remembered_by_others(&self, bench: &Bench) {
        let nobody = UserId::ERASED.to_string();
        for conversation in [&self.direct, &self.group, &self.left] {
            let page = bench.page(&self.ben, conversation).await;
            let hers = page.iter().find(|message| message["content"] == WORDS).unwrap();
            assert_eq!(
                (&hers["senderId"], &hers["senderName"]),
                (&json!(nobody), &json!("deleted user")),
                "{conversation}"
            );
            assert_eq!(hers["reactions"], json!({ "🎉": [self.ben.id] }), "the others' reactions stay");
            let his = page.iter().find(|message| message["content"] == "Good morning").unwrap();
            assert_eq!(his["reactions"], json!({}));
            assert_eq!(
                (&his["replyTo"]["senderId"], &his["replyTo"]["senderName"], &his["replyTo"]["content"]),
                (&json!(nobody), &json!("deleted user"), &json!(WORDS)),
            );
        }
        // They came at the same moment: either is the longest-standing.
        let roles = bench.roles(&self.ben, &self.group).await;
        let names: Vec<_> = roles.iter().map(|(name, _)| name.as_str()).collect();
        let admins = roles.iter().filter(|(_, role)| role == "admin").count();
        assert_eq!((names.as_slice(), admins), (["ben", "cem"].as_slice(), 1), "{roles:?}");
        let body = bench.details(&self.ben, &self.direct).await.expect(200);
        let people = body["conversation"]["participants"].as_array().unwrap();
        let mut names: Vec<_> = people.iter().map(|person| text(&person["displayName"])).collect();
        names.sort();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names.contains(&"deleted user".to_owned()), "{names:?}");
        let page = bench.page(&self.ben, &self.direct).await;
        assert!(page.iter().any(|message| !message["attachment"].is_null()), "what she sent is his too");
        // The conversation goes on, and a new one with her cannot be begun.
        let of_ben = bench.phone(&self.ben).await;
        bench.say(&of_ben, &self.direct, "is anybody there?").await;
        let services = bench.of("conversations-create").await;
        let wish = json!({ "type": "direct", "participantIds": [self.ana.id] });
        let answer = post("/api/conversations", &wish).bearer(&self.cem.token);
        answer.to(&services, functions::conversations::create::handle).await.refused(404, "NOT_FOUND");
    }
}

async fn ask(bench: &Bench, function: &str, person: &Person, call: crate::support::Call) -> Value {
    let answer = bench.http(function, call.bearer(&person.token)).await;
    assert!((200..300).contains(&answer.status), "{function}: {} {}", answer.status, answer.body);
    answer.body
}

async fn named(bench: &Bench, person: &Person) {
    let change = json!({ "displayName": NAME });
    ask(bench, "users-update", person, call("PATCH", "/api/users/me", Some(&change))).await;
}

/// Uploads a picture to a conversation; its id.
async fn attached(bench: &Bench, person: &Person, conversation: &str) -> Value {
    let body = json!({
        "fileName": "a.png", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": conversation,
    });
    let told = ask(bench, "attachments-upload-url", person, post("/api/attachments/upload-url", &body)).await;
    assert_eq!(upload(&text(&told["uploadUrl"]), "image/png", PNG).await, 200);
    told["attachmentId"].clone()
}

fn bucket(bench: &Bench) -> (aws_sdk_s3::Client, String) {
    let name = bench.services.variables("users-erase")["BUCKET_NAME"].clone();
    (aws_sdk_s3::Client::new(&bench.services.sdk("test")), name)
}
