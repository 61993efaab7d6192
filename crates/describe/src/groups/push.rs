//! Pushing to browsers.

use schemars::SchemaGenerator;
use serde_json::json;
use wire::device::DoneBody;
use wire::error::{Code, ErrorBody};
use wire::push::{PushKeyBody, SubscribeRequest, UnsubscribeRequest};

use crate::examples;
use crate::operation::Kind;
use crate::row::{Answer, Example, Other, Request, Route};

const TAG: &str = "Devices";
const SUBSCRIPTIONS: &str = "/api/push/subscriptions";
const ENDPOINT: &str = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn1jWmXj4";
const POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

pub(super) fn routes() -> Vec<Route> {
    vec![key(), subscribe(), unsubscribe()]
}

pub(super) fn others() -> Vec<Other> {
    vec![Other {
        function: "push-send",
        kind: Kind::Invoked,
        summary: "Follows the table's stream",
        description: "Pushes new messages to the devices of members who are not looking: docs/push.md.",
        errors: Vec::new(),
    }]
}

fn key() -> Route {
    Route {
        function: "push-vapid-key",
        method: "GET",
        path: "/api/push/vapid-public-key",
        tag: TAG,
        summary: "The key that browsers subscribe with",
        description: "The `applicationServerKey` of `pushManager.subscribe()`.",
        signed_in: false,
        answers: vec![Answer::new(200, "The key.", &PushKeyBody { public_key: POINT.into() })],
        errors: vec![not_set_up(), examples::defect()],
        limit: "",
        ..Route::default()
    }
}

fn subscribe() -> Route {
    Route {
        function: "push-subscribe",
        method: "POST",
        path: SUBSCRIPTIONS,
        tag: TAG,
        summary: "Have notifications pushed to a browser",
        description: "A browser that was somebody else's is the caller's from now on. It ends with the session that subscribed it, and when its push service says that it is gone. What is pushed: docs/push.md.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<SubscribeRequest>,
            examples: vec![Example {
                name: "browser",
                summary: "What the browser gave",
                value: json!({
                    "subscription": {
                        "endpoint": ENDPOINT,
                        "keys": { "p256dh": POINT, "auth": "BTBZMqHH6r4Tts7J_aSIgg" },
                    },
                }),
            }],
        }),
        answers: vec![Answer::new(200, "It is subscribed.", &DoneBody { success: true })],
        errors: vec![
            examples::invalid(&[("subscription.endpoint", "must be of a known push service")]),
            examples::too_large(),
            examples::unauthorized(),
            not_set_up(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn unsubscribe() -> Route {
    Route {
        function: "push-unsubscribe",
        method: "DELETE",
        path: SUBSCRIPTIONS,
        tag: TAG,
        summary: "Have notifications pushed to a browser no more",
        description: "A browser of somebody else stays.",
        request: Some(Request {
            schema: SchemaGenerator::subschema_for::<UnsubscribeRequest>,
            examples: vec![Example {
                name: "browser",
                summary: "The subscription's endpoint",
                value: json!({ "endpoint": ENDPOINT }),
            }],
        }),
        answers: vec![Answer::new(200, "It is not subscribed (any more).", &DoneBody { success: true })],
        errors: vec![
            examples::invalid(&[("endpoint", "is required")]),
            examples::too_large(),
            examples::unauthorized(),
            examples::limited(),
            examples::defect(),
        ],
        ..Route::default()
    }
}

fn not_set_up() -> ErrorBody {
    examples::error(Code::Conflict, "pushing to browsers is not set up here")
}
