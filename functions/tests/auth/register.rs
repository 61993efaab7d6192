use domain::person::Email;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, fields, post};

async fn register(bench: &Bench, body: &Value) -> Answer {
    let services = bench.of("auth-register").await;
    bench.start_counting();
    post("/api/auth/register", body).to(&services, functions::auth::register::handle).await
}

fn ana() -> Value {
    json!({
        "email": "Ana@Example.com",
        "password": "securePassword123",
        "username": "ana_maria",
        "preferredLanguage": "es",
        "preferredCountry": "mx",
    })
}

#[tokio::test]
async fn makes_an_account_and_signs_in() {
    let bench = Bench::start().await;
    let body = register(&bench, &ana()).await.expect(201);
    assert_eq!(bench.used(), "TransactWriteItems 1, UpdateItem 2");

    assert_eq!(fields(&body), ["accessToken", "expiresIn", "refreshToken", "user"]);
    let user = &body["user"];
    assert!(user["id"].as_str().unwrap().starts_with("user_"));
    assert_eq!(user["email"], "Ana@Example.com");
    assert_eq!(user["username"], "ana_maria");
    assert_eq!(user["displayName"], "ana_maria");
    assert_eq!(user["name"], "ana_maria");
    assert_eq!(user["preferredLanguage"], "es");
    assert_eq!(user["preferredCountry"], "MX");
    assert_eq!(user["avatarUrl"], Value::Null);
    let created = user["createdAt"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.len() == "2024-12-08T00:00:00.000Z".len(), "{created}");
    assert_eq!(body["expiresIn"], 3600);
    let guard: edge::Guard = bench.of("auth-me").await;
    let actor = guard.verifier.verify(body["accessToken"].as_str().unwrap(), crate::support::now()).unwrap();
    assert_eq!(actor.user.to_string(), user["id"].as_str().unwrap());
}

#[tokio::test]
async fn language_and_country_have_defaults() {
    let bench = Bench::start().await;
    let body = json!({ "email": "ben@example.com", "password": "securePassword123", "username": "ben" });
    let user = register(&bench, &body).await.expect(201)["user"].clone();
    assert_eq!((&user["preferredLanguage"], &user["preferredCountry"]), (&json!("en"), &json!("US")));
}

#[tokio::test]
async fn an_older_clients_name_makes_a_username() {
    let bench = Bench::start().await;
    for (email, expected) in [("john@example.com", "johndoe"), ("other@example.com", "johndoe")] {
        let body = json!({ "email": email, "password": "securePassword123", "name": "John Doe" });
        let user = register(&bench, &body).await.expect(201)["user"].clone();
        assert_eq!(user["displayName"], "John Doe");
        assert!(user["username"].as_str().unwrap().starts_with(expected), "{user}");
    }
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let before = bench.items().await;
    let body = json!({
        "email": "not an address", "password": "short", "username": "x", "preferredLanguage": "klingon",
        "preferredCountry": "Mexico", "displayName": 7,
    });
    let details = register(&bench, &body).await.refused(400, "VALIDATION_ERROR");
    let names = ["displayName", "email", "password", "preferredCountry", "preferredLanguage", "username"];
    assert_eq!(fields(&details), names);
    let details = register(&bench, &json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["email", "password", "username"]);
    assert_eq!(bench.items().await, before, "a refused registration writes nothing");
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    let bench = Bench::start().await;
    let services = bench.of("auth-register").await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in ["", "{", "[]", "\"text\"", "null", "{\"email\": \"\u{0}\"", &deep] {
        let call = crate::support::post_text("/api/auth/register", body);
        let details = call.to(&services, functions::auth::register::handle).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["body"], "{body:.40}");
    }
    let call = crate::support::post_text("/api/auth/register", "").base64("%%%");
    let details = call.to(&services, functions::auth::register::handle).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["body"]);
}

#[tokio::test]
async fn a_body_that_no_registration_needs_is_too_large() {
    let bench = Bench::start().await;
    let mut body = ana();
    body["bio"] = json!("x".repeat(300 * 1024));
    register(&bench, &body).await.refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn an_address_and_a_name_are_taken_once_whatever_their_case() {
    let bench = Bench::start().await;
    register(&bench, &ana()).await.expect(201);
    let mut same_email = ana();
    same_email["email"] = json!("ANA@example.com");
    same_email["username"] = json!("somebody");
    register(&bench, &same_email).await.refused(400, "EMAIL_EXISTS");
    let mut same_name = ana();
    same_name["email"] = json!("other@example.com");
    same_name["username"] = json!("ANA_Maria");
    register(&bench, &same_name).await.refused(400, "USERNAME_EXISTS");
}

#[tokio::test]
async fn k4_of_many_registrations_at_once_one_wins() {
    let bench = Bench::start().await;
    let spellings = ["k4@example.com", "K4@example.com", "k4@EXAMPLE.com", "K4@EXAMPLE.COM", " k4@example.com "];
    let tries = spellings.iter().enumerate().map(|(place, email)| {
        let body = json!({ "email": email, "password": "securePassword123", "username": format!("k4-{place}") });
        let bench = &bench;
        async move { register(bench, &body).await }
    });
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().filter(|answer| answer.status != 201).all(|answer| answer.body["code"] == "EMAIL_EXISTS"));
    let account = store::users::by_email(&bench.table(), &Email::parse("k4@example.com").unwrap()).await.unwrap();
    assert!(account.is_some());
}

#[tokio::test]
async fn b2_common_passwords_are_refused() {
    let bench = Bench::start().await;
    let mut body = ana();
    for password in ["password", "12345678", "qwerty123", "iloveyou"] {
        body["password"] = json!(password);
        let details = register(&bench, &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["password"], "{password}");
    }
}

#[tokio::test]
async fn b4_e5_tries_are_limited_by_address_and_by_account() {
    let bench = Bench::with(&[("SignInPerMinute", "3")]).await;
    let services = bench.of("auth-register").await;
    let try_from = async |address: &str, email: &str| {
        let body = json!({ "email": email, "password": "securePassword123", "username": "somebody" });
        post("/api/auth/register", &body).from(address).to(&services, functions::auth::register::handle).await
    };
    for left in ["2", "1", "0"] {
        let answer = try_from("198.51.100.1", "one@example.com").await;
        assert_eq!(answer.header("x-ratelimit-limit"), Some("3"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(left));
    }
    let answer = try_from("198.51.100.1", "two@example.com").await;
    let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert!(answer.header("x-ratelimit-reset").is_some());
    answer.refused(429, "RATE_LIMITED");
    // The same account from elsewhere has had its tries; another account there has not.
    try_from("198.51.100.2", "ONE@example.com").await.refused(429, "RATE_LIMITED");
    assert_ne!(try_from("198.51.100.3", "three@example.com").await.status, 429);
}

#[tokio::test]
async fn d3_fields_that_are_not_the_clients_change_nothing() {
    let bench = Bench::start().await;
    let mut body = ana();
    for (name, value) in [("id", json!("user_x")), ("role", json!("admin")), ("createdAt", json!("1999-01-01"))] {
        body[name] = value;
    }
    let user = register(&bench, &body).await.expect(201)["user"].clone();
    assert_ne!(user["id"], "user_x");
    assert!(!user["createdAt"].as_str().unwrap().starts_with("1999"));
    assert!(user.get("role").is_none());
}
