//! Notifications on devices: phones through the stand-in for SNS, browsers through a push service on loopback.

use serde_json::json;
use testkit::Reaction;

use super::{Stage, until};

pub(super) async fn play(Stage { stack, browsers, .. }: &Stage) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "es"));
    let key = stack.anonymous().get("/api/push/vapid-public-key", 200).await;
    assert_eq!(key["publicKey"].as_str().map(str::len), Some(87), "{key}");
    let (laptop, tablet) = (format!("{}-laptop", ben.username), format!("{}-tablet", ben.username));
    for browser in [&laptop, &tablet] {
        let subscription = json!({ "subscription": browsers.subscription(browser) });
        // It was Ana's, and is Ben's from now on.
        ana.post("/api/push/subscriptions", &subscription, 200).await;
        ben.post("/api/push/subscriptions", &subscription, 200).await;
    }
    let (iphone, pixel) = (format!("{}-iphone", ben.username), format!("{}-pixel", ben.username));
    ben.post("/api/devices/register", &json!({ "token": iphone, "platform": "ios" }), 200).await;
    ben.post("/api/devices/register", &json!({ "token": pixel, "platform": "android" }), 200).await;

    // Ben is not there. One of his browsers is gone for good.
    browsers.meet(&tablet, &[Reaction::Status(410)]);
    let direct = json!({ "type": "direct", "participantIds": [ben.id] });
    let conversation = ana.post("/api/conversations", &direct, 201).await["conversation"]["id"].clone();
    let path = format!("/api/conversations/{}/messages", conversation.as_str().unwrap());
    let words = "The water is warm today.";
    let sent = ana.post(&path, &json!({ "content": words }), 201).await["message"].clone();
    let shown = browsers.wait_for(&laptop, |content| content["messageId"] == sent["id"]).await;
    let told = format!("«es» {words}");
    assert_eq!((&shown["body"], &shown["language"]), (&json!(told), &json!("es")), "{shown:#}");
    assert_eq!(stack.push_to(&iphone).await["aps"]["alert"]["body"], json!(told));
    assert_eq!(stack.push_to(&pixel).await["fcmV1Message"]["message"]["notification"]["body"], json!(told));
    until("the browser that is gone is forgotten", async || {
        let another = ana.post(&path, &json!({ "content": "👋" }), 201).await["message"].clone();
        browsers.wait_for(&laptop, |content| content["messageId"] == another["id"]).await;
        let to_it = browsers.pushed().into_iter().filter(|pushed| pushed.browser == tablet);
        !to_it.into_iter().any(|pushed| pushed.content["messageId"] == another["id"])
    })
    .await;

    ben.delete_with("/api/push/subscriptions", &json!({ "endpoint": browsers.endpoint(&laptop) }), 200).await;
    // What SNS knows of the phones goes with them.
    ben.post("/api/devices/unregister", &json!({}), 200).await;
}
