use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, call, fields, text};

/// `conversations-invite`.
pub async fn invite(bench: &Bench, person: &Person, conversation: &str, body: Option<&Value>) -> Answer {
    let services = bench.of("conversations-invite").await;
    bench.start_counting();
    let call = call("POST", &format!("/api/conversations/{conversation}/invite"), body);
    let call = call.path("conversationId", conversation).bearer(&person.token);
    call.to(&services, functions::conversations::invite::handle).await
}

#[tokio::test]
async fn e6_a_group_has_one_code_as_a_text_an_address_and_a_picture() {
    let bench = Bench::with(&[("InviteAddress", "https://chat.example.com/join")]).await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let body = invite(&bench, &ana, &id, None).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(fields(&body), ["conversationCode", "conversationId", "expiresAt", "inviteUrl", "qrCodeData"]);
    let code = text(&body["conversationCode"]);
    assert_eq!(code.len(), 12);
    assert_eq!(body["inviteUrl"], json!(format!("https://chat.example.com/join#{code}")));
    let picture = text(&body["qrCodeData"]);
    let picture = picture.strip_prefix("data:image/svg+xml;base64,").unwrap();
    let picture = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, picture).unwrap();
    let picture = String::from_utf8(picture).unwrap();
    assert!(picture.contains("<svg") && !picture.contains("<script"), "{picture}");
    // The same for everybody who invites, as long as it is good.
    assert_eq!(invite(&bench, &ben, &id, Some(&json!({}))).await.expect(200), body);
    assert_eq!(bench.used(), "BatchGetItem 1, UpdateItem 1");
}

#[tokio::test]
async fn without_a_page_of_its_own_the_address_is_this_apis() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let address = text(&invite(&bench, &ana, &id, None).await.expect(200)["inviteUrl"]);
    assert!(address.starts_with("http") && address.contains("/join#"), "{address}");
}

#[tokio::test]
async fn e6_a_code_that_is_half_over_is_good_for_longer_and_one_that_is_over_is_gone() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let first = invite(&bench, &ana, &id, None).await.expect(200);
    let seconds = crate::support::now().seconds();
    let set = async |until: i64| {
        let key = json!(format!("CODE#{}", text(&first["conversationCode"])));
        for (pk, sk, name) in [(json!(format!("CONV#{id}")), "META", "inviteExpiresAt"), (key, "CLAIM", "expiresAt")] {
            let key = store::Key { pk: text(&pk), sk: sk.to_owned() };
            bench.set_number(&key, name, until).await;
        }
    };
    set(seconds + 3_600).await;
    let longer = invite(&bench, &ana, &id, None).await.expect(200);
    assert_eq!(longer["conversationCode"], first["conversationCode"]);
    assert_eq!(bench.used(), "BatchGetItem 1, TransactWriteItems 1, UpdateItem 1");
    assert!(text(&longer["expiresAt"]) >= text(&first["expiresAt"]));
    set(seconds - 1).await;
    let another = invite(&bench, &ana, &id, None).await.expect(200);
    assert_ne!(another["conversationCode"], first["conversationCode"]);
}

#[tokio::test]
async fn d1_members_invite_admins_rotate_and_into_a_private_group_they_alone_invite() {
    let bench = Bench::start().await;
    let (ana, ben, carl) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("carl", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let body = json!({ "type": "group", "participantIds": [ben.id], "isPrivate": true });
    let private = bench.conversation(&ana, &body).await;
    let direct = bench.direct(&ana, &ben).await;
    let rotate = json!({ "rotate": true });
    let first = invite(&bench, &ben, &id, None).await.expect(200);
    invite(&bench, &ben, &id, Some(&rotate)).await.refused(403, "FORBIDDEN");
    invite(&bench, &ben, &private, None).await.refused(403, "FORBIDDEN");
    invite(&bench, &ana, &private, None).await.expect(200);
    invite(&bench, &ana, &direct, None).await.refused(409, "CONFLICT");
    invite(&bench, &carl, &id, None).await.refused(404, "NOT_FOUND");
    let second = invite(&bench, &ana, &id, Some(&rotate)).await.expect(200);
    assert_ne!(second["conversationCode"], first["conversationCode"]);
    let details = invite(&bench, &ana, &id, Some(&json!({ "rotate": "yes" }))).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["rotate"]);
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-invite").await;
    let call = call("POST", "/api/conversations/x/invite", None);
    call.to(&services, functions::conversations::invite::handle).await.refused(401, "UNAUTHORIZED");
}
