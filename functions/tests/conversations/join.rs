use serde_json::{Value, json};

use super::invite::invite;
use crate::support::{Answer, Bench, Person, fields, post, text};

async fn join(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("conversations-join").await;
    bench.start_counting();
    let call = post("/api/conversations/join", body).bearer(&person.token);
    call.to(&services, functions::conversations::join::handle).await
}

async fn code(bench: &Bench, person: &Person, conversation: &str) -> String {
    text(&invite(bench, person, conversation, None).await.expect(200)["conversationCode"])
}

#[tokio::test]
async fn who_has_the_code_comes_in_and_everybody_is_told() {
    let bench = Bench::start().await;
    let (ana, ben, cem) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("cem", "tr").await);
    let id = bench.group(&ana, &[&ben]).await;
    let code = code(&bench, &ben, &id).await;
    let (of_ana, of_cem) = (bench.phone(&ana).await, bench.phone(&cem).await);
    let typed = format!("{}-{} {}", &code[..4], code[4..8].to_lowercase(), &code[8..]);
    let body = join(&bench, &cem, &json!({ "conversationCode": typed })).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 5, GetItem 1, Query 3, TransactWriteItems 1, UpdateItem 3");
    let shown = &body["conversation"];
    assert_eq!((&shown["id"], &shown["participantCount"], &shown["unreadCount"]), (&json!(id), &json!(3), &json!(0)));
    let told = of_ana.expect("participant:joined").await;
    assert_eq!((&told["participant"]["id"], &told["addedBy"]), (&json!(cem.id), &json!(cem.id)));
    assert_eq!((&told["participantCount"], &told["participant"]["role"]), (&json!(3), &json!("member")));
    assert_eq!(of_cem.expect("conversation:new").await["conversation"]["id"], json!(id));
    bench.say(&of_cem, &id, "Hello").await;
    join(&bench, &cem, &json!({ "conversationCode": code })).await.refused(409, "CONFLICT");
    join(&bench, &ben, &json!({ "conversationCode": code })).await.refused(409, "CONFLICT");
    assert_eq!(bench.roles(&ana, &id).await.len(), 3);
}

#[tokio::test]
async fn e6_wrong_void_and_ended_codes_are_one_answer() {
    let bench = Bench::start().await;
    let (ana, ben, cem) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("cem", "tr").await);
    let id = bench.group(&ana, &[&ben]).await;
    let void = code(&bench, &ana, &id).await;
    invite(&bench, &ana, &id, Some(&json!({ "rotate": true }))).await.expect(200);
    let expired = code(&bench, &ana, &id).await;
    let key = store::Key { pk: format!("CODE#{expired}"), sk: "CLAIM".to_owned() };
    bench.set_number(&key, "expiresAt", crate::support::now().seconds()).await;
    let ended = bench.group(&ana, &[&ben]).await;
    let of_ended = code(&bench, &ana, &ended).await;
    bench.delete(&ana, &ended, "?forEveryone=true", None).await.expect(200);
    let mut answers = Vec::new();
    for code in ["000000000000", "what is this", &void, &expired, &of_ended] {
        let answer = join(&bench, &cem, &json!({ "conversationCode": code, "password": "x" })).await;
        assert_eq!(answer.status, 404, "{code}");
        answers.push(answer.body);
    }
    assert!(answers.iter().all(|answer| answer["code"] == "NOT_FOUND" && answer == &answers[0]), "{answers:?}");
}

#[tokio::test]
async fn e6_guessing_is_limited_by_person_and_by_address() {
    let bench = Bench::with(&[("JoinPerMinute", "2"), ("JoinFromAddressPerMinute", "8")]).await;
    let ana = bench.person("ana", "es").await;
    let guess = json!({ "conversationCode": "000000000000" });
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(join(&bench, &ana, &guess).await.status);
    }
    // The windows are minutes: at most one of them ends within this.
    assert!(statuses.contains(&429), "{statuses:?}");
    let mut last = None;
    for number in 0..17 {
        let person = bench.person(&format!("guest{number}"), "en").await;
        let answer = join(&bench, &person, &guess).await;
        if answer.status == 429 {
            last = Some(answer);
            break;
        }
    }
    let last = last.expect("from one address");
    assert!(last.header("retry-after").is_some());
    last.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn e7_the_password_is_asked_for_and_kept_as_passwords_are() {
    let bench = Bench::start().await;
    let (ana, ben, cem) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("cem", "tr").await);
    let secret = "plums in october";
    let body = json!({ "type": "group", "participantIds": [ben.id], "password": secret });
    let id = bench.conversation(&ana, &body).await;
    let code = code(&bench, &ana, &id).await;
    let with = |password: Value| json!({ "conversationCode": code, "password": password });
    for password in [Value::Null, json!(""), json!("plums in November"), json!("Plums in october")] {
        join(&bench, &cem, &with(password)).await.refused(403, "FORBIDDEN");
    }
    let table = bench.table();
    let (record, _) =
        store::conversations::with_member(&table, &domain::ConversationId::parse(&id).unwrap(), &ana.actor.user)
            .await
            .unwrap()
            .unwrap();
    let kept = record.password_hash.unwrap();
    assert!(kept.starts_with("$argon2id$") && !kept.contains(secret), "{kept}");
    join(&bench, &cem, &with(json!(secret))).await.expect(200);
}

#[tokio::test]
async fn k5_at_one_place_left_one_of_ten_joins() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let body = json!({ "type": "group", "participantIds": [ben.id], "maxMembers": 3 });
    let id = bench.conversation(&ana, &body).await;
    let wish = json!({ "conversationCode": code(&bench, &ana, &id).await });
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(bench.person(&format!("guest{number}"), "en").await);
    }
    let joins = people.iter().map(|person| async { join(&bench, person, &wish).await.status });
    let mut statuses = futures_util::future::join_all(joins).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(bench.roles(&ana, &id).await.len(), 3);
    assert_eq!(bench.listed(&ana, &id).await.unwrap()["participantCount"], 3);
}

#[tokio::test]
async fn every_bad_field_is_told() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let long = "x".repeat(257);
    for (body, bad) in [
        (json!({}), vec!["conversationCode"]),
        (json!({ "conversationCode": " " }), vec!["conversationCode"]),
        (json!({ "conversationCode": 7, "password": 7 }), vec!["conversationCode", "password"]),
        (json!({ "conversationCode": "000000000000", "password": long }), vec!["password"]),
    ] {
        let details = join(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), bad);
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-join").await;
    let call = post("/api/conversations/join", &json!({ "conversationCode": "000000000000" }));
    call.to(&services, functions::conversations::join::handle).await.refused(401, "UNAUTHORIZED");
}
