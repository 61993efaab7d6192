use app::delivery::Push;
use app::erasure::Eraser;
use app::tokens::Actor;
use edge::{Guard, SignInGuard};
use serde_json::{Value, json};

use crate::support::{Answer, Bench, Elsewhere, PASSWORD, Person, call, get, now, post, text};

pub async fn delete(bench: &Bench, person: &Person, body: Option<&Value>) -> Answer {
    let services = bench.of("users-delete").await;
    bench.start_counting();
    let call = call("DELETE", "/api/users/me", body).bearer(&person.token);
    call.to(&services, functions::users::delete::handle).await
}

/// Deletes the account of somebody who knows the password.
pub async fn gone(bench: &Bench, person: &Person) {
    delete(bench, person, Some(&json!({ "password": PASSWORD }))).await.expect(200);
}

async fn refresh(bench: &Bench, token: &str) -> Answer {
    let services = bench.of("auth-refresh").await;
    let call = post("/api/auth/refresh", &json!({ "refreshToken": token }));
    call.to(&services, functions::auth::refresh::handle).await
}

#[tokio::test]
async fn b8_the_account_stops_working_at_once() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let tablet = bench.sign_in_again(&pair.ana).await;
    let body = json!({ "password": PASSWORD });
    let answer = delete(&bench, &pair.ana, Some(&body)).await;
    assert_eq!(bench.used(), "BatchGetItem 1, DeleteItem 4, GetItem 1, Query 1, TransactWriteItems 1, UpdateItem 2");
    assert_eq!(answer.expect(200), json!({ "success": true }));
    pair.of_ana.expect_close().await;
    for person in [&pair.ana, &tablet] {
        assert_eq!(bench.status_of(person).await, 401, "its access tokens are void");
        refresh(&bench, &person.refresh_token).await.refused(401, "UNAUTHORIZED");
    }
    let services = bench.of("auth-login").await;
    let sign_in = json!({ "email": pair.ana.email, "password": PASSWORD });
    let answer = post("/api/auth/login", &sign_in).to(&services, functions::auth::login::handle).await;
    answer.refused(401, "INVALID_CREDENTIALS");
    delete(&bench, &pair.ana, Some(&body)).await.refused(401, "UNAUTHORIZED");

    let services = bench.of("users-get").await;
    let call = get(&format!("/api/users/{}", pair.ana.id)).path("userId", &pair.ana.id).bearer(&pair.ben.token);
    call.to(&services, functions::users::get::handle).await.refused(404, "NOT_FOUND");
    let services = bench.of("users-search").await;
    let call = get("/api/users/search?q=ana").bearer(&pair.ben.token);
    assert_eq!(call.to(&services, functions::users::search::handle).await.expect(200)["users"], json!([]));
}

#[tokio::test]
async fn j2_who_comes_with_the_same_address_and_name_inherits_nothing() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    bench.say(&pair.of_ana, &pair.id, "a secret").await;
    gone(&bench, &pair.ana).await;
    let other = bench.person("ana", "fr").await;
    assert_eq!(other.email, pair.ana.email);
    assert_ne!(other.id, pair.ana.id);
    assert_eq!(bench.status_of(&pair.ana).await, 401, "the old tokens stay void");
    let services = bench.of("conversations-list").await;
    let call = get("/api/conversations").bearer(&other.token);
    let list = call.to(&services, functions::conversations::list::handle).await.expect(200);
    assert_eq!(list["conversations"], json!([]));
}

#[tokio::test]
async fn it_takes_the_password() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    delete(&bench, &ana, None).await.refused(400, "VALIDATION_ERROR");
    for (body, status, code) in [
        (json!({}), 400, "VALIDATION_ERROR"),
        (json!({ "password": 7 }), 400, "VALIDATION_ERROR"),
        (json!({ "password": "" }), 400, "VALIDATION_ERROR"),
        (json!({ "password": "another horse" }), 401, "INVALID_CREDENTIALS"),
    ] {
        delete(&bench, &ana, Some(&body)).await.refused(status, code);
    }
    assert_eq!(bench.status_of(&ana).await, 200, "nothing has happened");
}

#[tokio::test]
async fn guessing_the_password_is_limited() {
    let bench = Bench::with(&[("SignInPerMinute", "3")]).await;
    let ana = bench.person("ana", "es").await;
    // A minute may end among the tries.
    let mut limited = false;
    for _ in 0..8 {
        let answer = delete(&bench, &ana, Some(&json!({ "password": "another horse" }))).await;
        limited = limited || answer.status == 429;
    }
    assert!(limited);
}

/// Signs somebody in through Google: id, access token, and who that is.
async fn arrive(place: &Elsewhere) -> (String, String, Actor) {
    let body = place.with_google(&place.claims("g-7", "zoe@gmail.com")).await.expect(200);
    let token = text(&body["accessToken"]);
    let guard: Guard = place.bench.of("auth-me").await;
    let actor = guard.verifier.verify(&token, now()).unwrap();
    (text(&body["user"]["id"]), token, actor)
}

#[tokio::test]
async fn who_signs_in_elsewhere_needs_to_have_done_so_a_moment_ago() {
    let place = Elsewhere::start().await;
    let (id, token, actor) = arrive(&place).await;
    let services: (Guard, SignInGuard, Push, Eraser) = place.bench.of("users-delete").await;
    let later = now().plus(std::time::Duration::from_mins(11));
    let (guard, _, push, eraser) = &services;
    let refused = app::erasure::delete(&guard.table, push, eraser, &actor, None, later).await;
    assert!(matches!(refused, Err(app::Error::Forbidden(_))), "{refused:?}");
    let ask = async |body: Option<&Value>| {
        let call = call("DELETE", "/api/users/me", body).bearer(&token);
        call.to(&services, functions::users::delete::handle).await
    };
    ask(Some(&json!({ "password": "no password" }))).await.refused(401, "INVALID_CREDENTIALS");
    ask(None).await.expect(200);
    assert_ne!(arrive(&place).await.0, id, "the identity is free, and opens another account");
}
