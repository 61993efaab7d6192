use serde_json::{Value, json};

use super::upload_url::{ask, uploaded};
use crate::support::{Answer, Bench, PNG, Person, Phone, call, fields, get, text, upload};

pub async fn ask_for(bench: &Bench, person: &Person, key: &str) -> Answer {
    let services = bench.of("attachments-download-url").await;
    bench.start_counting();
    let call = get(&format!("/api/attachments/download-url?key={key}")).bearer(&person.token);
    call.to(&services, functions::attachments::download_url::handle).await
}

pub async fn downloaded(bench: &Bench, person: &Person, key: &str) -> (u16, Vec<u8>) {
    let body = ask_for(bench, person, key).await.expect(200);
    let got = reqwest::get(body["downloadUrl"].as_str().unwrap()).await.unwrap();
    (got.status().as_u16(), got.bytes().await.unwrap().to_vec())
}

pub async fn send(bench: &Bench, phone: &Phone, conversation: &str, more: &Value) -> Value {
    let services = bench.of("ws-message-send").await;
    let mut data = json!({ "conversationId": conversation, "type": "image" });
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.start_counting();
    bench
        .act(&services, functions::ws::message_send::handle, phone, &json!({ "action": "message:send", "data": data }))
        .await;
    phone.received().last().unwrap().clone()
}

struct Room {
    ana: Person,
    ben: Person,
    eve: Person,
    id: String,
}

async fn room(bench: &Bench) -> Room {
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let eve = bench.person("eve", "en").await;
    let id = bench.direct(&ana, &ben).await;
    Room { ana, ben, eve, id }
}

#[tokio::test]
async fn a_file_goes_with_its_message_and_every_member_can_read_it() {
    let bench = Bench::start().await;
    let Room { ana, ben, id, .. } = room(&bench).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    let file = uploaded(&bench, &ana, &id).await;
    let key = text(&file["key"]);
    let attachment = json!({ "attachment": {
        "id": file["attachmentId"], "key": "other", "fileName": "lie.exe", "contentType": "text/html", "fileSize": 1,
    } });
    send(&bench, &of_ana, &id, &attachment).await;
    let used = bench.used();
    assert!(used.contains("CopyObject 1") && used.contains("GetObject 1"), "{used}");
    let mut expected = json!({
        "id": file["attachmentId"], "key": key, "fileName": "photo.jpg", "contentType": "image/png",
        "fileSize": PNG.len(), "category": "image", "state": "pending", "uploadedBy": ana.id,
    });
    let message = of_ben.expect("message:receive").await["message"].clone();
    let uploaded = message["attachment"]["createdAt"].clone();
    assert!(domain::Timestamp::parse(&text(&uploaded)).is_some(), "{uploaded}");
    expected["createdAt"] = uploaded;
    assert_eq!(message["attachment"], expected, "C6: the server's words");
    assert_eq!(message["attachments"], json!([expected]), "as the oldest clients read it");

    bench.inspect(&id).await;
    let message = of_ben.expect("message:updated").await["message"].clone();
    expected["state"] = json!("ready");
    assert_eq!(message["attachment"], expected);
    assert_eq!(downloaded(&bench, &ben, &key).await, (200, PNG.to_vec()));
    let body = ask_for(&bench, &ben, &key).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, UpdateItem 1");
    assert_eq!(fields(&body), ["downloadUrl", "expiresIn"]);
    let address = text(&body["downloadUrl"]);
    assert_eq!(body["expiresIn"], 900);
    assert!(address.contains("X-Amz-Expires=900"), "F4: {address}");

    let services = bench.of("messages-list").await;
    let call = get(&format!("/api/conversations/{id}/messages")).path("conversationId", &id).bearer(&ben.token);
    let history = call.to(&services, functions::messages::list::handle).await.expect(200);
    assert_eq!(history["messages"][0]["attachment"], expected);
}

#[tokio::test]
async fn f5_a_message_carries_only_an_upload_of_its_sender_in_its_conversation() {
    let bench = Bench::start().await;
    let Room { ana, ben, eve, id } = room(&bench).await;
    let elsewhere = bench.direct(&ana, &eve).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    let attachment = |file: &Value| json!({ "attachment": { "id": file["attachmentId"] } });
    let refused = |event: Value| {
        assert_eq!((&event["action"], &event["code"]), (&json!("error"), &json!("VALIDATION_ERROR")), "{event}");
        text(&event["details"]["attachment.id"][0])
    };
    let other_room = uploaded(&bench, &ana, &elsewhere).await;
    let own = uploaded(&bench, &ana, &id).await;
    let unknown = json!({ "attachmentId": "att_00000000-0000-4000-8000-000000000000" });
    let not_yours = "is not an upload of yours in this conversation";
    assert_eq!(refused(send(&bench, &of_ana, &id, &attachment(&other_room)).await), not_yours, "another room's");
    assert_eq!(refused(send(&bench, &of_ben, &id, &attachment(&own)).await), not_yours, "another member's");
    assert_eq!(refused(send(&bench, &of_ana, &id, &attachment(&unknown)).await), not_yours);

    let body = json!({ "fileName": "a", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": id });
    let announced = ask(&bench, &ana, &body).await.expect(200);
    assert_eq!(refused(send(&bench, &of_ana, &id, &attachment(&announced)).await), "was not uploaded yet");
    let video = json!({ "type": "video", "attachment": { "id": own["attachmentId"] } });
    assert_eq!(refused(send(&bench, &of_ana, &id, &video).await), "is no file for a message of type video");
    assert_eq!(of_ben.received().len(), 1, "nobody was told but of their own mistake");
    send(&bench, &of_ana, &id, &attachment(&own)).await;
    assert_eq!(refused(send(&bench, &of_ana, &id, &attachment(&own)).await), "was sent with another message");
}

#[tokio::test]
async fn f6_a_page_that_calls_itself_a_picture_is_not_sent() {
    let bench = Bench::start().await;
    let Room { ana, id, .. } = room(&bench).await;
    let of_ana = bench.phone(&ana).await;
    let page = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let body = json!({ "fileName": "a.png", "contentType": "image/png", "fileSize": page.len(), "conversationId": id });
    let file = ask(&bench, &ana, &body).await.expect(200);
    assert_eq!(upload(file["uploadUrl"].as_str().unwrap(), "image/png", page).await, 200);
    let event = send(&bench, &of_ana, &id, &json!({ "attachment": { "id": file["attachmentId"] } })).await;
    assert_eq!(event["details"]["attachment.id"], json!(["is not a file of type image/png"]));
}

#[tokio::test]
async fn f6_documents_are_saved_under_their_name_and_never_shown_in_place() {
    let bench = Bench::start().await;
    let Room { ana, ben, id, .. } = room(&bench).await;
    let of_ana = bench.phone(&ana).await;
    let words = b"<script>alert(1)</script>";
    let body = json!({ "fileName": "r\u{e9}sum\u{e9}\".txt", "contentType": "text/plain", "fileSize": words.len(), "conversationId": id });
    let file = ask(&bench, &ana, &body).await.expect(200);
    assert_eq!(upload(file["uploadUrl"].as_str().unwrap(), "text/plain", words).await, 200);
    send(&bench, &of_ana, &id, &json!({ "type": "file", "attachment": { "id": file["attachmentId"] } })).await;
    let body = ask_for(&bench, &ben, file["key"].as_str().unwrap()).await.expect(200);
    let got = reqwest::get(body["downloadUrl"].as_str().unwrap()).await.unwrap();
    assert_eq!(got.headers()["content-type"], "text/plain");
    let disposition = got.headers()["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"r_sum__.txt\"; filename*=UTF-8''r%C3%A9sum%C3%A9%22.txt");
}

#[tokio::test]
async fn f4_what_was_sent_never_changes() {
    let bench = Bench::start().await;
    let Room { ana, ben, id, .. } = room(&bench).await;
    let of_ana = bench.phone(&ana).await;
    let file = uploaded(&bench, &ana, &id).await;
    let (key, address) = (text(&file["key"]), text(&file["uploadUrl"]));
    let message = json!({ "tempId": "one", "attachment": { "id": file["attachmentId"] } });
    let first = send(&bench, &of_ana, &id, &message).await;
    let other = vec![b'x'; PNG.len()];
    upload(&address, "image/png", &other).await;
    bench.inspect(&id).await;
    assert_eq!(downloaded(&bench, &ben, &key).await, (200, PNG.to_vec()));
    // Neither does a retry bring the other bytes in.
    let again = send(&bench, &of_ana, &id, &message).await;
    assert_eq!(again["message"]["id"], first["message"]["id"]);
    let mut expected = first["message"]["attachment"].clone();
    expected["state"] = json!("ready");
    assert_eq!(again["message"]["attachment"], expected);
    assert!(bench.pending(&id).await.is_empty());
    assert_eq!(downloaded(&bench, &ben, &key).await, (200, PNG.to_vec()));
}

#[tokio::test]
async fn one_file_sent_by_many_tries_at_once_goes_with_one_message() {
    let bench = Bench::start().await;
    let Room { ana, ben, id, .. } = room(&bench).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    let file = uploaded(&bench, &ana, &id).await;
    let services = bench.of("ws-message-send").await;
    let frame = |name: String| {
        json!({ "action": "message:send", "data": {
            "conversationId": id, "type": "image", "tempId": name, "attachment": { "id": file["attachmentId"] },
        } })
    };
    let frames: Vec<_> = (0..6).map(|turn| frame(format!("try {turn}"))).collect();
    let tries = frames.iter().map(|frame| bench.act(&services, functions::ws::message_send::handle, &of_ana, frame));
    futures_util::future::join_all(tries).await;
    of_ben.expect("message:receive").await;
    let received = of_ana.received();
    assert_eq!(received.iter().filter(|event| event["action"] == "message:receive").count(), 1, "{received:?}");
    assert_eq!(received.iter().filter(|event| event["action"] == "error").count(), 5);
}

#[tokio::test]
async fn f1_nobody_reads_a_file_of_a_conversation_they_are_not_in() {
    let bench = Bench::start().await;
    let Room { ana, ben, eve, id } = room(&bench).await;
    let of_ana = bench.phone(&ana).await;
    let file = uploaded(&bench, &ana, &id).await;
    let key = text(&file["key"]);
    assert_eq!(downloaded(&bench, &ana, &key).await.0, 200, "who uploaded it sees it before it is sent");
    ask_for(&bench, &ben, &key).await.refused(404, "NOT_FOUND");
    send(&bench, &of_ana, &id, &json!({ "attachment": { "id": file["attachmentId"] } })).await;
    ask_for(&bench, &eve, &key).await.refused(404, "NOT_FOUND");
    // Through a room of one's own, or by another ending.
    let own = bench.direct(&eve, &ana).await;
    ask_for(&bench, &eve, &key.replace(&id, &own)).await.refused(404, "NOT_FOUND");
    ask_for(&bench, &ana, &key.replace(".png", ".pdf")).await.refused(404, "NOT_FOUND");
    for bad in ["", "x", "profiles/x/y.png", "uploads/x", "..%2Fx", &format!("{key}%00")] {
        let details = ask_for(&bench, &eve, bad).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["key"], "{bad}");
    }
    let services = bench.of("attachments-download-url").await;
    let call = get(&format!("/api/attachments/download-url?key={key}"));
    call.to(&services, functions::attachments::download_url::handle).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn f9_a_file_goes_with_its_message() {
    let bench = Bench::start().await;
    let Room { ana, ben, id, .. } = room(&bench).await;
    let of_ana = bench.phone(&ana).await;
    let file = uploaded(&bench, &ana, &id).await;
    let key = text(&file["key"]);
    let sent = send(&bench, &of_ana, &id, &json!({ "attachment": { "id": file["attachmentId"] } })).await;
    bench.inspect(&id).await;
    let address = text(&ask_for(&bench, &ben, &key).await.expect(200)["downloadUrl"]);
    let services = bench.of("messages-delete").await;
    let message = text(&sent["message"]["id"]);
    let path = format!("/api/conversations/{id}/messages/{message}");
    let call = call("DELETE", &path, Some(&json!({ "forEveryone": true }))).bearer(&ana.token);
    let call = call.path("conversationId", &id).path("messageId", &message);
    call.to(&services, functions::messages::delete::handle).await.expect(200);
    assert_eq!(reqwest::get(&address).await.unwrap().status().as_u16(), 404, "also for who had its address");
    ask_for(&bench, &ben, &key).await.refused(404, "NOT_FOUND");
}
