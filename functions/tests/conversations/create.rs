use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, fields, post, text};

async fn create(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("conversations-create").await;
    post("/api/conversations", body).bearer(&person.token).to(&services, functions::conversations::create::handle).await
}

fn direct(other: &Person) -> Value {
    json!({ "type": "direct", "participantIds": [other.id] })
}

#[tokio::test]
async fn a_direct_conversation_is_made_once() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.start_counting();
    let answer = create(&bench, &ana, &direct(&ben)).await.expect(201);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, TransactWriteItems 1, UpdateItem 1");
    let made = answer["conversation"].clone();
    let mut itself = answer;
    itself.as_object_mut().unwrap().remove("conversation");
    assert_eq!(itself, made, "as the oldest clients read it");
    let shown = [
        "archived",
        "avatarUrl",
        "createdAt",
        "description",
        "hasPassword",
        "id",
        "isPrivate",
        "lastMessage",
        "maxMembers",
        "muted",
        "mutedUntil",
        "name",
        "participantCount",
        "participants",
        "pinned",
        "sourceLanguage",
        "targetLanguage",
        "tokenSpendingMode",
        "type",
        "unreadCount",
        "updatedAt",
    ];
    assert_eq!(fields(&made), shown);
    assert_eq!((&made["type"], &made["name"], &made["lastMessage"]), (&json!("direct"), &Value::Null, &Value::Null));
    let people: Vec<&str> =
        made["participants"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(people, [&ana.id, &ben.id]);
    let participant = &made["participants"][1];
    let shown = ["avatarUrl", "displayName", "id", "name", "preferredLanguage", "userId", "username"];
    assert_eq!(fields(participant), shown, "D4: never an address");
    assert_eq!(participant["preferredLanguage"], "en");

    bench.start_counting();
    let again = create(&bench, &ana, &direct(&ben)).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 2, GetItem 1, UpdateItem 1");
    let from_the_other = create(&bench, &ben, &direct(&ana)).await.expect(200);
    assert_eq!(again["conversation"]["id"], made["id"]);
    assert_eq!(from_the_other["conversation"]["id"], made["id"]);
}

#[tokio::test]
async fn k3_both_start_at_once_and_end_in_the_same_one() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (to_ben, to_ana) = (direct(&ben), direct(&ana));
    let tries = (0..20).map(|turn| match turn % 2 {
        0 => create(&bench, &ana, &to_ben),
        _ => create(&bench, &ben, &to_ana),
    });
    let answers = futures_util::future::join_all(tries).await;
    let ids: std::collections::BTreeSet<String> =
        answers.iter().map(|answer| text(&answer.body["conversation"]["id"])).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
}

#[tokio::test]
async fn a_group_has_everything_it_was_given() {
    let bench = Bench::start().await;
    let (ana, ben, cem) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("cem", "tr").await);
    let body = json!({
        "type": "GROUP", "name": " Project Team ", "participantIds": [ben.id, cem.id, ben.id, ana.id],
        "description": "What we do", "avatarUrl": "https://example.com/a.png", "isPrivate": true,
        "password": "open sesame please", "maxMembers": 10, "sourceLanguage": "en", "targetLanguage": "es",
        "tokenSpendingMode": "creator",
    });
    let made = create(&bench, &ana, &body).await.expect(201)["conversation"].clone();
    assert_eq!((&made["type"], &made["name"]), (&json!("group"), &json!("Project Team")));
    assert_eq!((&made["participantCount"], &made["maxMembers"]), (&json!(3), &json!(10)));
    assert_eq!((&made["isPrivate"], &made["hasPassword"]), (&json!(true), &json!(true)));
    assert_eq!((&made["sourceLanguage"], &made["tokenSpendingMode"]), (&json!("en"), &json!("creator")));
    assert!(!made.to_string().contains("sesame") && !made.to_string().contains("argon2"));
    // A second one with the same people is another one.
    let other = create(&bench, &ana, &body).await.expect(201)["conversation"].clone();
    assert_ne!(made["id"], other["id"]);
}

#[tokio::test]
async fn a_group_of_a_hundred_and_fifty_is_whole() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let mut others = Vec::new();
    for number in 0..150 {
        others.push(bench.person(&format!("member-{number:03}"), "en").await.id);
    }
    let made = create(&bench, &ana, &json!({ "type": "group", "participantIds": others })).await.expect(201);
    assert_eq!(made["conversation"]["participantCount"], 151);
    assert_eq!(made["conversation"]["participants"].as_array().unwrap().len(), 100);
    let id = domain::ConversationId::parse(made["conversation"]["id"].as_str().unwrap()).unwrap();
    let members = store::members::of_conversation(&bench.table(), &id, usize::MAX, store::Consistency::Strong).await;
    assert_eq!(members.unwrap().len(), 151);
}

#[tokio::test]
async fn everybody_who_is_there_is_told() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    let made = create(&bench, &ana, &direct(&ben)).await.expect(201)["conversation"].clone();
    for socket in [&of_ana, &of_ben] {
        let event = socket.expect("conversation:new").await;
        assert_eq!(fields(&event), ["action", "conversation"]);
        assert_eq!(event["conversation"], made);
    }
    // Opening it again is no news; the next news is another conversation.
    create(&bench, &ana, &direct(&ben)).await.expect(200);
    create(&bench, &ana, &json!({ "type": "group", "participantIds": [ben.id] })).await.expect(201);
    assert_eq!(of_ben.expect("conversation:new").await["conversation"]["type"], "group");
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let before = bench.items().await;
    let body = json!({
        "type": "crowd", "participantIds": ["somebody"], "name": "", "description": "x".repeat(501),
        "avatarUrl": "javascript:alert(1)", "isPrivate": "yes", "password": "short", "maxMembers": 1,
        "sourceLanguage": "xx", "targetLanguage": 5, "tokenSpendingMode": "nobody",
    });
    let details = create(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR");
    let names = [
        "avatarUrl",
        "description",
        "isPrivate",
        "maxMembers",
        "name",
        "participantIds",
        "password",
        "sourceLanguage",
        "targetLanguage",
        "tokenSpendingMode",
        "type",
    ];
    assert_eq!(fields(&details), names);
    let details = create(&bench, &ana, &json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["participantIds", "type"]);
    for ids in [json!([]), json!([ana.id]), json!("user"), json!([1])] {
        let body = json!({ "type": "direct", "participantIds": ids });
        create(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR");
    }
    assert_eq!(bench.items().await, before, "a refused conversation writes nothing");
}

#[tokio::test]
async fn a_direct_conversation_is_of_two_and_a_group_no_larger_than_allowed() {
    let bench = Bench::with(&[("GroupMaxMembers", "2")]).await;
    let (ana, ben, cem) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("cem", "tr").await);
    let body = json!({ "type": "direct", "participantIds": [ben.id, cem.id] });
    create(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR");
    let body = json!({ "type": "group", "participantIds": [ben.id, cem.id] });
    let details = create(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["participantIds"]);
}

#[tokio::test]
async fn an_unknown_invitee_is_not_found_and_nothing_is_made() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let nobody = "user_00000000-0000-4000-8000-000000000000";
    for body in [
        json!({ "type": "direct", "participantIds": [nobody] }),
        json!({ "type": "group", "participantIds": [ben.id, nobody] }),
    ] {
        create(&bench, &ana, &body).await.refused(404, "NOT_FOUND");
    }
    assert!(store::members::of_user(&bench.table(), &ana.actor.user).await.unwrap().is_empty());
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-create").await;
    let call = post("/api/conversations", &json!({}));
    call.to(&services, functions::conversations::create::handle).await.refused(401, "UNAUTHORIZED");
}
