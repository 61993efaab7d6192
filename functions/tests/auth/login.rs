use serde_json::{Value, json};

use crate::support::{Answer, Bench, PASSWORD, fields, post};

async fn login(bench: &Bench, body: &Value) -> Answer {
    let services = bench.of("auth-login").await;
    bench.start_counting();
    post("/api/auth/login", body).to(&services, functions::auth::login::handle).await
}

#[tokio::test]
async fn signs_in_by_address_in_any_case_and_by_username() {
    let bench = Bench::start().await;
    let ana = bench.person("ana_maria", "es").await;
    let body = login(&bench, &json!({ "email": ana.email, "password": PASSWORD })).await.expect(200);
    assert_eq!(bench.used(), "GetItem 3, PutItem 1, UpdateItem 3");
    assert_eq!(fields(&body), ["accessToken", "expiresIn", "refreshToken", "user"]);
    assert_eq!(body["user"]["id"], json!(ana.id));
    for name in [ana.email.to_uppercase(), "ANA_maria".to_owned()] {
        let body = login(&bench, &json!({ "email": name, "password": PASSWORD })).await.expect(200);
        assert_eq!(body["user"]["id"], json!(ana.id));
    }
}

#[tokio::test]
async fn each_sign_in_is_a_session_of_its_own() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = json!({ "email": ana.email, "password": PASSWORD, "rememberMe": true });
    let (one, other) = (login(&bench, &body).await.expect(200), login(&bench, &body).await.expect(200));
    assert_ne!(one["refreshToken"], other["refreshToken"]);
    let guard: edge::Guard = bench.of("auth-me").await;
    let session = |body: &Value| {
        let token = body["accessToken"].as_str().unwrap();
        guard.verifier.verify(token, crate::support::now()).unwrap().session
    };
    assert_ne!(session(&one), session(&other));
}

#[tokio::test]
async fn unknown_accounts_and_wrong_passwords_get_the_same_answer() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let wrong = login(&bench, &json!({ "email": ana.email, "password": "wrong horse battery" })).await;
    let unknown = login(&bench, &json!({ "email": "nobody@example.com", "password": PASSWORD })).await;
    assert_eq!(wrong.body, unknown.body);
    wrong.refused(401, "INVALID_CREDENTIALS");
    unknown.refused(401, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let details = login(&bench, &json!({ "email": 7 })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["email", "password"]);
    let body = json!({ "email": "a b", "password": "", "rememberMe": "yes" });
    let details = login(&bench, &body).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["email", "password", "rememberMe"]);
    let body = json!({ "email": "a@example.com", "password": "x".repeat(257) });
    login(&bench, &body).await.refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn b4_guessing_is_limited_per_account_from_any_address() {
    let bench = Bench::with(&[("SignInPerMinute", "3")]).await;
    // Registering was the first try at this account.
    let ana = bench.person("ana", "es").await;
    let services = bench.of("auth-login").await;
    let mut last = None;
    for address in ["198.51.100.1", "198.51.100.2", "198.51.100.3"] {
        let body = json!({ "email": ana.email, "password": "wrong horse battery" });
        let call = post("/api/auth/login", &body).from(address);
        last = Some(call.to(&services, functions::auth::login::handle).await);
    }
    let last = last.unwrap();
    assert_eq!(last.header("x-ratelimit-remaining"), Some("0"));
    last.refused(429, "RATE_LIMITED");
}
