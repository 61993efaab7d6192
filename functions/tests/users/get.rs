use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, fields, get};

async fn look(bench: &Bench, person: &Person, user: &str) -> Answer {
    let services = bench.of("users-get").await;
    bench.start_counting();
    let call = get(&format!("/api/users/{user}")).path("userId", user).bearer(&person.token);
    call.to(&services, functions::users::get::handle).await
}

#[tokio::test]
async fn d4_shows_what_is_public_and_nothing_else() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let body = look(&bench, &ben, &ana.id).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 2, UpdateItem 1");
    let shown = [
        "avatarUrl",
        "bio",
        "createdAt",
        "displayName",
        "id",
        "isOnline",
        "lastSeen",
        "name",
        "preferredLanguage",
        "username",
    ];
    assert_eq!(fields(&body["user"]), shown);
    assert!(!body.to_string().contains('@'));
    assert_eq!((&body["user"]["isOnline"], &body["user"]["lastSeen"]), (&json!(false), &Value::Null));
}

/// Whether somebody sees that another one is there, and since when.
async fn sees(bench: &Bench, person: &Person, other: &Person) -> bool {
    let user = look(bench, person, &other.id).await.expect(200)["user"].clone();
    assert_eq!(user["isOnline"] == true, user["lastSeen"].is_string(), "{user}");
    user["isOnline"] == true
}

#[tokio::test]
async fn d4_who_is_there_is_shown_to_friends_and_fellow_members_and_never_to_strangers() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let (stranger, friend) = (bench.person("ben", "en").await, bench.person("cem", "tr").await);
    let (fellow, partner) = (bench.person("dia", "pt").await, bench.person("eva", "de").await);
    let _phone = bench.phone(&ana).await;
    assert!(!sees(&bench, &stranger, &ana).await, "nobody's friend, in no conversation");
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 2, Query 1, UpdateItem 1");
    bench.group(&fellow, &[&stranger]).await;
    assert!(!sees(&bench, &stranger, &ana).await, "in a conversation without her");
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 2, Query 2, UpdateItem 1");
    bench.befriend(&friend, &ana).await.expect(201);
    assert!(!sees(&bench, &friend, &ana).await, "who has asked is no friend yet");
    bench.answer_friend("friends-accept", &ana, &friend.id).await.expect(200);
    assert!(sees(&bench, &friend, &ana).await);
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 2, UpdateItem 1", "a friend costs nothing more");
    let group = bench.group(&ana, &[&fellow]).await;
    bench.direct(&partner, &ana).await;
    assert!(sees(&bench, &fellow, &ana).await && sees(&bench, &partner, &ana).await);
    assert!(sees(&bench, &ana, &ana).await, "oneself");
    bench.remove(&ana, &group, &fellow.id).await.expect(200);
    assert!(!sees(&bench, &fellow, &ana).await, "who is in it no more");
    bench.answer_friend("friends-remove", &friend, &ana.id).await.expect(200);
    assert!(!sees(&bench, &friend, &ana).await, "nor who is a friend no more");
}

#[tokio::test]
async fn d7_between_the_blocked_neither_sees_whether_the_other_is_there() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.group(&ana, &[&ben]).await;
    let (_of_ana, _of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    assert!(sees(&bench, &ana, &ben).await && sees(&bench, &ben, &ana).await);
    bench.note_block(&ana, &ben).await;
    assert!(!sees(&bench, &ana, &ben).await, "who blocks");
    look(&bench, &ben, &ana.id).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn d2_what_is_nobody_is_not_found() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for id in ["user_00000000-0000-4000-8000-000000000000", "ana", "user_", "conv_00000000-0000-4000-8000-000000000000"]
    {
        look(&bench, &ana, id).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-get").await;
    let call = get("/api/users/user_00000000-0000-4000-8000-000000000000");
    call.to(&services, functions::users::get::handle).await.refused(401, "UNAUTHORIZED");
}
