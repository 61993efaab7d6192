use serde_json::json;

use crate::support::{Bench, fields, get, text};

#[tokio::test]
async fn shows_what_each_participant_is_and_whether_they_are_there() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let _of_ben = bench.phone(&ben).await;
    let body = bench.details(&ana, &id).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 2, Query 2, UpdateItem 1");
    assert_eq!(fields(&body), ["conversation", "participantsCursor"]);
    let seen = &body["conversation"];
    assert_eq!((&seen["id"], &seen["name"], &seen["participantCount"]), (&json!(id), &json!("Team"), &json!(2)));
    let of = |person: &str| {
        let people = seen["participants"].as_array().unwrap();
        people.iter().find(|it| it["id"] == person).unwrap_or_else(|| panic!("{seen}")).clone()
    };
    let (creator, member) = (of(&ana.id), of(&ben.id));
    let shown = [
        "avatarUrl",
        "displayName",
        "id",
        "isOnline",
        "joinedAt",
        "lastSeen",
        "name",
        "preferredLanguage",
        "presence",
        "role",
        "userId",
        "username",
    ];
    assert_eq!(fields(&member), shown, "D4: never an address");
    assert_eq!((&creator["role"], &creator["presence"]), (&json!("admin"), &json!("offline")));
    assert_eq!(
        (&member["role"], &member["presence"], &member["isOnline"]),
        (&json!("member"), &json!("online"), &json!(true))
    );
    assert_eq!(member["joinedAt"], seen["createdAt"]);
}

#[tokio::test]
async fn d5_a_direct_conversation_has_no_roles() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let roles = bench.roles(&ben, &id).await;
    assert_eq!(roles.iter().map(|(_, role)| role.as_str()).collect::<Vec<_>>(), ["member", "member"]);
    let body = json!({ "role": "admin" });
    bench.role(&ana, &id, &ben.id, &body).await.refused(409, "CONFLICT");
    bench.role(&ana, &id, &ana.id, &body).await.refused(409, "CONFLICT");
    let cem = bench.person("cem", "tr").await;
    bench.add(&ana, &id, &[&cem]).await.refused(409, "CONFLICT");
    bench.remove(&ana, &id, &ben.id).await.refused(409, "CONFLICT");
    bench.leave(&ana, &id).await.refused(409, "CONFLICT");
    bench.update(&ana, &id, &json!({ "name": "Us" })).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn of_a_large_group_it_gives_a_hundred_at_a_time() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let ben = bench.person("ben", "en").await;
    let id = bench.group(&ana, &[&ben]).await;
    let conversation = domain::ConversationId::parse(&id).unwrap();
    let member = |number: u128| domain::UserId::new(uuid::Uuid::from_u128(0x4000_8000_0000_0000_0000 + number));
    for chunk in (0..100).collect::<Vec<u128>>().chunks(50) {
        let role = domain::conversation::Role::Member;
        let place = |number: &u128| {
            store::members::MemberRecord::new(&conversation, &member(*number), role, 0, crate::support::now())
        };
        let places: Vec<_> = chunk.iter().map(place).collect();
        let added = store::places::add(&bench.table(), &conversation, &places, 1000, crate::support::now()).await;
        assert_eq!(added.unwrap(), store::places::Changed::Done);
    }
    let services = bench.of("conversations-get").await;
    let page = async |query: &str| {
        let call = get(&format!("/api/conversations/{id}{query}")).path("conversationId", &id).bearer(&ana.token);
        call.to(&services, functions::conversations::get::handle).await
    };
    let first = page("").await.expect(200);
    let cursor = text(&first["participantsCursor"]);
    let second = page(&format!("?participantsCursor={cursor}")).await.expect(200);
    let count = |body: &serde_json::Value| body["conversation"]["participants"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second)), (100, 2));
    assert_eq!(second["participantsCursor"], json!(null));
    let details = page("?participantsCursor=forged").await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["participantsCursor"]);
}

#[tokio::test]
async fn d2_who_is_not_in_it_learns_nothing() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben]).await;
    let nowhere = "conv_00000000-0000-4000-8000-000000000000";
    let refused = bench.details(&cem, &id).await;
    assert_eq!(refused.body, bench.details(&cem, nowhere).await.body);
    refused.refused(404, "NOT_FOUND");
    bench.details(&cem, "x#y").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-get").await;
    let call = get("/api/conversations/x");
    call.to(&services, functions::conversations::get::handle).await.refused(401, "UNAUTHORIZED");
}
