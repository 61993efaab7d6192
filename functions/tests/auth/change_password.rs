use app::delivery::Push;
use edge::{Guard, SignInGuard};
use serde_json::{Value, json};
use store::Table;

use crate::support::{Answer, Bench, PASSWORD, Person, fields, post};

const NEW: &str = "another horse altogether";

async fn change(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services: (Guard, SignInGuard, Table, Push) = bench.of("auth-change-password").await;
    bench.start_counting();
    let call = post("/api/auth/change-password", body).bearer(&person.token);
    call.to(&services, functions::auth::change_password::handle).await
}

async fn sign_in(bench: &Bench, person: &Person, password: &str) -> i64 {
    let services = bench.of("auth-login").await;
    let body = json!({ "email": person.email, "password": password });
    post("/api/auth/login", &body).to(&services, functions::auth::login::handle).await.status
}

#[tokio::test]
async fn b8_another_password_ends_the_other_sessions_and_keeps_the_callers() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let elsewhere = bench.sign_in_again(&ana).await;
    let (phone, other_phone) = (bench.phone(&ana).await, bench.phone(&elsewhere).await);
    let body = json!({ "oldPassword": PASSWORD, "newPassword": NEW });
    assert_eq!(change(&bench, &ana, &body).await.expect(200), json!({ "success": true }));
    assert_eq!(bench.used(), "BatchGetItem 1, DeleteItem 1, GetItem 1, Query 2, UpdateItem 5");
    other_phone.expect_close().await;
    assert_eq!(bench.connections(&ana).await, [phone.connection.as_str()]);
    assert_eq!((bench.status_of(&ana).await, bench.status_of(&elsewhere).await), (200, 401));
    assert_eq!((sign_in(&bench, &ana, PASSWORD).await, sign_in(&bench, &ana, NEW).await), (401, 200));
}

#[tokio::test]
async fn b9_it_takes_the_old_one() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let elsewhere = bench.sign_in_again(&ana).await;
    let body = json!({ "oldPassword": "wrong horse battery", "newPassword": NEW });
    change(&bench, &ana, &body).await.refused(401, "INVALID_CREDENTIALS");
    assert_eq!(bench.status_of(&elsewhere).await, 200);
    assert_eq!((sign_in(&bench, &ana, PASSWORD).await, sign_in(&bench, &ana, NEW).await), (200, 401));
    let nobody = Person { token: String::new(), ..ana.clone() };
    change(&bench, &nobody, &body).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn b9_guessing_the_old_one_with_a_token_is_limited_and_keeps_nobody_out() {
    let bench = Bench::with(&[("SignInPerMinute", "3")]).await;
    let ana = bench.person("ana", "es").await;
    let body = json!({ "oldPassword": "wrong horse battery", "newPassword": NEW });
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(change(&bench, &ana, &body).await.status);
    }
    // The windows are minutes: at most one of them ends within this.
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(sign_in(&bench, &ana, PASSWORD).await, 200, "apart from tries to sign in");
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for body in [json!({}), json!({ "oldPassword": "", "newPassword": "short" })] {
        let details = change(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["newPassword", "oldPassword"]);
    }
    let common = json!({ "oldPassword": PASSWORD, "newPassword": "password" });
    let details = change(&bench, &ana, &common).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["newPassword"]);
}
