use edge::{GoogleExchange, SignInGuard};
use functions::auth::oauth::Desk;
use serde_json::{Value, json};

use crate::support::{Bench, Elsewhere, fields, get};

fn ana() -> Value {
    json!({ "sub": "g-1", "email": "ana@gmail.com", "email_verified": true, "name": "Ana" })
}

/// A parameter of an address.
fn parameter<'a>(address: &'a str, name: &str) -> &'a str {
    let pairs = address.split_once('?').unwrap().1.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name).unwrap().1
}

#[tokio::test]
async fn a7_who_comes_back_from_google_is_signed_in() {
    let place = Elsewhere::start().await;
    place.google.welcome(ana());
    let (start, cookie) = place.begin().await;
    let back = place.google.visit(start.header("location").unwrap()).await;
    assert!(back.starts_with(testkit::REDIRECT_URI), "{back}");
    let body = place.come_back(&back, &cookie).await.expect(200);
    assert_eq!(fields(&body), ["accessToken", "expiresIn", "isNewUser", "refreshToken", "user"]);
    assert_eq!((&body["isNewUser"], &body["user"]["email"]), (&json!(true), &json!("ana@gmail.com")));
    let app = place.with_google(&place.claims("g-1", "ana@gmail.com")).await.expect(200);
    assert_eq!(app["user"]["id"], body["user"]["id"], "the same person as in the app");
}

#[tokio::test]
async fn a7_state_is_good_once_for_the_browser_that_began() {
    let place = Elsewhere::start().await;
    place.google.welcome(ana());
    let (start, cookie) = place.begin().await;
    let (_, others) = place.begin().await;
    let back = place.google.visit(start.header("location").unwrap()).await;
    for (what, cookie) in [("no cookie", ""), ("another browser's", others.as_str())] {
        assert_eq!(place.come_back(&back, cookie).await.status, 401, "{what}");
    }
    let forged = back.replace("state=", "state=x");
    place.come_back(&forged, &cookie).await.refused(401, "UNAUTHORIZED");
    place.come_back(&back, &cookie).await.expect(200);
    place.come_back(&back, &cookie).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a7_a_code_is_good_for_its_own_sign_in_alone() {
    let place = Elsewhere::start().await;
    place.google.welcome(ana());
    let (mine, my_cookie) = place.begin().await;
    let (theirs, _) = place.begin().await;
    let my_back = place.google.visit(mine.header("location").unwrap()).await;
    let their_back = place.google.visit(theirs.header("location").unwrap()).await;
    // Somebody's code slipped under my state: the verifier that goes with it is not mine.
    let (state, code) = (parameter(&my_back, "state"), parameter(&their_back, "code"));
    let mixed = format!("{}?state={state}&code={code}", testkit::REDIRECT_URI);
    place.come_back(&mixed, &my_cookie).await.refused(401, "UNAUTHORIZED");
    assert_eq!(place.bench.items().await, 1, "nobody was signed in: the other sign-in alone is left");
}

#[tokio::test]
async fn a_refusal_at_google_is_told() {
    let place = Elsewhere::start().await;
    let (start, cookie) = place.begin().await;
    let state = parameter(start.header("location").unwrap(), "state");
    let back = format!("{}?state={state}&error=access_denied", testkit::REDIRECT_URI);
    place.come_back(&back, &cookie).await.refused(401, "UNAUTHORIZED");
    let answer = place.come_back(&format!("{}?x=y", testkit::REDIRECT_URI), &cookie).await;
    assert_eq!(fields(&answer.refused(400, "VALIDATION_ERROR")), ["code", "state"]);
}

#[tokio::test]
async fn where_it_is_not_set_up_it_says_so() {
    let bench = Bench::start().await;
    let services: (SignInGuard, GoogleExchange, Desk) = bench.of("auth-google-callback").await;
    let call = get("/api/auth/google/callback?state=x&code=y");
    call.to(&services, functions::auth::google_callback::handle).await.refused(409, "CONFLICT");
}
