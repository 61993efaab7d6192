//! Browsers that notifications are pushed to.

use app::pushing::Pusher;
use edge::stream::{Batch, Report};
use serde_json::{Value, json};
use testkit::LoopbackPushService;

use super::{Answer, Bench, Person, call};

/// Far more than any push takes.
const LIMIT: std::time::Duration = std::time::Duration::from_mins(2);

/// A subscription at a push service of the default list, as a browser gives it; the keys are those of RFC 8291.
pub fn subscription(name: &str) -> Value {
    json!({
        "endpoint": endpoint(name),
        "expirationTime": null,
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    })
}

/// Where that is.
pub fn endpoint(name: &str) -> String {
    format!("https://updates.push.services.mozilla.com/wpush/v2/{name}")
}

impl Bench {
    /// `push-subscribe`.
    pub async fn subscribe(&self, person: &Person, body: &Value) -> Answer {
        self.start_counting();
        let call = call("POST", "/api/push/subscriptions", Some(body)).bearer(&person.token);
        self.http("push-subscribe", call).await
    }

    /// `push-unsubscribe`.
    pub async fn unsubscribe(&self, person: &Person, body: &Value) -> Answer {
        self.start_counting();
        let call = call("DELETE", "/api/push/subscriptions", Some(body)).bearer(&person.token);
        self.http("push-unsubscribe", call).await
    }

    /// Subscribes a browser of somebody's at a push service on loopback.
    pub async fn browser(&self, person: &Person, service: &LoopbackPushService, name: &str) {
        let body = json!({ "subscription": service.subscription(name) });
        self.subscribe(person, &body).await.expect(200);
    }

    /// Hands records to `push-send`; what it says of them.
    pub async fn push(&self, records: &[Value]) -> Report {
        let pusher: Pusher = self.of("push-send").await;
        let batch: Batch = serde_json::from_value(json!({ "Records": records })).unwrap();
        self.start_counting();
        edge::stream::follow(&pusher, &functions::push::send::handle, batch, "test", LIMIT).await
    }
}
