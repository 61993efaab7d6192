//! Phones, through the stand-in for SNS.

use aws_sdk_sns::Client;
use local::aws::stand_in_sns::Published;
use serde_json::{Value, json};

use super::Stage;
use crate::devices::register::{register, tokens};
use crate::support::{Pair, call};

const APPLICATIONS: [(&str, &str); 2] = [("ApnsApplication", "APNS_SANDBOX/chat"), ("FcmApplication", "GCM/chat")];

async fn with_phones() -> Stage {
    let stage = Stage::with(&APPLICATIONS).await;
    for (token, platform) in [("iphone", "ios"), ("pixel", "android")] {
        register(&stage.bench, &stage.pair.ben, &json!({ "token": token, "platform": platform })).await.expect(200);
    }
    stage
}

fn published(stage: &Stage, token: &str) -> Vec<Value> {
    let all = stage.bench.services.phones.borrow();
    all.iter().filter(|Published { token: to, .. }| to == token).map(|push| push.payload.clone()).collect()
}

fn sns(stage: &Stage) -> Client {
    Client::new(&stage.bench.services.sdk("test"))
}

async fn arn(stage: &Stage, token: &str) -> String {
    let devices = store::devices::of_user(&stage.bench.table(), &stage.pair.ben.actor.user).await.unwrap();
    devices.into_iter().find(|device| device.token == token).unwrap().arn.unwrap()
}

#[tokio::test]
async fn phones_are_told_in_the_form_of_their_platform() {
    let stage = with_phones().await;
    let shown = stage.pushed("👋").await;
    // The first time each of the two is made known to SNS, and that is noted.
    let first = "BatchGetItem 3, CreatePlatformEndpoint 2, GetItem 1, Publish 2, PutItem 3, Query 2, \
                 SetEndpointAttributes 2, UpdateItem 5";
    assert_eq!(stage.bench.used(), first);
    let (iphone, pixel) = (&published(&stage, "iphone")[0], &published(&stage, "pixel")[0]);
    assert_eq!(iphone["aps"]["alert"], json!({ "title": "ana", "body": "👋" }));
    assert_eq!((&iphone["aps"]["sound"], &iphone["aps"]["thread-id"]), (&json!("default"), &json!(stage.pair.id)));
    let message = &pixel["fcmV1Message"]["message"];
    assert_eq!(message["notification"], json!({ "title": "ana", "body": "👋" }));
    assert_eq!((&message["android"]["priority"], &message["data"]["seq"]), (&json!("HIGH"), &json!("1")));
    for (name, value) in shown[0].as_object().unwrap() {
        assert_eq!(iphone[name], *value, "{name}");
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(message["data"][name], json!(text), "{name}");
    }
    stage.pushed("👋").await;
    assert_eq!(stage.bench.used(), "BatchGetItem 3, GetItem 1, Publish 2, PutItem 3, Query 2, UpdateItem 3");
    assert_eq!(published(&stage, "iphone").len(), 2);
}

#[tokio::test]
async fn who_wants_no_sound_gets_none() {
    let stage = with_phones().await;
    let body = json!({ "settings": { "soundEnabled": false } });
    let quiet = call("PATCH", "/api/users/me", Some(&body)).bearer(&stage.pair.ben.token);
    stage.bench.http("users-update", quiet).await.expect(200);
    stage.pushed("👋").await;
    assert!(published(&stage, "iphone")[0]["aps"].get("sound").is_none());
    let shown = &published(&stage, "pixel")[0]["fcmV1Message"]["message"]["android"]["notification"];
    assert!(shown.get("sound").is_none());
}

#[tokio::test]
async fn without_an_application_nothing_is_pushed_to_phones() {
    let stage = Stage::start().await;
    register(&stage.bench, &stage.pair.ben, &json!({ "token": "iphone", "platform": "ios" })).await.expect(200);
    assert_eq!(stage.pushed("👋").await.len(), 1);
    assert!(stage.bench.services.phones.borrow().is_empty());
    assert_eq!(tokens(&stage.bench, &stage.pair.ben).await.len(), 2, "the phone is kept for the day there is one");
}

#[tokio::test]
async fn a_phone_whose_token_is_dead_is_forgotten() {
    let stage = with_phones().await;
    stage.pushed("👋").await;
    let disabled = sns(&stage).set_endpoint_attributes().endpoint_arn(arn(&stage, "iphone").await);
    disabled.attributes("Enabled", "false").send().await.unwrap();
    sns(&stage).delete_endpoint().endpoint_arn(arn(&stage, "pixel").await).send().await.unwrap();
    stage.pushed("👋").await;
    assert_eq!(tokens(&stage.bench, &stage.pair.ben).await, [stage.service.endpoint("ben")]);
    // Whoever registers it anew has it work again.
    register(&stage.bench, &stage.pair.ben, &json!({ "token": "iphone", "platform": "ios" })).await.expect(200);
    stage.pushed("👋").await;
    assert_eq!(published(&stage, "iphone").len(), 2);
}

#[tokio::test]
async fn a_phone_that_is_registered_no_more_is_deleted_at_sns_too() {
    let stage = with_phones().await;
    stage.pushed("👋").await;
    let (iphone, pixel) = (arn(&stage, "iphone").await, arn(&stage, "pixel").await);
    let Pair { ana, ben, .. } = &stage.pair;
    let before = stage.bench.before().await;
    let one = call("POST", "/api/devices/unregister", Some(&json!({ "token": "iphone" }))).bearer(&ben.token);
    stage.bench.http("devices-unregister", one).await.expect(200);
    // The other one changes hands.
    register(&stage.bench, ana, &json!({ "token": "pixel", "platform": "android" })).await.expect(200);
    let records = stage.bench.records_for("PushSendFunction", &before).await;
    assert_eq!(records.len(), 2);
    assert!(stage.bench.push(&records).await.batch_item_failures.is_empty());
    assert_eq!(stage.bench.used(), "DeleteEndpoint 1, GetItem 2");
    let enable =
        |arn: &str| sns(&stage).set_endpoint_attributes().endpoint_arn(arn).attributes("Enabled", "true").send();
    assert!(enable(&iphone).await.is_err(), "it is gone");
    assert!(enable(&pixel).await.is_ok(), "it is somebody else's");
}
