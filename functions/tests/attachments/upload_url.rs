use serde_json::{Value, json};

use crate::support::{Answer, Bench, PNG, Person, fields, post, text, upload};

pub async fn ask(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("attachments-upload-url").await;
    bench.start_counting();
    let call = post("/api/attachments/upload-url", body).bearer(&person.token);
    call.to(&services, functions::attachments::upload_url::handle).await
}

fn picture(conversation: &str) -> Value {
    json!({ "fileName": "photo.jpg", "contentType": "image/png", "fileSize": PNG.len(), "conversationId": conversation })
}

/// Uploads a picture to a conversation; what `upload-url` answered.
pub async fn uploaded(bench: &Bench, person: &Person, conversation: &str) -> Value {
    let allowed = ask(bench, person, &picture(conversation)).await.expect(200);
    assert_eq!(upload(allowed["uploadUrl"].as_str().unwrap(), "image/png", PNG).await, 200);
    allowed
}

#[tokio::test]
async fn f2_the_key_is_made_by_the_server() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let body = ask(&bench, &ana, &picture(&id)).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, PutItem 1, UpdateItem 2");
    assert_eq!(fields(&body), ["attachmentId", "category", "expiresIn", "key", "uploadUrl"]);
    assert_eq!((&body["category"], &body["expiresIn"]), (&json!("image"), &json!(300)));
    assert_eq!(text(&body["key"]), format!("{id}/{}.png", text(&body["attachmentId"])), "by its type, not its name");
    for name in ["../x.html", "profiles/x", "%2e%2e/x", "a\0b.exe", &"n".repeat(300), "gpj.\u{202E}exe"] {
        let mut body = picture(&id);
        body["fileName"] = json!(name);
        let key = text(&ask(&bench, &ana, &body).await.expect(200)["key"]);
        let (room, file) = key.split_once('/').unwrap();
        assert_eq!((room, file.split_once('.').unwrap().1), (id.as_str(), "png"), "{key}");
    }
}

#[tokio::test]
async fn f3_the_store_takes_what_was_announced_and_nothing_else() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let address = text(&ask(&bench, &ana, &picture(&id)).await.expect(200)["uploadUrl"]);
    assert_eq!(upload(&address, "text/html", PNG).await, 403, "another type");
    assert_eq!(upload(&address, "image/png", &[PNG, b"x"].concat()).await, 403, "another length");
    assert_eq!(upload(&address, "image/png", b"").await, 403);
    assert_eq!(upload(&address.replace("uploads", "profiles"), "image/png", PNG).await, 403, "another place");
    assert_eq!(upload(&address, "image/png", PNG).await, 200);
    assert_eq!(reqwest::get(&address).await.unwrap().status().as_u16(), 403, "and is not there to read");
}

#[tokio::test]
async fn f4_who_asks_for_it_gets_an_address_that_takes_one_file_alone() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let mut once = picture(&id);
    once["writeOnce"] = json!(true);
    let body = ask(&bench, &ana, &once).await.expect(200);
    assert_eq!(body["headers"], json!({ "content-type": "image/png", "if-none-match": "*" }));
    let address = text(&body["uploadUrl"]);
    assert_eq!(upload(&address, "image/png", PNG).await, 403, "the header is signed: without it nothing is taken");
    let put = async || {
        let mut put = reqwest::Client::new().put(&address).body(PNG);
        for (name, value) in body["headers"].as_object().unwrap() {
            put = put.header(name, value.as_str().unwrap());
        }
        put.send().await.unwrap().status().as_u16()
    };
    assert_eq!((put().await, put().await), (200, 412));
    for wrong in [json!("yes"), json!(1)] {
        once["writeOnce"] = wrong;
        let details = ask(&bench, &ana, &once).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["writeOnce"]);
    }
}

#[tokio::test]
async fn f4_the_address_is_short_lived() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let address = text(&ask(&bench, &ana, &picture(&id)).await.expect(200)["uploadUrl"]);
    assert!(address.contains("X-Amz-Expires=300"), "{address}");
    for signed in ["content-length", "content-type", "host"] {
        let list = address.split("X-Amz-SignedHeaders=").nth(1).unwrap().split('&').next().unwrap();
        assert!(list.split("%3B").any(|name| name == signed), "{list}");
    }
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let all = ["contentType", "conversationId", "fileName", "fileSize"];
    assert_eq!(fields(&ask(&bench, &ana, &json!({})).await.refused(400, "VALIDATION_ERROR")), all);
    let body =
        json!({ "fileName": "..", "contentType": "image/svg+xml", "fileSize": 26_214_401, "conversationId": "x" });
    assert_eq!(fields(&ask(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR")), all);
    let body = json!({ "fileName": 1, "contentType": 1, "fileSize": "1", "conversationId": 1 });
    assert_eq!(fields(&ask(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR")), all);
    for size in [json!(0), json!(-1), json!(1.5)] {
        let body = json!({ "fileSize": size, "fileName": "a", "contentType": "image/png", "conversationId": "x" });
        assert_eq!(fields(&ask(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR")).len(), 2);
    }
}

#[tokio::test]
async fn every_type_of_the_table_can_be_sent_up_to_25_megabytes() {
    let bench = Bench::with(&[("UploadsPerMinute", "100")]).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    for media in domain::attachment::MediaType::all() {
        let body = json!({
            "fileName": "file", "contentType": media.as_str(), "fileSize": 25 * 1024 * 1024, "conversationId": id,
        });
        let answer = ask(&bench, &ana, &body).await.expect(200);
        assert_eq!(answer["category"], media.category().as_str());
    }
}

#[tokio::test]
async fn f1_nobody_uploads_to_a_conversation_they_are_not_in() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let eve = bench.person("eve", "en").await;
    let id = bench.direct(&ana, &ben).await;
    ask(&bench, &eve, &picture(&id)).await.refused(404, "NOT_FOUND");
    let before = bench.items().await;
    ask(&bench, &eve, &picture(&id)).await.refused(404, "NOT_FOUND");
    ask(&bench, &eve, &picture("conv_00000000-0000-4000-8000-000000000000")).await.refused(404, "NOT_FOUND");
    assert_eq!(bench.items().await, before);
    let services = bench.of("attachments-upload-url").await;
    let call = post("/api/attachments/upload-url", &picture(&id));
    call.to(&services, functions::attachments::upload_url::handle).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn uploads_are_limited_by_themselves() {
    let bench = Bench::with(&[("UploadsPerMinute", "2")]).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let mut refused = 0;
    for _ in 0..5 {
        let answer = ask(&bench, &ana, &picture(&id)).await;
        if answer.status == 429 {
            assert_eq!(answer.header("x-ratelimit-limit"), Some("2"));
            assert!(answer.header("retry-after").is_some());
            refused += 1;
        }
    }
    // Five in a row touch two minutes at most.
    assert!(refused >= 1, "{refused}");
}
