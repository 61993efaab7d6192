//! Being away: one cursor, and everything that changed meanwhile, over HTTP and over the socket.

use serde_json::{Value, json};
use testkit::{Person, Socket, TestStack};

use super::{WAYS, Way, id, say, send};

pub(super) async fn play(stack: &TestStack) {
    for way in WAYS {
        back_from_a_tunnel(stack, way).await;
    }
}

/// One page of what changed.
async fn page(person: &Person, socket: &mut Socket, way: Way, since: Option<&Value>) -> Value {
    if way == Way::Http {
        let query = since.map(|cursor| format!("?since={}", cursor.as_str().unwrap())).unwrap_or_default();
        return person.get(&format!("/api/sync{query}"), 200).await;
    }
    let data = since.map_or_else(|| json!({}), |cursor| json!({ "since": cursor }));
    send(socket, way, "sync", &data).await;
    socket.expect("sync").await
}

async fn back_from_a_tunnel(stack: &TestStack, way: Way) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let (direct, group, left) =
        (ben.direct(&ana).await, ben.group("Trip", &[&ana]).await, ben.group("Gone", &[&ana]).await);
    let (mut at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());
    let hidden = say(&mut at_ben, &direct, "1", &[&at_ana]).await;
    let own = say(&mut at_ana, &direct, "2", &[&at_ben]).await;
    let start = page(&ana, &mut at_ana, way, None).await;
    assert_eq!((&start["messages"], &start["hasMore"]), (&json!([]), &json!(false)));

    at_ana.close().await;
    let texts = ["We are standing in front of the museum now.", "The second train leaves in an hour from here."];
    let mut sent = Vec::new();
    for (conversation, text) in [(&direct, texts[0]), (&group, texts[1])] {
        let path = format!("/api/conversations/{conversation}/messages");
        sent.push(id(&ben.post(&path, &json!({ "content": format!("{text} {way:?}") }), 201).await));
    }
    ben.post(&format!("/api/conversations/{direct}/read"), &json!({}), 200).await;
    at_ben.send("message:reaction", &json!({ "conversationId": direct, "messageId": own["id"], "emoji": "👍" })).await;
    at_ben.expect("message:reaction").await;
    ben.delete(&format!("/api/conversations/{left}/participants/{}", ana.id), 200).await;
    ana.delete(&format!("/api/conversations/{direct}/messages/{}", id(&hidden)), 200).await;

    let mut at_ana = ana.connect().await;
    let news = page(&ana, &mut at_ana, way, Some(&start["cursor"])).await;
    let find = |message: &str| {
        let all = news["messages"].as_array().unwrap();
        all.iter().find(|found| found["id"] == message).unwrap_or_else(|| panic!("no {message} in {news:#}")).clone()
    };
    for (message, text) in sent.iter().zip(texts) {
        assert_eq!(find(message)["translatedContent"], json!(format!("«es» {text} {way:?}")));
    }
    assert_eq!(find(&id(&own))["reactions"], json!({ "👍": [ben.id] }));
    assert_eq!(news["hiddenMessages"], json!([{ "conversationId": direct, "messageId": hidden["id"] }]));
    assert_eq!(news["goneConversations"], json!([left]));
    let changed: Vec<_> = news["conversations"].as_array().unwrap().iter().map(id).collect();
    assert!(changed.contains(&direct) && changed.contains(&group) && !changed.contains(&left), "{changed:?}");
    let receipt = news["receipts"].as_array().unwrap().iter().find(|row| row["conversationId"] == json!(direct));
    assert_eq!(receipt.map(|row| row["userId"].clone()), Some(json!(ben.id)), "{news:#}");
    assert_eq!((&news["hasMore"], &news["reset"]), (&json!(false), &json!(false)));

    if way == Way::Http {
        assert_eq!(ana.get("/api/sync?since=yesterday", 400).await["code"], "VALIDATION_ERROR");
    } else {
        send(&mut at_ana, way, "sync", &json!({ "since": "yesterday" })).await;
        assert_eq!(at_ana.expect("error").await["code"], "VALIDATION_ERROR");
    }
}
