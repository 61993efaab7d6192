use edge::{GoogleProvider, SignInGuard};
use functions::auth::oauth::Desk;
use serde_json::{Value, json};

use crate::support::{Answer, Elsewhere, fields, post};

async fn google(place: &Elsewhere, body: &Value) -> Answer {
    let services: (SignInGuard, GoogleProvider, Desk) = place.bench.of("auth-google").await;
    post("/api/auth/google", body).to(&services, functions::auth::google::handle).await
}

#[tokio::test]
async fn says_whether_the_account_is_new() {
    let place = Elsewhere::start().await;
    let body = json!({ "idToken": place.google.token(&place.claims("g-1", "ana@gmail.com")) });
    let first = google(&place, &body).await.expect(200);
    assert_eq!(fields(&first), ["accessToken", "expiresIn", "isNewUser", "refreshToken", "user"]);
    let again = google(&place, &body).await.expect(200);
    assert_eq!((&first["isNewUser"], &again["isNewUser"]), (&json!(true), &json!(false)));
    assert_eq!(first["user"]["id"], again["user"]["id"]);
    let same = place.with_google(&place.claims("g-1", "ana@gmail.com")).await.expect(200);
    assert_eq!(same["user"]["id"], first["user"]["id"], "one account for both routes");
}

#[tokio::test]
async fn a2_only_google_vouches_here() {
    let place = Elsewhere::start().await;
    let apples = place.apple.token(&place.apple_claims("a-1", "ana@icloud.com"));
    for token in [apples, "1234567890".to_owned(), String::new()] {
        google(&place, &json!({ "idToken": token })).await.refused(401, "UNAUTHORIZED");
    }
    assert_eq!(place.bench.items().await, 0);
    let details = google(&place, &json!({})).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(fields(&details), ["idToken"]);
}
