//! Somebody asks for everything that is kept about them.

use serde_json::{Value, json};
use testkit::{PNG, Person, TestStack, upload};

use super::{id, until};

pub(super) async fn play(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let group = ana.group("Theirs", &[&ben]).await;
    let path = format!("/api/conversations/{group}/messages");
    let said = id(&ana.post(&path, &json!({ "content": "The key is under the mat." }), 201).await);
    ben.post(&path, &json!({ "content": "I should not know that." }), 201).await;
    let wish =
        json!({ "fileName": "mat.png", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": group });
    let place = ana.post("/api/attachments/upload-url", &wish, 200).await;
    assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
    let picture = json!({ "content": "", "type": "image", "attachment": { "id": place["attachmentId"] } });
    let shown = id(&ana.post(&path, &picture, 201).await);
    until("the picture is inspected", async || {
        ana.messages(&group).await.iter().any(|message| message["attachment"]["state"] == "ready")
    })
    .await;
    ana.post(&format!("/api/conversations/{group}/leave"), &json!({}), 200).await;

    let parts = export(&ana).await;
    assert_eq!(parts[0]["account"]["profile"]["email"], json!(ana.email));
    assert_eq!(parts[0]["conversations"][0]["id"], json!(group), "she was there");
    let messages: Vec<&Value> = parts.iter().flat_map(|part| part["messages"].as_array().unwrap()).collect();
    assert_eq!(messages.iter().map(|message| id(message)).collect::<Vec<_>>(), [said, shown]);
    let file = messages[1]["attachment"]["downloadUrl"].as_str().unwrap();
    let answer = reqwest::get(file).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.bytes().await.unwrap().as_ref()), (200, PNG));
    let all = json!(parts).to_string();
    assert!(!all.contains("I should not know") && !all.contains(&ben.email), "{all}");
    assert_eq!(ana.get("/api/users/me/export?cursor=mine", 400).await["code"], "VALIDATION_ERROR");
}

async fn export(person: &Person) -> Vec<Value> {
    let (mut parts, mut query) = (Vec::new(), String::new());
    loop {
        let part = person.get(&format!("/api/users/me/export{query}"), 200).await;
        let next = part["nextCursor"].as_str().map(|cursor| format!("?cursor={cursor}"));
        parts.push(part);
        let Some(next) = next else { return parts };
        query = next;
    }
}
