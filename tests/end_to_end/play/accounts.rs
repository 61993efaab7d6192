//! Accounts: making one, the ways in by password, and the ways out.

use serde_json::{Value, json};
use testkit::{Person, TestStack};

pub(super) async fn play(stack: &TestStack) {
    registering_and_signing_in(stack).await;
    older_clients_register_by_name(stack).await;
    a_ticket_opens_one_socket(stack).await;
    a_refresh_token_in_two_hands(stack).await;
    signing_out_here_and_everywhere(stack).await;
    ending_a_lost_phones_session(stack).await;
    another_password(stack).await;
}

async fn registering_and_signing_in(stack: &TestStack) {
    let anybody = stack.anonymous();
    let ana = stack.register("ana", "es").await;
    for (email, exists) in [(ana.email.as_str(), true), ("nobody@example.com", false)] {
        let answer = anybody.post("/api/auth/check-email", &json!({ "email": email }), 200).await;
        assert_eq!(answer["exists"], exists, "{answer:#}");
    }
    let again = json!({ "email": ana.email, "username": "somebody_else", "password": "four random words" });
    assert_eq!(anybody.post("/api/auth/register", &again, 400).await["code"], "EMAIL_EXISTS");
    let again = json!({ "email": "else@example.com", "username": ana.username, "password": "four random words" });
    assert_eq!(anybody.post("/api/auth/register", &again, 400).await["code"], "USERNAME_EXISTS");

    for name in [&ana.email, &ana.username] {
        let body = json!({ "email": name, "password": ana.password, "rememberMe": true });
        let signed_in = anybody.post("/api/auth/login", &body, 200).await;
        assert_eq!(signed_in["user"]["id"], json!(ana.id));
        let wrong = json!({ "email": name, "password": "three random words" });
        assert_eq!(anybody.post("/api/auth/login", &wrong, 401).await["code"], "INVALID_CREDENTIALS");
    }
    let me = ana.get("/api/auth/me", 200).await;
    assert_eq!((&me["user"]["email"], &me["user"]["preferredLanguage"]), (&json!(ana.email), &json!("es")));
    assert_eq!(anybody.get("/api/auth/me", 401).await["code"], "UNAUTHORIZED");
    assert_eq!(anybody.get("/api/no/such/route", 404).await["code"], "NOT_FOUND");
}

async fn older_clients_register_by_name(stack: &TestStack) {
    let body = json!({ "email": "john.doe@example.com", "password": "securePassword123", "name": "John Doe" });
    let answer = stack.anonymous().post("/api/auth/register", &body, 201).await;
    assert_eq!((&answer["user"]["name"], &answer["user"]["avatarUrl"]), (&json!("John Doe"), &Value::Null));
    let username = answer["user"]["username"].as_str().unwrap();
    assert!(username.starts_with("john"), "{username}");
}

async fn a_ticket_opens_one_socket(stack: &TestStack) {
    let ana = stack.register("ana", "es").await;
    let answer = ana.post("/api/auth/ws-ticket", &json!({}), 201).await;
    let address = format!("/?ticket={}", answer["ticket"].as_str().unwrap());
    let mut socket = stack.anonymous().open(&address).await;
    socket.send("ping", &json!({})).await;
    socket.expect("pong").await;
    assert_eq!(stack.anonymous().try_open(&address).await.err(), Some(401), "it is good once");
}

/// Sees that a session has ended in every way: its access token, its refresh token, its socket.
async fn has_ended(session: &Person) {
    assert_eq!(session.get("/api/auth/me", 401).await["code"], "UNAUTHORIZED");
    let renewed = json!({ "refreshToken": session.refresh_token });
    assert_eq!(session.post("/api/auth/refresh", &renewed, 401).await["code"], "UNAUTHORIZED");
    assert_eq!(session.try_open("/").await.err(), Some(401));
}

async fn a_refresh_token_in_two_hands(stack: &TestStack) {
    let ana = stack.register("ana", "es").await;
    let elsewhere = ana.on_another_device().await;
    let (socket, mut other) = (ana.connect().await, elsewhere.connect().await);
    ana.post("/api/devices/register", &json!({ "token": "fcm:ana-1", "platform": "android" }), 200).await;
    let stolen = json!({ "refreshToken": ana.refresh_token });
    let mut latest = stolen.clone();
    for _ in 0..2 {
        let tokens = ana.post("/api/auth/refresh", &latest, 200).await;
        ana.with_token(tokens["accessToken"].as_str().unwrap()).get("/api/auth/me", 200).await;
        assert_ne!(tokens["refreshToken"], latest["refreshToken"], "each works once");
        latest = json!({ "refreshToken": tokens["refreshToken"] });
    }
    assert_eq!(stack.anonymous().post("/api/auth/refresh", &stolen, 401).await["code"], "UNAUTHORIZED");
    socket.expect_close().await;
    has_ended(&ana).await;
    ana.post("/api/auth/refresh", &latest, 401).await;
    other.send("ping", &json!({})).await;
    other.expect("pong").await;
}

async fn signing_out_here_and_everywhere(stack: &TestStack) {
    let phone = stack.register("ana", "es").await;
    let (laptop, tablet) = (phone.on_another_device().await, phone.on_another_device().await);
    let (mut at_phone, at_laptop, at_tablet) = tokio::join!(phone.connect(), laptop.connect(), tablet.connect());
    laptop.post("/api/devices/register", &json!({ "token": "fcm:ana-2", "platform": "android" }), 200).await;
    laptop.post("/api/auth/logout", &json!({}), 200).await;
    at_laptop.expect_close().await;
    has_ended(&laptop).await;
    at_phone.send("ping", &json!({})).await;
    at_phone.expect("pong").await;

    phone.post("/api/auth/logout", &json!({ "allSessions": true }), 200).await;
    at_phone.expect_close().await;
    at_tablet.expect_close().await;
    has_ended(&phone).await;
    has_ended(&tablet).await;
    phone.on_another_device().await.get("/api/auth/me", 200).await;
}

async fn ending_a_lost_phones_session(stack: &TestStack) {
    let laptop = stack.register("ana", "es").await;
    let lost = laptop.on_another_device().await;
    let at_lost = lost.connect().await;
    lost.post("/api/devices/register", &json!({ "token": "fcm:ana-3", "platform": "ios" }), 200).await;
    let sessions = laptop.get("/api/auth/sessions", 200).await["sessions"].clone();
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2, "{sessions:#?}");
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/api/auth/sessions/{}", other["id"].as_str().unwrap());
    laptop.delete(&path, 200).await;
    at_lost.expect_close().await;
    has_ended(&lost).await;
    assert_eq!(laptop.delete(&path, 404).await["code"], "NOT_FOUND");
    let sessions = laptop.get("/api/auth/sessions", 200).await["sessions"].clone();
    assert_eq!((sessions.as_array().unwrap().len(), &sessions[0]["current"]), (1, &json!(true)));
}

async fn another_password(stack: &TestStack) {
    let laptop = stack.register("ana", "es").await;
    let phone = laptop.on_another_device().await;
    let at_phone = phone.connect().await;
    phone.post("/api/devices/register", &json!({ "token": "fcm:ana-4", "platform": "ios" }), 200).await;
    let wrong = json!({ "oldPassword": "not this one", "newPassword": "five quite random new words" });
    assert_eq!(laptop.post("/api/auth/change-password", &wrong, 401).await["code"], "INVALID_CREDENTIALS");
    let change = json!({ "oldPassword": laptop.password, "newPassword": "five quite random new words" });
    laptop.post("/api/auth/change-password", &change, 200).await;
    at_phone.expect_close().await;
    has_ended(&phone).await;
    laptop.get("/api/auth/me", 200).await;
    let old = json!({ "email": laptop.email, "password": laptop.password });
    stack.anonymous().post("/api/auth/login", &old, 401).await;
    let new = json!({ "email": laptop.email, "password": "five quite random new words" });
    stack.anonymous().post("/api/auth/login", &new, 200).await;
}
