mod phones;
mod services;
mod who;

use serde_json::{Value, json};
use testkit::{LoopbackPushService, Reaction};

use crate::support::{Bench, Pair, Phone};

/// Ana and Ben, whose browser is at a push service on loopback.
pub struct Stage {
    pub bench: Bench,
    pub service: LoopbackPushService,
    pub pair: Pair,
}

impl Stage {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(parameters: &[(&str, &str)]) -> Self {
        let service = LoopbackPushService::start().await;
        let all: Vec<_> = [LoopbackPushService::HOSTS].iter().chain(parameters).copied().collect();
        let bench = Bench::with(&all).await;
        let pair = bench.pair().await;
        bench.browser(&pair.ben, &service, "ben").await;
        Self { bench, service, pair }
    }

    /// Says something in a conversation; the records that `push-send` gets of it.
    pub async fn said(&self, phone: &Phone, conversation: &str, content: &str) -> Vec<Value> {
        let before = self.bench.before().await;
        self.bench.say(phone, conversation, content).await;
        self.bench.records_for("PushSendFunction", &before).await
    }

    /// Ana says something to Ben, and it is pushed: what Ben's browser has been shown in all.
    pub async fn pushed(&self, content: &str) -> Vec<Value> {
        let records = self.said(&self.pair.of_ana, &self.pair.id, content).await;
        assert_eq!(records.len(), 1, "one record for one message");
        assert!(self.bench.push(&records).await.batch_item_failures.is_empty());
        self.service.shown("ben")
    }
}

#[tokio::test]
async fn a_message_is_pushed_to_who_is_not_looking() {
    let stage = Stage::with(&[("WebPushContact", "mailto:push@example.com")]).await;
    stage.bench.services.translator.say("Hola, ¿qué tal?", "es", "en", "Hello, how are you?");
    let records = stage.said(&stage.pair.of_ana, &stage.pair.id, "Hola, ¿qué tal?").await;
    assert!(stage.bench.push(&records).await.batch_item_failures.is_empty());
    assert_eq!(stage.bench.used(), "BatchGetItem 4, GetItem 1, PutItem 1, Query 2, UpdateItem 1");

    let pushed = stage.service.pushed();
    assert_eq!(pushed.len(), 1);
    let content = &pushed[0].content;
    let message = stage.bench.last_message(&stage.pair.ana).await;
    assert_eq!(
        *content,
        json!({
            "type": "message", "title": "ana", "body": "Hello, how are you?", "language": "en",
            "conversationId": stage.pair.id, "conversationType": "direct", "messageId": message["id"],
            "messageType": "text", "seq": 1, "senderId": stage.pair.ana.id, "senderName": "ana", "mentioned": false,
            "timestamp": message["createdAt"],
        })
    );
    let header = |name: &str| pushed[0].headers[name].as_str();
    assert_eq!((header("ttl"), header("urgency"), header("content-encoding")), ("86400", "high", "aes128gcm"));
    assert_eq!(header("topic").len(), 32);
    assert_eq!(pushed[0].claims["aud"], json!(stage.service.origin()));
    assert_eq!(pushed[0].claims["sub"], "mailto:push@example.com");
}

#[tokio::test]
async fn a_group_says_its_name_and_who_speaks() {
    let stage = Stage::start().await;
    let Pair { ana, ben, of_ana, .. } = &stage.pair;
    let cem = stage.bench.person("cem", "tr").await;
    let body = json!({ "type": "group", "name": "Sailors", "participantIds": [ben.id, cem.id] });
    let group = stage.bench.conversation(ana, &body).await;
    let records = stage.said(of_ana, &group, "👋").await;
    assert!(stage.bench.push(&records).await.batch_item_failures.is_empty());
    let shown = stage.service.shown("ben");
    assert_eq!((&shown[0]["title"], &shown[0]["body"]), (&json!("Sailors"), &json!("ana: 👋")));
    assert_eq!(stage.service.pushed()[0].headers["urgency"], "normal");
}

#[tokio::test]
async fn without_a_translation_the_original_is_pushed() {
    let stage = Stage::start().await;
    stage.bench.services.translator.fail(local::aws::translate::Fault::InvalidRequest("no".to_owned()));
    let shown = stage.pushed("Buenos días a todos, ¿qué tal estáis?").await;
    assert_eq!(shown[0]["body"], "Buenos días a todos, ¿qué tal estáis?");
    assert_eq!(shown[0]["language"], "es");
}

#[tokio::test]
async fn a_long_message_is_cut_and_fits() {
    let stage = Stage::start().await;
    let shown = stage.pushed(&"👨‍👩‍👧‍👦".repeat(500)).await;
    let body = shown[0]["body"].as_str().unwrap();
    assert!(body.ends_with('…') && body.len() < 1_010, "{} bytes", body.len());
}

#[tokio::test]
async fn the_same_record_again_pushes_nothing_again() {
    let stage = Stage::start().await;
    let records = stage.said(&stage.pair.of_ana, &stage.pair.id, "👋").await;
    let (one, other) = tokio::join!(stage.bench.push(&records), stage.bench.push(&records));
    assert!(one.batch_item_failures.is_empty() && other.batch_item_failures.is_empty());
    stage.bench.push(&records).await;
    assert_eq!(stage.service.pushed().len(), 1);
}

#[tokio::test]
async fn where_nobody_has_a_device_a_message_costs_two_reads() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let before = bench.before().await;
    bench.say(&pair.of_ana, &pair.id, "👋").await;
    let records = bench.records_for("PushSendFunction", &before).await;
    assert!(bench.push(&records).await.batch_item_failures.is_empty());
    assert_eq!(bench.used(), "BatchGetItem 1, Query 1");
}

#[tokio::test]
async fn d6_what_was_deleted_meanwhile_is_pushed_to_nobody() {
    let stage = Stage::start().await;
    let Pair { ana, id, of_ana, .. } = &stage.pair;
    let records = stage.said(of_ana, id, "👋").await;
    let message = stage.bench.last_message(ana).await;
    let frame = json!({
        "action": "message:delete",
        "data": { "conversationId": id, "messageId": message["id"], "forEveryone": true },
    });
    stage.bench.frame("ws-message-delete", of_ana, &frame).await;
    assert!(stage.bench.push(&records).await.batch_item_failures.is_empty());
    assert!(stage.service.pushed().is_empty());
}

#[tokio::test]
async fn what_is_edited_is_pushed_as_it_is_and_not_again() {
    let stage = Stage::start().await;
    let Pair { ana, id, of_ana, .. } = &stage.pair;
    let records = stage.said(of_ana, id, "👋").await;
    let message = stage.bench.last_message(ana).await;
    let before = stage.bench.before().await;
    let data = json!({ "conversationId": id, "messageId": message["id"], "content": "👍" });
    stage.bench.frame("ws-message-edit", of_ana, &json!({ "action": "message:edit", "data": data })).await;
    assert!(stage.bench.records_for("PushSendFunction", &before).await.is_empty(), "an edit wakes nobody");
    stage.bench.push(&records).await;
    assert_eq!(stage.service.shown("ben")[0]["body"], "👍");
}

#[tokio::test]
async fn somebody_without_devices_any_more_is_asked_about_once() {
    let stage = Stage::start().await;
    let endpoint = stage.service.endpoint("ben");
    stage.bench.unsubscribe(&stage.pair.ben, &json!({ "endpoint": endpoint })).await.expect(200);
    let key = store::keys::presence(&stage.pair.ben.actor.user);
    // Long enough ago that no registration is under way.
    stage.bench.set_number(&key, "pushAt", 1).await;
    stage.pushed("👋").await;
    assert_eq!(stage.bench.used(), "BatchGetItem 2, Query 2, UpdateItem 1");
    stage.pushed("👋").await;
    assert_eq!(stage.bench.used(), "BatchGetItem 1, Query 1");
    // A device that comes later is found again.
    stage.bench.browser(&stage.pair.ben, &stage.service, "ben").await;
    assert_eq!(stage.pushed("👋").await.len(), 1);
    assert!(stage.service.pushed().iter().all(|pushed| pushed.reaction == Reaction::Status(201)));
}
