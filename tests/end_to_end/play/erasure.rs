//! Somebody deletes their account: the others hear that they are gone, keep what was said, and find nothing else of them.

use serde_json::{Value, json};
use testkit::{PNG, Person, TestStack, upload};

use super::{CROWD, say, until};

pub(super) async fn play(stack: &TestStack) {
    with_everybody_looking(stack).await;
    unseen(stack).await;
}

/// Of somebody who is not there nobody hears until they are taken out of their groups: whatever does that finds
/// connections whose token has ended.
async fn unseen(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let at_ben = ben.connect().await;
    let group = ana.group("Theirs", &[&ben]).await;
    at_ben.expect("notification:new").await;
    stack.lose_connection(&ben).await;
    stack.outlive_connection(&ben).await;
    ana.delete_with("/api/users/me", &json!({ "password": ana.password }), 200).await;
    assert_eq!(at_ben.expect("participant:left").await["conversationId"], json!(group));
    until("what has ended is forgotten", async || !stack.has_lost_connection(&ben).await).await;
}

async fn with_everybody_looking(stack: &TestStack) {
    let (ana, ben, cem) =
        tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"), stack.register("cem", "en"));
    let direct = ana.direct(&ben).await;
    let group = ana.group("Hers", &[&ben, &cem]).await;
    let alone = ana.group("Nobody else's", &[&cem]).await;
    cem.post(&format!("/api/conversations/{alone}/leave"), &json!({}), 200).await;

    let mut listening = Vec::new();
    for person in [&ben, &cem] {
        for _ in 0..3 {
            listening.push(person.connect().await);
        }
    }
    assert!(listening.len() > CROWD, "more than one function posts to");
    let mut at_ana = ana.connect().await;
    // Only who is known to be there can be told to have gone.
    listening[0].expect("presence:changed").await;
    say(&mut at_ana, &direct, "Between us.", &[&listening[0]]).await;
    let hers = say(&mut at_ana, &group, "To all of you.", &[&listening[0], &listening[5]]).await;
    traces(&ana, &group).await;

    let table = store::Table::new(stack.dynamodb(), stack.table_name());
    ana.delete_with("/api/users/me", &json!({ "password": "wrong wrong" }), 401).await;
    ana.delete_with("/api/users/me", &json!({ "password": ana.password }), 200).await;
    at_ana.expect_close().await;
    for socket in &listening {
        let left = socket.expect("participant:left").await;
        assert_eq!((&left["conversationId"], &left["userId"]), (&json!(group), &json!(ana.id)));
    }
    ana.get("/api/users/me", 401).await;
    let user = domain::UserId::parse(&ana.id).unwrap();
    until("she is erased", async || store::erasing::mark(&table, &user).await.unwrap().is_none()).await;

    let page = ben.messages(&group).await;
    let left: &Value = page.iter().find(|message| message["id"] == hers["id"]).unwrap();
    assert_eq!((&left["senderName"], &left["content"]), (&json!("deleted user"), &json!("To all of you.")));
    assert_eq!(ben.messages(&direct).await[0]["senderName"], "deleted user");
    let scan = table.client().scan().table_name(table.name()).into_paginator().items().send();
    let items: Vec<_> = scan.collect::<Result<_, _>>().await.unwrap();
    let hers: Vec<_> = items.iter().filter(|item| format!("{item:?}").contains(&ana.id)).collect();
    assert!(hers.is_empty(), "{hers:#?}");
}

/// A picture, one that was never shown, and a file that was never sent.
async fn traces(ana: &Person, group: &str) {
    let wish = json!({ "fileName": "me.png", "contentType": "image/png", "fileSize": PNG.len() });
    for shown in [true, false] {
        let place = ana.post("/api/users/profile-picture/upload-url", &wish, 200).await;
        assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
        if shown {
            ana.put("/api/users/profile-picture", &json!({ "key": place["key"] }), 200).await;
        }
    }
    let mut wish = wish;
    wish["conversationId"] = json!(group);
    let place = ana.post("/api/attachments/upload-url", &wish, 200).await;
    assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
    ana.post("/api/devices/register", &json!({ "token": ana.id, "platform": "ios" }), 200).await;
}
