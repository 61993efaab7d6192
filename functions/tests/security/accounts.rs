//! What accounts and ids are made of.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Bench, PASSWORD, post, text};

async fn sign_in(bench: &Bench, email: &str, password: &str) -> i64 {
    let body = json!({ "email": email, "password": password });
    bench.http("auth-login", post("/api/auth/login", &body)).await.status
}

#[tokio::test]
async fn b1_passwords_count_to_their_last_character_and_are_kept_as_costly_hashes() {
    let bench = Bench::start().await;
    let long = "correct horse battery ".repeat(11);
    let passwords = [
        // Over the 72 bytes and beyond the zero byte at which some hashes stop.
        format!("{long}A"),
        format!("{PASSWORD}\u{0}tail A"),
        format!("пароль из слов 🐎🔋 ñ {PASSWORD}A"),
        "é9#x".repeat(64),
    ];
    for (number, password) in passwords.iter().enumerate() {
        let email = format!("person{number}@example.com");
        let body = json!({ "email": email, "password": password, "username": format!("person{number}") });
        bench.http("auth-register", post("/api/auth/register", &body)).await.expect(201);
        assert_eq!(sign_in(&bench, &email, password).await, 200, "{number}");
        let mut other: String = password.chars().take(password.chars().count() - 1).collect();
        assert_eq!(sign_in(&bench, &email, &other).await, 401, "{number}: without its last character");
        other.push('B');
        assert_eq!(sign_in(&bench, &email, &other).await, 401, "{number}: with another last character");
    }
    let kept = bench.all().await;
    assert_eq!(kept.matches("$argon2id$v=19$m=19456,t=2,p=1$").count(), passwords.len());
    assert!(!kept.contains("correct horse") && !kept.contains("é9#x"));
    // What would only make hashing slow.
    let body = json!({ "email": "x@example.com", "password": "ab9#".repeat(64) + "x", "username": "xxx" });
    bench.http("auth-register", post("/api/auth/register", &body)).await.refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn e7_a_groups_password_is_kept_as_a_hash_and_shown_to_nobody() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let of_ben = bench.phone(&ben).await;
    let body = json!({ "type": "group", "participantIds": [ben.id], "password": "open sesame please" });
    let id = bench.conversation(&ana, &body).await;
    bench.update(&ana, &id, &json!({ "password": "another word altogether" })).await.expect(200);
    let kept = bench.dump(&id).await;
    assert!(kept.contains("$argon2id$") && !kept.contains("sesame") && !kept.contains("altogether"), "{kept}");
    let since = domain::Timestamp::from_millis(crate::support::now().millis() - 60_000);
    let call = crate::support::get(&format!("/api/sync?since={since}")).bearer(&ben.token);
    let shown = [
        bench.details(&ana, &id).await.expect(200),
        bench.listed(&ben, &id).await.unwrap(),
        bench.http("messages-sync", call).await.expect(200),
        of_ben.expect("conversation:new").await,
        of_ben.expect("conversation:updated").await,
    ];
    for shown in shown {
        let shown = shown.to_string();
        assert!(shown.contains("hasPassword") || shown.contains(&id), "{shown}");
        for secret in ["argon2", "sesame", "altogether"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

/// The bits of an id in which any two of these differ.
fn varying(ids: &BTreeSet<u128>) -> u128 {
    let first = ids.first().unwrap();
    ids.iter().fold(0, |bits, id| bits | (id ^ first))
}

#[tokio::test]
async fn e8_ids_cannot_be_guessed_from_each_other() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let of_ana = bench.phone(&ana).await;
    let mut random: BTreeSet<u128> = BTreeSet::new();
    let mut messages: BTreeSet<u128> = BTreeSet::new();
    let read = |text: &str| uuid::Uuid::parse_str(text.split_once('_').unwrap().1).unwrap();
    for _ in 0..12 {
        let id = bench.group(&ana, &[&ben]).await;
        // The first message of each: what it does not share with the others' is chance.
        messages.insert(read(&text(&bench.say(&of_ana, &id, "hello").await["id"])).as_u128());
        let body = json!({ "fileName": "x.png", "contentType": "image/png", "fileSize": 9, "conversationId": id });
        let asked = post("/api/attachments/upload-url", &body).bearer(&ana.token);
        let file = bench.http("attachments-upload-url", asked).await.expect(200);
        for id in [id, text(&file["attachmentId"]), bench.sign_in_again(&ana).await.actor.session.to_string()] {
            let id = read(&id);
            assert_eq!(id.get_version_num(), 4, "{id}");
            random.insert(id.as_u128());
        }
    }
    assert_eq!((random.len(), messages.len()), (36, 12), "nothing twice");
    // Of a dozen ids each random bit is the same in all once in two thousand times.
    assert!(varying(&random).count_ones() >= 122 - 6, "{:x}", varying(&random));
    assert!(varying(&messages).count_ones() >= 74 - 8, "{:x}", varying(&messages));
}

#[tokio::test]
async fn d3_fields_of_a_group_that_are_not_the_clients_change_nothing() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let lies = json!({
        "id": "conv_00000000-0000-4000-8000-000000000000", "creator": ben.id, "createdBy": ben.id, "seq": 900,
        "createdAt": "2000-01-01T00:00:00.000Z", "updatedAt": "2000-01-01T00:00:00.000Z", "participantCount": 900,
        "unreadCount": 900, "hasPassword": true, "role": "admin", "lastMessage": { "content": "lies" },
        "participants": [{ "id": ben.id, "role": "admin" }], "pair": [ana.id, ben.id],
    });
    // What is really asked for counts, and the rest comes along.
    let with = |asked: Value| {
        let mut body = lies.clone();
        body.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
        body
    };
    let body = with(json!({ "type": "group", "name": "Team", "participantIds": [ben.id] }));
    let id = bench.conversation(&ana, &body).await;
    assert_ne!(json!(id), lies["id"]);
    bench.update(&ana, &id, &with(json!({ "name": "Team 2" }))).await.expect(200);
    bench.role(&ana, &id, &ben.id, &with(json!({ "role": "member" }))).await.expect(200);
    let shown = bench.details(&ana, &id).await.expect(200)["conversation"].clone();
    assert_eq!((&shown["id"], &shown["participantCount"]), (&json!(id), &json!(2)));
    assert_eq!((&shown["hasPassword"], &shown["unreadCount"]), (&json!(false), &json!(0)));
    assert!(shown["createdAt"].as_str().unwrap() > "2020" && shown["lastMessage"].is_null(), "{shown}");
    let roles = [("ana", "admin"), ("ben", "member")].map(|(name, role)| (name.to_owned(), role.to_owned()));
    assert_eq!(bench.roles(&ana, &id).await, roles);
}
