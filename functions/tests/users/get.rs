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
    let _phone = bench.phone(&ana).await;
    assert_eq!(look(&bench, &ben, &ana.id).await.expect(200)["user"]["isOnline"], true);
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
