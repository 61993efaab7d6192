//! Browsers that notifications are pushed to.

use domain::web_push::{BrowserKeys, Endpoint, PushHosts};
use domain::{Problem, Problems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Field;

/// Body of `POST /api/push/subscriptions`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["subscription"]))]
pub struct SubscribeRequest {
    /// What the browser's `pushManager.subscribe()` gave.
    pub subscription: Field<Subscription>,
}

/// A subscription as a browser's `PushSubscription.toJSON()` writes it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["endpoint", "keys"]))]
pub struct Subscription {
    /// Where its push service takes messages for it: an `https` address of a known push service.
    #[schemars(length(min = 1, max = 2048))]
    pub endpoint: Field<String>,
    /// With which they are encrypted.
    pub keys: Field<SubscriptionKeys>,
}

/// A browser's keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["p256dh", "auth"]))]
pub struct SubscriptionKeys {
    /// Its public key: an uncompressed P-256 point in base64url.
    pub p256dh: Field<String>,
    /// A secret: 16 bytes in base64url.
    pub auth: Field<String>,
}

impl SubscribeRequest {
    /// The checked subscription, at one of these push services; every bad field otherwise.
    pub fn check(self, hosts: &PushHosts) -> Result<(Endpoint, BrowserKeys), Problems> {
        let mut problems = Problems::new();
        let Some(subscription) = self.subscription.require(&mut problems, "subscription", Ok) else {
            return problems.finish(None);
        };
        let parse = |text: String| Endpoint::parse(&text, hosts);
        let endpoint = subscription.endpoint.require(&mut problems, "subscription.endpoint", parse);
        let Some(keys) = subscription.keys.require(&mut problems, "subscription.keys", Ok) else {
            return problems.finish(None);
        };
        let parse = |text: String| BrowserKeys::parse_p256dh(&text);
        let p256dh = keys.p256dh.require(&mut problems, "subscription.keys.p256dh", parse);
        let parse = |text: String| BrowserKeys::parse_auth(&text);
        let auth = keys.auth.require(&mut problems, "subscription.keys.auth", parse);
        let keys = p256dh.zip(auth).map(|(p256dh, auth)| BrowserKeys::new(p256dh, auth));
        problems.finish(endpoint.zip(keys))
    }
}

/// Body of `DELETE /api/push/subscriptions`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["endpoint"]))]
pub struct UnsubscribeRequest {
    /// The subscription's endpoint.
    #[schemars(length(min = 1, max = 2048))]
    pub endpoint: Field<String>,
}

impl UnsubscribeRequest {
    /// The checked endpoint.
    pub fn check(self) -> Result<Endpoint, Problems> {
        let mut problems = Problems::new();
        let parse = |text: String| -> Result<Endpoint, Problem> { Endpoint::known(&text) };
        let endpoint = self.endpoint.require(&mut problems, "endpoint", parse);
        problems.finish(endpoint)
    }
}

/// `{ "publicKey": "…" }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PushKeyBody {
    /// The key for `applicationServerKey`: an uncompressed P-256 point in base64url.
    pub public_key: String,
}

/// What is pushed for a message (docs/push.md): to a browser this alone, encrypted; to a phone beside what its system
/// shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PushedMessage {
    /// `message`. Something else may come one day: what is not known is to be ignored.
    pub r#type: String,
    /// What to show first: the sender's name, or the group's.
    pub title: String,
    /// What to show then: the beginning of the words, in the reader's language.
    pub body: String,
    /// The language of these words.
    pub language: String,
    /// Where: `conv_…`.
    pub conversation_id: String,
    /// `direct` or `group`.
    pub conversation_type: String,
    /// Which: `msg_…`, the same for everything that is ever pushed for this message.
    pub message_id: String,
    /// `text`, `image`, …
    pub message_type: String,
    /// Its place in the conversation.
    pub seq: u64,
    /// `user_…`
    pub sender_id: String,
    /// Name shown to others.
    pub sender_name: String,
    /// Whether the reader is mentioned in it.
    pub mentioned: bool,
    /// When it was sent.
    pub timestamp: String,
}
