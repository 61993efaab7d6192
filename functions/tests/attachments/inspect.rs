//! F8: pictures are made anew before anybody else can download them, whatever interrupts it.

use aws_sdk_s3::primitives::ByteStream;
use domain::{AttachmentId, ConversationId};
use serde_json::{Value, json};

use super::download_url::{ask_for, downloaded, send};
use super::upload_url::ask;
use crate::support::{Bench, PNG, Person, Phone, call, text, upload};

/// A small JPEG with EXIF in it: how the phone was held (a quarter turn), and where it was.
const PHOTO: &[u8] = include_bytes!("photo.jpg");

struct Scene {
    ana: Person,
    ben: Person,
    id: String,
    of_ana: Phone,
    of_ben: Phone,
}

async fn scene(bench: &Bench) -> Scene {
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    Scene { ana, ben, id, of_ana, of_ben }
}

/// The file of a message that somebody has just sent, as `upload-url` answered.
async fn sent(bench: &Bench, Scene { ana, id, of_ana, of_ben, .. }: &Scene, kind: &str, bytes: &[u8]) -> Value {
    let message_type = if kind.starts_with("image/") { "image" } else { "file" };
    let body = json!({ "fileName": "a", "contentType": kind, "fileSize": bytes.len(), "conversationId": id });
    let file = ask(bench, ana, &body).await.expect(200);
    assert_eq!(upload(&text(&file["uploadUrl"]), kind, bytes).await, 200);
    let attachment = json!({ "type": message_type, "content": "Look!", "attachment": { "id": file["attachmentId"] } });
    send(bench, of_ana, id, &attachment).await;
    of_ben.expect("message:receive").await;
    file
}

/// What is in the bucket under a key.
async fn object(bench: &Bench, key: &str) -> Option<Vec<u8>> {
    let (client, bucket) = bucket(bench);
    let got = client.get_object().bucket(bucket).key(key).send().await.ok()?;
    Some(got.body.collect().await.unwrap().to_vec())
}

fn bucket(bench: &Bench) -> (aws_sdk_s3::Client, String) {
    let bucket = bench.services.variables("attachments-inspect")["BUCKET_NAME"].clone();
    (aws_sdk_s3::Client::new(&bench.services.sdk("test")), bucket)
}

/// Sets the state of a file back to `pending`: in its record, and in its message too where that was not told yet.
async fn as_before(bench: &Bench, scene: &Scene, file: &Value, record: bool) {
    let (room, id) = (ConversationId::parse(&scene.id).unwrap(), AttachmentId::parse(&text(&file["attachmentId"])));
    let message = bench.page(&scene.ben, &scene.id).await.last().unwrap()["id"].clone();
    let message = store::keys::message(&room, domain::MessageId::parse(&text(&message)).unwrap());
    let mut places = vec![(message, "SET attachment.#state = :pending")];
    if record {
        places.push((store::keys::attachment(&room, &id.unwrap()), "SET #state = :pending"));
    }
    for (key, change) in places {
        let table = bench.table();
        let part = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
        let update = table.client().update_item().table_name(table.name()).update_expression(change);
        let update =
            update.key("PK", part(key.pk)).key("SK", part(key.sk)).expression_attribute_names("#state", "state");
        update.expression_attribute_values(":pending", part("pending".to_owned())).send().await.unwrap();
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn f8_a_photo_is_shown_without_where_it_was_taken_and_the_original_is_gone() {
    let bench = Bench::start().await;
    let scene = scene(&bench).await;
    assert!(holds(PHOTO, b"Exif"));
    let file = sent(&bench, &scene, "image/jpeg", PHOTO).await;
    let key = text(&file["key"]);
    let held = format!("held/{key}");
    // Nobody gets it before: what was sent is where no address leads.
    for person in [&scene.ana, &scene.ben] {
        ask_for(&bench, person, &key).await.refused(409, "CONFLICT");
    }
    assert_eq!((object(&bench, &held).await.as_deref(), object(&bench, &key).await), (Some(PHOTO), None));

    bench.start_counting();
    bench.inspect(&scene.id).await;
    let used = bench.used();
    assert_eq!(
        used,
        "BatchGetItem 1, DeleteObject 1, GetItem 2, GetObject 1, PutItem 1, PutObject 1, Query 1, UpdateItem 3"
    );
    for phone in [&scene.of_ana, &scene.of_ben] {
        let message = phone.expect("message:updated").await["message"].clone();
        assert_eq!((&message["attachment"]["state"], &message["originalContent"]), (&json!("ready"), &json!("Look!")));
        let size = object(&bench, &key).await.unwrap().len();
        assert_eq!(message["attachment"]["fileSize"], json!(size));
    }
    let (status, shown) = downloaded(&bench, &scene.ben, &key).await;
    assert_eq!(status, 200);
    assert!(shown.starts_with(b"\xFF\xD8\xFF") && !holds(&shown, b"Exif") && !holds(&shown, b"GPS"));
    assert_eq!(object(&bench, &held).await, None);
    // Who was away reads the same, in the list and by sync.
    assert_eq!(bench.page(&scene.ben, &scene.id).await[0]["attachment"]["state"], "ready");
}

#[tokio::test]
async fn f8_what_cannot_be_shown_is_refused_and_its_message_stays() {
    let bench = Bench::start().await;
    let scene = scene(&bench).await;
    // A page that begins like a picture; and a picture that is cut off.
    let page = [b"\x89PNG\r\n\x1A\n".to_vec(), b"<html><script>alert(1)</script></html>".to_vec()].concat();
    for bytes in [page, PNG[..PNG.len() / 2].to_vec()] {
        let file = sent(&bench, &scene, "image/png", &bytes).await;
        let key = text(&file["key"]);
        bench.inspect(&scene.id).await;
        let message = scene.of_ben.expect("message:updated").await["message"].clone();
        assert_eq!(message["attachment"]["state"], "refused");
        for person in [&scene.ana, &scene.ben] {
            ask_for(&bench, person, &key).await.refused(404, "NOT_FOUND");
        }
        for place in [key.clone(), format!("held/{key}")] {
            assert_eq!(object(&bench, &place).await, None, "{place}");
        }
        assert_eq!(bench.page(&scene.ben, &scene.id).await.last().unwrap()["originalContent"], "Look!");
    }
}

#[tokio::test]
async fn f8_an_interrupted_inspection_is_finished_by_the_next_wherever_it_was() {
    let bench = Bench::start().await;
    let scene = scene(&bench).await;
    let file = sent(&bench, &scene, "image/jpeg", PHOTO).await;
    let key = text(&file["key"]);
    bench.inspect(&scene.id).await;
    scene.of_ben.expect("message:updated").await;
    let shown = downloaded(&bench, &scene.ben, &key).await.1;
    let asked = json!({ "conversationId": scene.id, "attachmentId": file["attachmentId"] });

    // Between what is shown and the note of it: everything is done again.
    as_before(&bench, &scene, &file, true).await;
    let (client, bucket) = bucket(&bench);
    let put = client.put_object().bucket(bucket).key(format!("held/{key}")).content_type("image/jpeg");
    put.body(ByteStream::from_static(PHOTO)).send().await.unwrap();
    ask_for(&bench, &scene.ben, &key).await.refused(409, "CONFLICT");
    assert!(bench.inspect_one(&asked).await);
    assert_eq!(scene.of_ben.expect("message:updated").await["message"]["attachment"]["state"], "ready");
    assert_eq!(downloaded(&bench, &scene.ben, &key).await, (200, shown.clone()));
    assert_eq!(object(&bench, &format!("held/{key}")).await, None);

    // Between the note of it and the message.
    as_before(&bench, &scene, &file, false).await;
    assert!(bench.inspect_one(&asked).await);
    assert_eq!(scene.of_ben.expect("message:updated").await["message"]["attachment"]["state"], "ready");

    // Lambda delivers at least once: what is done is not told again.
    assert!(bench.inspect_one(&asked).await);
    assert_eq!(scene.of_ben.count("message:updated"), 3);
    assert_eq!(downloaded(&bench, &scene.ben, &key).await, (200, shown));
}

#[tokio::test]
async fn f8_whoever_asks_a_moment_after_the_message_waits_for_its_picture() {
    let bench = Bench::with(&[("InspectionWaitMs", "15000")]).await;
    let scene = scene(&bench).await;
    let file = sent(&bench, &scene, "image/png", PNG).await;
    let key = text(&file["key"]);
    let inspected = async {
        // While it is being asked for.
        tokio::task::yield_now().await;
        bench.inspect(&scene.id).await;
    };
    let (shown, ()) = tokio::join!(downloaded(&bench, &scene.ben, &key), inspected);
    assert_eq!(shown, (200, PNG.to_vec()));
}

#[tokio::test]
async fn what_needs_no_inspection_is_ready_at_once() {
    let bench = Bench::start().await;
    let scene = scene(&bench).await;
    let words = b"%PDF-1.7 and so on";
    let file = sent(&bench, &scene, "application/pdf", words).await;
    assert!(bench.pending(&scene.id).await.is_empty());
    assert_eq!(bench.page(&scene.ben, &scene.id).await[0]["attachment"]["state"], "ready");
    assert_eq!(downloaded(&bench, &scene.ben, &text(&file["key"])).await, (200, words.to_vec()));
}

#[tokio::test]
async fn f9_nothing_is_left_of_a_picture_whose_message_is_deleted_before_it_is_inspected() {
    let bench = Bench::start().await;
    let scene = scene(&bench).await;
    let file = sent(&bench, &scene, "image/png", PNG).await;
    let key = text(&file["key"]);
    let asked = bench.pending(&scene.id).await.remove(0);
    let message = text(&bench.page(&scene.ben, &scene.id).await[0]["id"]);
    let path = format!("/api/conversations/{}/messages/{message}", scene.id);
    let call = call("DELETE", &path, Some(&json!({ "forEveryone": true }))).bearer(&scene.ana.token);
    let call = call.path("conversationId", &scene.id).path("messageId", &message);
    assert_eq!(bench.http("messages-delete", call).await.status, 200);
    assert!(bench.inspect_one(&asked).await);
    for place in [key.clone(), format!("held/{key}")] {
        assert_eq!(object(&bench, &place).await, None, "{place}");
    }
    assert_eq!(scene.of_ben.count("message:updated"), 0);
}

#[tokio::test]
async fn what_is_no_file_is_told_to_lambda() {
    let bench = Bench::start().await;
    assert!(!bench.inspect_one(&json!({ "conversationId": "conv_x", "attachmentId": "att_y" })).await);
}

/// What every scanner for malware calls a virus, in two parts: this file is none.
fn eicar() -> Vec<u8> {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

#[tokio::test]
async fn f7_with_a_scanner_nothing_is_shown_before_it_has_passed_and_eicar_never() {
    let bench = Bench::with(&[("MalwareScan", "guardduty")]).await;
    let scene = scene(&bench).await;
    for (bytes, passes) in [(b"nothing but words".to_vec(), true), (eicar(), false)] {
        let file = sent(&bench, &scene, "text/plain", &bytes).await;
        let key = text(&file["key"]);
        for person in [&scene.ana, &scene.ben] {
            ask_for(&bench, person, &key).await.refused(409, "CONFLICT");
        }
        assert_eq!(object(&bench, &key).await, None);
        bench.inspect(&scene.id).await;
        let state = scene.of_ben.expect("message:updated").await["message"]["attachment"]["state"].clone();
        if passes {
            assert_eq!(state, "ready");
            assert_eq!(downloaded(&bench, &scene.ben, &key).await, (200, bytes));
        } else {
            assert_eq!(state, "refused");
            for person in [&scene.ana, &scene.ben] {
                ask_for(&bench, person, &key).await.refused(404, "NOT_FOUND");
            }
            for place in [key.clone(), format!("held/{key}")] {
                assert_eq!(object(&bench, &place).await, None, "{place}");
            }
        }
    }
}

#[tokio::test]
async fn f7_what_is_not_sent_yet_was_not_scanned_and_is_not_shown() {
    let bench = Bench::with(&[("MalwareScan", "guardduty")]).await;
    let Scene { ana, id, .. } = scene(&bench).await;
    let bytes = eicar();
    let body = json!({ "fileName": "a", "contentType": "text/plain", "fileSize": bytes.len(), "conversationId": id });
    let file = ask(&bench, &ana, &body).await.expect(200);
    assert_eq!(upload(&text(&file["uploadUrl"]), "text/plain", &bytes).await, 200);
    ask_for(&bench, &ana, &text(&file["key"])).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn f7_a_file_that_is_not_scanned_in_time_is_tried_again_and_shown_to_nobody() {
    let bench = Bench::with(&[("MalwareScan", "guardduty"), ("MalwareScanSeconds", "1")]).await;
    let scene = scene(&bench).await;
    let file = sent(&bench, &scene, "image/png", PNG).await;
    let key = text(&file["key"]);
    // As if the scanner had not come to it: its verdict is taken away once it is there.
    let (client, bucket) = bucket(&bench);
    let held = format!("held/{key}");
    let verdict = async || {
        let tags = client.get_object_tagging().bucket(&bucket).key(&held).send().await.unwrap().tag_set;
        tags.first().map(|tag| tag.value().to_owned())
    };
    while verdict().await.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let tags = |tags: Vec<aws_sdk_s3::types::Tag>| {
        let tagging = aws_sdk_s3::types::Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
        client.put_object_tagging().bucket(&bucket).key(&held).tagging(tagging).send()
    };
    tags(Vec::new()).await.unwrap();
    let asked = bench.pending(&scene.id).await.remove(0);
    assert!(!bench.inspect_one(&asked).await, "Lambda is told that it was not done");
    ask_for(&bench, &scene.ben, &key).await.refused(409, "CONFLICT");
    assert_eq!(scene.of_ben.count("message:updated"), 0);
    // Whatever else it says, but that it found nothing, is a refusal.
    let tag = aws_sdk_s3::types::Tag::builder().key("GuardDutyMalwareScanStatus").value("UNSUPPORTED").build().unwrap();
    tags(vec![tag]).await.unwrap();
    assert!(bench.inspect_one(&asked).await);
    ask_for(&bench, &scene.ben, &key).await.refused(404, "NOT_FOUND");
}
