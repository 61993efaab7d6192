//! Files: uploaded, sent, downloaded by those who may, and gone with their message.

use serde_json::{Value, json};
use testkit::{PNG, Person, Socket, TestStack, download, upload};

use super::{WAYS, Way, id, send};

pub(super) async fn play(stack: &TestStack) {
    for way in WAYS {
        a_picture_is_sent_and_taken_back(stack, way).await;
        a_document_is_sent_once(stack, way).await;
    }
    a_page_that_begins_like_a_picture(stack).await;
    a_document_is_translated_when_asked_for(stack).await;
    what_cannot_be_uploaded(stack).await;
}

/// Where somebody may upload a picture for this conversation to.
async fn place(person: &Person, conversation: &str) -> Value {
    let wish = json!({
        "fileName": "C:\\photos\\the sea.png", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": conversation,
    });
    person.post("/api/attachments/upload-url", &wish, 200).await
}

/// Where somebody may download a file from: asked for again while it is being inspected, as a client does.
async fn address(person: &Person, key: &Value) -> String {
    let path = format!("/api/attachments/download-url?key={}", key.as_str().unwrap());
    super::until("the file is inspected", async || person.try_get(&path).await.status != 409).await;
    person.get(&path, 200).await["downloadUrl"].as_str().unwrap().to_owned()
}

async fn delivered(sender: &Person, socket: &mut Socket, way: Way, conversation: &str, body: &Value) -> Value {
    if way == Way::Http {
        let answer = sender.try_post(&format!("/api/conversations/{conversation}/messages"), body).await;
        assert!(answer.status.is_success(), "{answer:?}");
    } else {
        let mut data = body.clone();
        data["conversationId"] = json!(conversation);
        send(socket, way, "message:send", &data).await;
    }
    // By whichever way it was sent; a retry over HTTP is the request's own affair.
    socket.expect("message:receive").await["message"].clone()
}

async fn a_picture_is_sent_and_taken_back(stack: &TestStack, way: Way) {
    let (ana, ben, eve) =
        tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"), stack.register("eve", "en"));
    let conversation = ben.direct(&ana).await;
    let (at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());
    let place = place(&ben, &conversation).await;
    assert_eq!(place["category"], "image");
    let target = place["uploadUrl"].as_str().unwrap();
    assert_eq!(upload(target, "image/png", PNG).await, 200);
    assert_eq!(download(&address(&ben, &place["key"]).await).await, (200, PNG.to_vec()), "as it waits to be sent");

    let body =
        json!({ "content": "The sea!", "type": "image", "attachment": { "id": place["attachmentId"] }, "tempId": "p" });
    let sent = delivered(&ben, &mut at_ben, way, &conversation, &body).await;
    let received = at_ana.expect("message:receive").await["message"].clone();
    assert_eq!((&received["id"], &received["attachment"]["fileName"]), (&sent["id"], &json!("the sea.png")));
    let key = &received["attachment"]["key"];
    assert_eq!(download(&address(&ana, key).await).await, (200, PNG.to_vec()));
    for socket in [&at_ana, &at_ben] {
        let updated = socket.expect("message:updated").await["message"].clone();
        assert_eq!((&updated["id"], &updated["attachment"]["state"]), (&sent["id"], &json!("ready")));
    }
    let path = format!("/api/attachments/download-url?key={}", key.as_str().unwrap());
    assert_eq!(eve.get(&path, 404).await["code"], "NOT_FOUND", "a stranger");

    // His phone uploads another picture over it and sends again: what was sent stays, and is not sent twice.
    let other: Vec<u8> = PNG.iter().rev().copied().collect();
    assert_eq!(upload(target, "image/png", &other).await, 200);
    let again = if way == Way::Http {
        ben.post(&format!("/api/conversations/{conversation}/messages"), &body, 200).await["message"].clone()
    } else {
        delivered(&ben, &mut at_ben, way, &conversation, &body).await
    };
    assert_eq!(again["id"], sent["id"]);
    let kept = address(&ana, key).await;
    assert_eq!(download(&kept).await, (200, PNG.to_vec()));

    let message = id(&sent);
    if way == Way::Http {
        let path = format!("/api/conversations/{conversation}/messages/{message}?forEveryone=true");
        ben.delete(&path, 200).await;
    } else {
        let data = json!({ "conversationId": conversation, "messageId": message, "forEveryone": true });
        send(&mut at_ben, way, "message:delete", &data).await;
    }
    assert_eq!(at_ana.expect("message:deleted").await["messageId"], json!(message));
    assert_eq!(ana.get(&path, 404).await["code"], "NOT_FOUND");
    assert_ne!(download(&kept).await.0, 200, "an address of before leads nowhere");
    assert_eq!(ana.messages(&conversation).await[0]["attachment"], Value::Null);
}

async fn a_document_is_sent_once(stack: &TestStack, way: Way) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let (at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());
    let list = b"%PDF-1.7 and bread";
    let wish = json!({
        "fileName": "list.pdf", "contentType": "application/pdf", "fileSize": list.len(), "conversationId": conversation,
    });
    let place = ben.post("/api/attachments/upload-url", &wish, 200).await;
    let target = place["uploadUrl"].as_str().unwrap();
    assert_eq!(upload(target, "application/pdf", list).await, 200);
    let body = json!({ "content": "", "type": "file", "attachment": { "id": place["attachmentId"] }, "tempId": "d" });
    let sent = delivered(&ben, &mut at_ben, way, &conversation, &body).await;
    let received = at_ana.expect("message:receive").await["message"].clone();
    assert_eq!(received["attachment"]["state"], "ready", "at once: nothing is inspected");
    let other: Vec<u8> = list.iter().rev().copied().collect();
    assert_eq!(upload(target, "application/pdf", &other).await, 200);
    let again = if way == Way::Http {
        ben.post(&format!("/api/conversations/{conversation}/messages"), &body, 200).await["message"].clone()
    } else {
        delivered(&ben, &mut at_ben, way, &conversation, &body).await
    };
    assert_eq!(again["id"], sent["id"]);
    assert_eq!(download(&address(&ana, &received["attachment"]["key"]).await).await, (200, list.to_vec()));
}

/// It is sent, for it begins like one, and nobody ever gets it.
async fn a_page_that_begins_like_a_picture(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let (at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());
    let page = [b"\x89PNG\r\n\x1A\n".to_vec(), vec![b'<'; PNG.len() - 8]].concat();
    let place = place(&ben, &conversation).await;
    assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", &page).await, 200);
    let body = json!({ "content": "", "type": "image", "attachment": { "id": place["attachmentId"] } });
    delivered(&ben, &mut at_ben, Way::Socket, &conversation, &body).await;
    let updated = at_ana.expect("message:updated").await["message"]["attachment"].clone();
    assert_eq!(updated["state"], "refused");
    let path = format!("/api/attachments/download-url?key={}", updated["key"].as_str().unwrap());
    for person in [&ana, &ben] {
        assert_eq!(person.get(&path, 404).await["code"], "NOT_FOUND");
    }
}

async fn a_document_is_translated_when_asked_for(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let (at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());
    let text = b"Bread, milk, and a dozen eggs.";
    for translated in [false, true] {
        let wish = json!({
            "fileName": "list.txt", "contentType": "text/plain", "fileSize": text.len(), "conversationId": conversation,
        });
        let place = ben.post("/api/attachments/upload-url", &wish, 200).await;
        assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "text/plain", text).await, 200);
        let body = json!({
            "content": "Here is what we need from the shop.", "type": "file", "translateDocument": translated,
            "attachment": { "id": place["attachmentId"], "key": place["key"], "category": "document" },
        });
        delivered(&ben, &mut at_ben, Way::Socket, &conversation, &body).await;
        let shown = at_ana.expect("message:receive").await["message"]["translatedContent"].clone();
        let expected = if translated {
            "«es» Here is what we need from the shop."
        } else {
            "Here is what we need from the shop."
        };
        assert_eq!(shown, expected);
    }
}

async fn what_cannot_be_uploaded(stack: &TestStack) {
    let (ana, ben, eve) =
        tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"), stack.register("eve", "en"));
    let conversation = ben.direct(&ana).await;
    let wish = |kind: &str, size: u64| json!({ "fileName": "x", "contentType": kind, "fileSize": size, "conversationId": conversation });
    for (kind, size) in [("text/html", 10), ("image/png", 0), ("image/png", 100_000_000)] {
        let refused = ben.post("/api/attachments/upload-url", &wish(kind, size), 400).await;
        assert_eq!(refused["code"], "VALIDATION_ERROR", "{kind} {size}");
    }
    assert_eq!(eve.post("/api/attachments/upload-url", &wish("image/png", 10), 404).await["code"], "NOT_FOUND");

    // What was announced as one thing and is another is not sent, nor what somebody else uploaded.
    let place = place(&ben, &conversation).await;
    let not_a_picture = vec![b'x'; PNG.len()];
    assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", &not_a_picture).await, 200);
    let body = json!({ "content": "", "type": "image", "attachment": { "id": place["attachmentId"] } });
    for person in [&ben, &ana] {
        let path = format!("/api/conversations/{conversation}/messages");
        assert_eq!(person.post(&path, &body, 400).await["code"], "VALIDATION_ERROR");
    }
}
