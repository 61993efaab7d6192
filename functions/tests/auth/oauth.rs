use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge::{Providers, SignInGuard};
use functions::auth::oauth::Desk;
use serde_json::{Value, json};
use testkit::RsaKey;

use crate::support::{Bench, Elsewhere, PASSWORD, fields, get, now, post, text};

const GMAIL: &str = "ana.maria@gmail.com";

#[tokio::test]
async fn makes_an_account_and_finds_it_again() {
    let place = Elsewhere::start().await;
    let mut claims = place.claims("g-1", GMAIL);
    claims["name"] = json!("Ana María");
    claims["picture"] = json!("https://example.com/ana.png");
    let body = place.with_google(&claims).await.expect(200);
    assert_eq!(place.bench.used(), "GetItem 2, TransactWriteItems 1, UpdateItem 2");
    assert_eq!(fields(&body), ["accessToken", "expiresIn", "refreshToken", "user"]);
    let user = &body["user"];
    assert_eq!((&user["email"], &user["displayName"]), (&json!(GMAIL), &json!("Ana María")));
    assert_eq!((&user["username"], &user["avatarUrl"]), (&json!("anamaría"), &json!("https://example.com/ana.png")));
    let again = place.with_google(&claims).await.expect(200);
    assert_eq!(place.bench.used(), "GetItem 3, PutItem 1, UpdateItem 3");
    assert_eq!(again["user"]["id"], user["id"]);
    assert_ne!(again["refreshToken"], body["refreshToken"]);
}

#[tokio::test]
async fn of_many_first_sign_ins_at_once_one_makes_the_account() {
    let place = Elsewhere::start().await;
    let claims = place.claims("g-1", GMAIL);
    let answers = futures_util::future::join_all((0..4).map(|_| place.with_google(&claims))).await;
    let ids: Vec<Value> = answers.into_iter().map(|answer| answer.expect(200)["user"]["id"].clone()).collect();
    assert!(ids.iter().all(|id| id == &ids[0]), "{ids:?}");
}

#[tokio::test]
async fn apple_tells_the_name_to_the_client_and_writes_true_as_a_string() {
    let place = Elsewhere::start().await;
    let mut claims = place.apple_claims("a-1", "x7@privaterelay.appleid.com");
    claims["email_verified"] = json!("true");
    let body = json!({ "provider": "apple", "idToken": place.apple.token(&claims), "name": "Ana María" });
    let user = place.oauth(&body).await.expect(200)["user"].clone();
    assert_eq!(user["displayName"], "Ana María");
}

#[tokio::test]
async fn a1_a_bare_assertion_signs_nobody_in() {
    let place = Elsewhere::start().await;
    let ana = place.bench.person("ana", "es").await;
    let before = place.bench.items().await;
    let bare = json!({
        "provider": "google", "providerId": "1234567890", "email": ana.email, "name": "Ana",
        "avatarUrl": "https://example.com/a.png",
    });
    place.oauth(&bare).await.refused(401, "UNAUTHORIZED");
    let null = json!({ "provider": "apple", "providerId": "000123.abc.0456", "idToken": null, "email": ana.email });
    place.oauth(&null).await.refused(401, "UNAUTHORIZED");
    assert_eq!(place.bench.items().await, before);
}

#[tokio::test]
async fn a2_an_older_clients_token_in_the_place_of_an_id_is_verified() {
    let place = Elsewhere::start().await;
    let claims = place.claims("g-1", GMAIL);
    let body = json!({ "provider": "google", "providerId": place.google.token(&claims), "email": "other@example.com" });
    let user = place.oauth(&body).await.expect(200)["user"].clone();
    assert_eq!(user["email"], GMAIL, "the token's claims and not the client's");
    let forged = RsaKey::numbered(1).named(&place.google.key().kid).sign(&claims);
    let body = json!({ "provider": "google", "providerId": forged, "email": GMAIL });
    place.oauth(&body).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a2_forged_tokens_are_refused() {
    let place = Elsewhere::start().await;
    let good = place.claims("g-1", GMAIL);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        place.google.token(&claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        place.google.token(&claims)
    };
    let key = place.google.key();
    let signed = place.google.token(&good);
    let parts: Vec<&str> = signed.split('.').collect();
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = encoded(&json!({ "alg": "none", "kid": key.kid }));
    let other_claims = encoded(&place.claims("g-2", GMAIL));
    let shared_secret = testkit::signed_with_secret(&key.kid, key.modulus().as_bytes(), &good);
    let stranger = RsaKey::numbered(1);
    place.apple.use_keys(&[1]);
    let elsewhere = testkit::header_with_jku(&stranger.kid, &format!("{}/keys", place.apple.issuer()));
    for (what, token) in [
        ("bad signature", stranger.clone().named(&key.kid).sign(&good)),
        ("no signature", format!("{none}.{}.", parts[1])),
        ("none with a signature", format!("{none}.{}.{}", parts[1], parts[2])),
        ("edited", format!("{}.{other_claims}.{}", parts[0], parts[2])),
        ("a shared secret", shared_secret),
        ("unknown kid", stranger.sign(&good)),
        ("keys from elsewhere", stranger.sign_with(&elsewhere, &good)),
        ("wrong issuer", with("iss", json!("https://accounts.example.com"))),
        ("no issuer", without("iss")),
        ("wrong audience", with("aud", json!("somebody.else"))),
        ("for others too", with("aud", json!(["android.example", "somebody.else"]))),
        ("no audience", without("aud")),
        ("expired", with("exp", json!(now().seconds() - 1))),
        ("without an end", without("exp")),
        ("not yet", with("nbf", json!(now().seconds() + 3600))),
        ("nobody", with("sub", json!(""))),
        ("no subject", without("sub")),
    ] {
        let answer = place.oauth(&json!({ "provider": "google", "idToken": token })).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        answer.refused(401, "UNAUTHORIZED");
    }
    place.oauth(&json!({ "provider": "apple", "idToken": signed })).await.refused(401, "UNAUTHORIZED");
    assert_eq!(place.bench.items().await, 0);
    place.with_google(&good).await.expect(200);
}

#[tokio::test]
async fn a2_a_nonce_that_was_issued_must_come_back() {
    let place = Elsewhere::start().await;
    let mut claims = place.claims("g-1", GMAIL);
    let body = |claims: &Value, nonce: &str| json!({ "provider": "google", "idToken": place.google.token(claims), "nonce": nonce });
    place.oauth(&body(&claims, "n-1")).await.refused(401, "UNAUTHORIZED");
    claims["nonce"] = json!("n-2");
    place.oauth(&body(&claims, "n-1")).await.refused(401, "UNAUTHORIZED");
    place.oauth(&body(&claims, "n-2")).await.expect(200);
    // As Apple's clients do.
    claims["nonce"] = json!(testkit::sha256("n-1"));
    place.oauth(&body(&claims, "n-1")).await.expect(200);
}

#[tokio::test]
async fn a3_an_address_that_is_not_verified_leads_nowhere() {
    let place = Elsewhere::start().await;
    let ana = place.bench.person("ana", "es").await;
    let before = place.bench.items().await;
    for verified in [json!(false), json!("false"), json!(null), json!(1)] {
        for email in [ana.email.as_str(), GMAIL] {
            let mut claims = place.claims("g-1", email);
            claims["email_verified"] = verified.clone();
            place.with_google(&claims).await.refused(403, "FORBIDDEN");
        }
    }
    let mut claims = place.claims("g-1", GMAIL);
    claims.as_object_mut().unwrap().remove("email_verified");
    place.with_google(&claims).await.refused(403, "FORBIDDEN");
    assert_eq!(place.bench.items().await, before);
}

#[tokio::test]
async fn a4_the_key_is_issuer_and_subject() {
    let place = Elsewhere::start().await;
    let first = place.with_google(&place.claims("g-1", GMAIL)).await.expect(200);
    // The same address with another subject is somebody else.
    place.with_google(&place.claims("g-2", GMAIL)).await.refused(409, "CONFLICT");
    // Another address, verified or not, with the same subject is the same person.
    let mut changed = place.claims("g-1", "renamed@example.com");
    changed["email_verified"] = json!(false);
    let same = place.with_google(&changed).await.expect(200);
    assert_eq!(same["user"]["id"], first["user"]["id"]);
    // The same subject of another issuer is not.
    let other = place.with_apple(&place.apple_claims("g-1", "other@icloud.com")).await.expect(200);
    assert_ne!(other["user"]["id"], first["user"]["id"]);
}

async fn register(bench: &Bench, email: &str) -> Value {
    let services = bench.of("auth-register").await;
    let body = json!({ "email": email, "password": PASSWORD, "username": "somebody" });
    post("/api/auth/register", &body).to(&services, functions::auth::register::handle).await.expect(201)
}

async fn login(bench: &Bench, email: &str) -> i64 {
    let services = bench.of("auth-login").await;
    let body = json!({ "email": email, "password": PASSWORD });
    post("/api/auth/login", &body).to(&services, functions::auth::login::handle).await.status
}

async fn refresh(bench: &Bench, token: &Value) -> i64 {
    let services = bench.of("auth-refresh").await;
    let body = json!({ "refreshToken": token });
    post("/api/auth/refresh", &body).to(&services, functions::auth::refresh::handle).await.status
}

async fn me(bench: &Bench, token: &Value) -> i64 {
    let services = bench.of("auth-me").await;
    get("/api/auth/me").bearer(&text(token)).to(&services, functions::auth::me::handle).await.status
}

#[tokio::test]
async fn a5_who_registered_the_address_before_does_not_survive_its_owners_coming() {
    let place = Elsewhere::start().await;
    let thief = register(&place.bench, GMAIL).await;
    let owner = place.with_google(&place.claims("g-1", GMAIL)).await.expect(200);
    assert_eq!(owner["user"]["id"], thief["user"]["id"], "the address has one account");
    assert_eq!(login(&place.bench, GMAIL).await, 401, "the password is gone");
    assert_eq!(refresh(&place.bench, &thief["refreshToken"]).await, 401);
    assert_eq!(me(&place.bench, &thief["accessToken"]).await, 401);
    assert_eq!(me(&place.bench, &owner["accessToken"]).await, 200);
    assert_eq!(refresh(&place.bench, &owner["refreshToken"]).await, 200);
}

#[tokio::test]
async fn a5_with_the_password_the_account_is_linked_as_it_is() {
    let place = Elsewhere::start().await;
    let email = "ana@example.com";
    let ana = register(&place.bench, email).await;
    let token = place.google.token(&place.claims("g-1", email));
    let body = json!({ "provider": "google", "idToken": token, "password": PASSWORD });
    let linked = place.oauth(&body).await.expect(200);
    assert_eq!(linked["user"]["id"], ana["user"]["id"]);
    assert_eq!(login(&place.bench, email).await, 200);
    assert_eq!(me(&place.bench, &ana["accessToken"]).await, 200);
    // From now on the identity is enough.
    let again = place.with_google(&place.claims("g-1", email)).await.expect(200);
    assert_eq!(again["user"]["id"], ana["user"]["id"]);
}

#[tokio::test]
async fn a5_without_proof_an_account_is_not_linked() {
    let place = Elsewhere::start().await;
    // Google has verified this address once and does not hand it out: who has it now, Google cannot know.
    let email = "ana@example.com";
    let ana = register(&place.bench, email).await;
    let claims = place.claims("g-1", email);
    place.with_google(&claims).await.refused(409, "CONFLICT");
    let body = json!({ "provider": "google", "idToken": place.google.token(&claims), "password": "wrong horse" });
    place.oauth(&body).await.refused(401, "INVALID_CREDENTIALS");
    assert_eq!(me(&place.bench, &ana["accessToken"]).await, 200);
    assert_eq!(login(&place.bench, email).await, 200);
    // A domain that Google keeps for its owner is another matter.
    let mut hosted = claims;
    hosted["hd"] = json!("example.com");
    place.with_google(&hosted).await.expect(200);
    assert_eq!(login(&place.bench, email).await, 401);
}

#[tokio::test]
async fn b4_guessing_a_password_beside_a_token_is_limited_like_signing_in() {
    let place = Elsewhere::with(&[("SignInPerMinute", "3")]).await;
    let email = "ana@example.com";
    register(&place.bench, email).await;
    let token = place.google.token(&place.claims("g-1", email));
    let body = json!({ "provider": "google", "idToken": token, "password": "wrong horse" });
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(place.oauth(&body).await.status);
    }
    // The windows are minutes: at most one of them ends within this.
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn a6_keys_are_kept_and_an_unknown_one_is_asked_for_once_a_minute() {
    let place = Elsewhere::start().await;
    let (_, providers, _): (SignInGuard, Providers, Desk) = place.bench.of("auth-oauth").await;
    let later = |seconds: u64| now().plus(Duration::from_secs(seconds));
    let old = place.google.token(&place.claims("g-1", GMAIL));
    for _ in 0..3 {
        providers.google.verify(&old, None, now()).await.unwrap();
    }
    assert_eq!(place.google.times_asked(), 1);
    place.google.use_keys(&[0, 1]);
    let new = place.google.token(&place.claims("g-1", GMAIL));
    assert!(providers.google.verify(&new, None, later(50)).await.is_err(), "asked less than a minute ago");
    assert_eq!(place.google.times_asked(), 1);
    providers.google.verify(&new, None, later(70)).await.unwrap();
    assert_eq!(place.google.times_asked(), 2, "a rotated key is found");
    let unknown = RsaKey::numbered(2).sign(&place.claims("g-1", GMAIL));
    for _ in 0..3 {
        assert!(providers.google.verify(&unknown, None, later(80)).await.is_err());
    }
    assert_eq!(place.google.times_asked(), 2, "unknown keys do not make it ask all the time");
}

#[tokio::test]
async fn a6_keys_end_with_their_time_and_an_outage_lets_nobody_in() {
    let place = Elsewhere::start().await;
    place.google.say_of_keys(Some("public, max-age=600"));
    let (_, providers, _): (SignInGuard, Providers, Desk) = place.bench.of("auth-oauth").await;
    let later = |seconds: u64| now().plus(Duration::from_secs(seconds));
    let mut claims = place.claims("g-1", GMAIL);
    claims["exp"] = json!(now().seconds() + 36_000);
    let token = place.google.token(&claims);
    providers.google.verify(&token, None, now()).await.unwrap();
    place.google.out_of_order(true);
    providers.google.verify(&token, None, later(590)).await.unwrap();
    assert!(matches!(providers.google.verify(&token, None, later(610)).await, Err(app::Error::Internal(_))));
    place.google.out_of_order(false);
    providers.google.verify(&token, None, later(611)).await.unwrap();
    assert_eq!(place.google.times_asked(), 3);
    // A key that was withdrawn is gone with the next fetch.
    place.google.use_keys(&[1]);
    assert!(providers.google.verify(&token, None, later(1300)).await.is_err());
}

#[tokio::test]
async fn every_bad_field_is_told_and_what_is_not_set_up_is_said() {
    let place = Elsewhere::start().await;
    let details = place.oauth(&json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["provider"]);
    let body = json!({ "provider": "github", "idToken": 7, "nonce": 7, "name": 7, "password": "" });
    let details = place.oauth(&body).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["idToken", "name", "nonce", "password", "provider"]);

    let bench = Bench::start().await;
    let services = bench.of("auth-oauth").await;
    for provider in ["google", "apple"] {
        let body = json!({ "provider": provider, "idToken": place.google.token(&place.claims("g-1", GMAIL)) });
        let answer = post("/api/auth/oauth", &body).to(&services, functions::auth::oauth::handle).await;
        assert!(text(&answer.body["message"]).contains("not set up"));
        answer.refused(409, "CONFLICT");
    }
}
