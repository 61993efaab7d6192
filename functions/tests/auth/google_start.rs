use edge::{GoogleClient, SignInGuard};
use serde_json::json;
use store::Table;

use crate::support::{Bench, Elsewhere, get, text};

#[tokio::test]
async fn a7_sends_the_browser_to_google_with_state_nonce_and_challenge() {
    let place = Elsewhere::start().await;
    let (answer, cookie) = place.begin().await;
    let address = answer.header("location").unwrap().to_owned();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.expect(302), json!({ "authorizationUrl": address }));
    assert!(address.starts_with(&format!("{}/authorize?", place.google.issuer())), "{address}");
    for part in [
        "response_type=code",
        "client_id=web.example",
        "code_challenge_method=S256",
        "scope=openid+email+profile",
        "state=",
        "nonce=",
        "code_challenge=",
        "redirect_uri=",
    ] {
        assert!(address.contains(part), "{part}: {address}");
    }
    assert!(cookie.starts_with("__Host-"), "{cookie}");
    for part in ["Path=/;", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    let (other, other_cookie) = place.begin().await;
    assert_ne!(other.header("location").unwrap(), address);
    assert_ne!(other_cookie, cookie);
}

#[tokio::test]
async fn where_it_is_not_set_up_it_says_so() {
    let bench = Bench::start().await;
    let services: (SignInGuard, GoogleClient, Table) = bench.of("auth-google-start").await;
    let answer = get("/api/auth/google").to(&services, functions::auth::google_start::handle).await;
    assert!(text(&answer.body["message"]).contains("not set up"));
    answer.refused(409, "CONFLICT");
}
