//! Signing in with Google and Apple: as today's app does, as older apps do, and in a browser.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::{Answer, LoopbackIssuer, Person};

use super::Stage;

/// Where somebody signs in with Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum With {
    App,
    OlderApp,
    Browser,
}

pub(super) async fn play(stage: &Stage) {
    for with in [With::App, With::OlderApp, With::Browser] {
        somebody_new(stage, with).await;
        whoever_has_the_mailbox_has_the_account(stage, with).await;
    }
    for with in [With::App, With::OlderApp] {
        linking_with_the_password(stage, with).await;
    }
    with_apple(stage).await;
    a_token_that_google_did_not_make(stage).await;
    a_browser_that_did_not_begin(stage).await;
}

/// Somebody as Google knows them. `hosted` says that Google keeps the mailbox of this address.
pub(crate) fn somebody(name: &str, email: &str, hosted: bool) -> Value {
    let mut claims = json!({ "sub": format!("g-{name}"), "email": email, "email_verified": true, "name": name });
    if hosted {
        claims["hd"] = json!("example.com");
    }
    claims
}

/// An ID token for this client.
pub(crate) fn token(issuer: &LoopbackIssuer, audience: &str, person: &Value) -> String {
    let mut claims = person.clone();
    claims["iss"] = json!(issuer.issuer());
    claims["aud"] = json!(audience);
    claims["exp"] = json!(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3600);
    issuer.token(&claims)
}

impl Stage {
    /// Google's word for somebody new, given to an app.
    pub(crate) fn google_token(&self, name: &str) -> String {
        token(&self.google, "android.example", &somebody(name, &format!("{name}@example.com"), false))
    }

    /// A browser's way to Google and back as somebody new: what it was given to keep, and the query it comes back with.
    pub(crate) async fn through_google(&self, name: &str) -> (String, String) {
        self.browse(&somebody(name, &format!("{name}@example.com"), false)).await
    }

    async fn browse(&self, person: &Value) -> (String, String) {
        self.google.welcome(person.clone());
        let departure = self.stack.anonymous().try_get("/api/auth/google").await;
        assert_eq!(departure.status, 302, "{departure:?}");
        let header = |name: &str| departure.headers[name].to_str().unwrap().to_owned();
        assert_eq!(departure.body["authorizationUrl"], header("location"));
        let back = self.google.visit(&header("location")).await;
        let query = back.strip_prefix(testkit::REDIRECT_URI).unwrap_or_else(|| panic!("{back}"));
        (header("set-cookie"), query.to_owned())
    }
}

async fn sign_in(stage: &Stage, with: With, person: &Value, password: Option<&str>) -> Answer {
    let client = stage.stack.anonymous();
    let mut body = json!({ "idToken": token(&stage.google, "android.example", person) });
    if let Some(password) = password {
        body["password"] = json!(password);
    }
    match with {
        With::App => {
            body["provider"] = json!("google");
            client.try_post("/api/auth/oauth", &body).await
        }
        With::OlderApp => client.try_post("/api/auth/google", &body).await,
        With::Browser => {
            let (cookie, query) = stage.browse(person).await;
            client.with_cookie(&cookie).try_get(&format!("/api/auth/google/callback{query}")).await
        }
    }
}

async fn somebody_new(stage: &Stage, with: With) {
    let person = somebody(&format!("New {with:?}"), &format!("new.{with:?}@example.com"), false);
    let first = sign_in(stage, with, &person, None).await.expect(200);
    assert_eq!(first["user"]["displayName"], person["name"]);
    let again = sign_in(stage, with, &person, None).await.expect(200);
    assert_eq!(again["user"]["id"], first["user"]["id"]);
    if with != With::App {
        assert_eq!((&first["isNewUser"], &again["isNewUser"]), (&json!(true), &json!(false)));
    }
    let person = Person::arrived(&stage.stack.anonymous(), &again, "");
    person.get("/api/auth/me", 200).await;
    person.connect().await;
}

/// An address that nobody had proven belongs to whom Google gives its mailbox: whoever registered it first is out.
async fn whoever_has_the_mailbox_has_the_account(stage: &Stage, with: With) {
    let squatter = stage.stack.register("ana", "en").await;
    let socket = squatter.connect().await;
    squatter.post("/api/devices/register", &json!({ "token": format!("fcm:{with:?}"), "platform": "ios" }), 200).await;
    let owner = somebody(&squatter.username, &squatter.email, true);
    let signed_in = sign_in(stage, with, &owner, None).await.expect(200);
    assert_eq!(signed_in["user"]["id"], json!(squatter.id));
    socket.expect_close().await;
    squatter.get("/api/auth/me", 401).await;
    let old = json!({ "email": squatter.email, "password": squatter.password });
    stage.stack.anonymous().post("/api/auth/login", &old, 401).await;
    Person::arrived(&stage.stack.anonymous(), &signed_in, "").get("/api/auth/me", 200).await;
}

async fn linking_with_the_password(stage: &Stage, with: With) {
    let ana = stage.stack.register("ana", "en").await;
    let person = somebody(&ana.username, &ana.email, false);
    assert_eq!(sign_in(stage, with, &person, None).await.expect(409)["code"], "CONFLICT");
    assert_eq!(sign_in(stage, with, &person, Some("a guess")).await.expect(401)["code"], "INVALID_CREDENTIALS");
    let linked = sign_in(stage, with, &person, Some(&ana.password)).await.expect(200);
    assert_eq!(linked["user"]["id"], json!(ana.id));
    ana.get("/api/auth/me", 200).await;
    assert_eq!(sign_in(stage, with, &person, None).await.expect(200)["user"]["id"], json!(ana.id));
}

async fn with_apple(Stage { stack, apple, .. }: &Stage) {
    let person = json!({ "sub": "a-1", "email": "x1@privaterelay.appleid.com", "email_verified": "true" });
    let token = token(apple, "com.example.chat", &person);
    let body = json!({ "provider": "apple", "idToken": token, "name": "Ana María" });
    let first = stack.anonymous().post("/api/auth/oauth", &body, 200).await;
    assert_eq!(first["user"]["displayName"], "Ana María", "Apple tells the name to the app alone");
    let older = json!({ "provider": "apple", "providerId": token, "email": "somebody@else.example" });
    let again = stack.anonymous().post("/api/auth/oauth", &older, 200).await;
    assert_eq!(again["user"]["id"], first["user"]["id"]);
}

async fn a_token_that_google_did_not_make(Stage { stack, google, apple, .. }: &Stage) {
    let victim = somebody("New App", "new.app@example.com", false);
    for forged in [token(google, "another.app", &victim), token(apple, "android.example", &victim), "g-1".to_owned()] {
        let body = json!({ "provider": "google", "idToken": forged, "providerId": "g-1", "email": victim["email"] });
        assert_eq!(stack.anonymous().post("/api/auth/oauth", &body, 401).await["code"], "UNAUTHORIZED");
        let body = json!({ "idToken": forged });
        assert_eq!(stack.anonymous().post("/api/auth/google", &body, 401).await["code"], "UNAUTHORIZED");
    }
}

async fn a_browser_that_did_not_begin(Stage { stack, google, .. }: &Stage) {
    google.welcome(somebody("mallory", "mallory@example.com", false));
    let departure = stack.anonymous().try_get("/api/auth/google").await;
    let back = google.visit(departure.headers["location"].to_str().unwrap()).await;
    let query = back.strip_prefix(testkit::REDIRECT_URI).unwrap();
    let callback = format!("/api/auth/google/callback{query}");
    assert_eq!(stack.anonymous().get(&callback, 401).await["code"], "UNAUTHORIZED");
}
