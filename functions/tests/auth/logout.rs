use app::delivery::Push;
use edge::Guard;
use serde_json::{Value, json};
use store::Table;

use crate::support::{Answer, Bench, Person, call, fields, post};

async fn logout(bench: &Bench, person: &Person, body: Option<&Value>) -> Answer {
    let services: (Guard, Table, Push) = bench.of("auth-logout").await;
    bench.start_counting();
    let call = call("POST", "/api/auth/logout", body).bearer(&person.token);
    call.to(&services, functions::auth::logout::handle).await
}

async fn can_refresh(bench: &Bench, person: &Person) -> bool {
    let services = bench.of("auth-refresh").await;
    let body = json!({ "refreshToken": person.refresh_token });
    post("/api/auth/refresh", &body).to(&services, functions::auth::refresh::handle).await.status == 200
}

#[tokio::test]
async fn b8_ends_the_session_its_tokens_and_its_sockets_and_no_other() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let elsewhere = bench.sign_in_again(&ana).await;
    let (phone, other_phone) = (bench.phone(&ana).await, bench.phone(&elsewhere).await);
    let body = logout(&bench, &ana, None).await.expect(200);
    assert_eq!(body, json!({ "success": true }));
    assert_eq!(bench.used(), "BatchGetItem 1, DeleteItem 1, Query 1, UpdateItem 3");
    phone.expect_close().await;
    assert_eq!(bench.connections(&ana).await, [other_phone.connection.as_str()]);
    assert_eq!(bench.status_of(&ana).await, 401);
    assert!(!can_refresh(&bench, &ana).await);
    assert_eq!(bench.status_of(&elsewhere).await, 200);
    assert!(can_refresh(&bench, &elsewhere).await);
    logout(&bench, &ana, None).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn b8_everywhere_ends_all_of_them_and_nobody_elses() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let elsewhere = bench.sign_in_again(&ana).await;
    let (phone, other_phone) = (bench.phone(&ana).await, bench.phone(&elsewhere).await);
    let bens = bench.phone(&ben).await;
    logout(&bench, &ana, Some(&json!({ "allSessions": true }))).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, DeleteItem 2, Query 2, UpdateItem 4");
    phone.expect_close().await;
    other_phone.expect_close().await;
    for person in [&ana, &elsewhere] {
        assert_eq!(bench.status_of(person).await, 401);
        assert!(!can_refresh(&bench, person).await);
    }
    assert_eq!(bench.status_of(&ben).await, 200);
    assert_eq!(bench.connections(&ben).await, [bens.connection.as_str()]);
    // Whoever knows the password signs in again.
    assert_eq!(bench.status_of(&bench.sign_in_again(&ana).await).await, 200);
}

#[tokio::test]
async fn bad_fields_are_told_and_without_a_token_nothing_happens() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let details = logout(&bench, &ana, Some(&json!({ "allSessions": "yes" }))).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["allSessions"]);
    assert_eq!(bench.status_of(&ana).await, 200);
    let services: (Guard, Table, Push) = bench.of("auth-logout").await;
    let answer = call("POST", "/api/auth/logout", None).to(&services, functions::auth::logout::handle).await;
    answer.refused(401, "UNAUTHORIZED");
}

async fn register_device(bench: &Bench, person: &Person, token: &str) {
    let services = bench.of("devices-register").await;
    let body = json!({ "token": token, "platform": "ios" });
    let call = post("/api/devices/register", &body).bearer(&person.token);
    call.to(&services, functions::devices::register::handle).await.expect(200);
}

#[tokio::test]
async fn b8_nothing_is_told_any_more_to_a_phone_that_was_signed_out() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let elsewhere = bench.sign_in_again(&ana).await;
    register_device(&bench, &ana, "phone-of-ana").await;
    register_device(&bench, &elsewhere, "tablet-of-ana").await;
    logout(&bench, &ana, None).await.expect(200);
    let left = store::devices::of_user(&bench.table(), &ana.actor.user).await.unwrap();
    assert_eq!(left.iter().map(|device| device.token.as_str()).collect::<Vec<_>>(), ["tablet-of-ana"]);
}
