use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields};

async fn delivered(bench: &Bench, phone: &Phone, data: Value) {
    let services = bench.of("ws-message-delivered").await;
    bench.start_counting();
    let frame = json!({ "action": "message:delivered", "data": data });
    bench.act(&services, functions::ws::message_delivered::handle, phone, &frame).await;
}

#[tokio::test]
async fn the_sender_is_told_once_and_the_status_follows() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let first = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let said = bench.say(&pair.of_ben, &pair.id, "again").await;
    for id in [&said["id"], &said["id"], &first["id"]] {
        delivered(&bench, &pair.of_ana, json!({ "conversationId": pair.id, "messageId": id })).await;
    }
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, UpdateItem 2", "no news: nobody is looked for");
    let event = pair.of_ben.expect("message:delivered").await;
    assert_eq!(
        fields(&event),
        ["action", "conversationId", "deliveredAt", "deliveredTo", "messageId", "messageTimestamp"]
    );
    assert_eq!((&event["messageId"], &event["deliveredTo"]), (&said["id"], &json!(pair.ana.id)));
    let shown = bench.page(&pair.ben, &pair.id).await;
    assert_eq!((&shown[0]["status"], &shown[1]["status"]), (&json!("delivered"), &json!("delivered")));
    assert_eq!(shown[1]["readBy"], json!([]));
    assert_eq!(pair.of_ben.count("message:delivered"), 1);
}

#[tokio::test]
async fn c4_who_is_not_a_member_moves_nothing() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let of_eve = bench.phone(&eve).await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    delivered(&bench, &of_eve, json!({ "conversationId": pair.id, "messageId": said["id"] })).await;
    assert_eq!(of_eve.expect("error").await["code"], "NOT_FOUND");
    delivered(&bench, &pair.of_ana, json!({})).await;
    assert_eq!(fields(&pair.of_ana.expect("error").await["details"]), ["conversationId", "messageId"]);
    assert_eq!(bench.page(&pair.ben, &pair.id).await[0]["status"], "sent");
}
