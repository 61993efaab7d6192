//! Google and Apple: two real issuers on loopback.

use edge::Providers;
use edge::SignInGuard;
use functions::auth::oauth::Desk;
use serde_json::{Value, json};
use testkit::LoopbackIssuer;

use super::{Answer, Bench, call, now, post};

/// A bench whose people can sign in elsewhere.
pub struct Elsewhere {
    pub bench: Bench,
    pub google: LoopbackIssuer,
    pub apple: LoopbackIssuer,
    services: (SignInGuard, Providers, Desk),
}

impl Elsewhere {
    /// Both providers set up.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, with values for parameters of the template.
    pub async fn with(parameters: &[(&str, &str)]) -> Self {
        let (google, apple) = (LoopbackIssuer::start().await, LoopbackIssuer::start().await);
        let own: Vec<_> = google.as_google().into_iter().chain(apple.as_apple()).collect();
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<_> = own.chain(parameters.iter().copied()).collect();
        let bench = Bench::with(&all).await;
        let services = bench.of("auth-oauth").await;
        Self { bench, google, apple, services }
    }

    /// Claims of Google's for somebody with this subject and address.
    pub fn claims(&self, subject: &str, email: &str) -> Value {
        json!({
            "iss": self.google.issuer(), "aud": "android.example", "sub": subject, "email": email,
            "email_verified": true, "exp": now().seconds() + 3600, "iat": now().seconds(),
        })
    }

    /// Claims of Apple's.
    pub fn apple_claims(&self, subject: &str, email: &str) -> Value {
        let mut claims = self.claims(subject, email);
        claims["iss"] = json!(self.apple.issuer());
        claims["aud"] = json!("com.example.chat");
        claims
    }

    /// Signs in with a body.
    pub async fn oauth(&self, body: &Value) -> Answer {
        self.bench.start_counting();
        post("/api/auth/oauth", body).to(&self.services, functions::auth::oauth::handle).await
    }

    /// Signs in with a token of Google's.
    pub async fn with_google(&self, claims: &Value) -> Answer {
        self.oauth(&json!({ "provider": "google", "idToken": self.google.token(claims) })).await
    }

    /// Signs in with a token of Apple's.
    pub async fn with_apple(&self, claims: &Value) -> Answer {
        self.oauth(&json!({ "provider": "apple", "idToken": self.apple.token(claims) })).await
    }

    /// Begins in a browser: the answer, and the cookie that the browser keeps.
    pub async fn begin(&self) -> (Answer, String) {
        let services = self.bench.of("auth-google-start").await;
        let (answer, cookies) = call("GET", "/api/auth/google", None)
            .with_cookies_to(&services, functions::auth::google_start::handle)
            .await;
        (answer, cookies.first().cloned().unwrap_or_default())
    }

    /// Comes back in a browser that keeps this cookie.
    pub async fn come_back(&self, address: &str, cookie: &str) -> Answer {
        let services = self.bench.of("auth-google-callback").await;
        let query = address.split_once('?').unwrap().1;
        let call = call("GET", &format!("/api/auth/google/callback?{query}"), None);
        let kept = cookie.split(';').next().unwrap_or_default();
        call.cookie(kept).to(&services, functions::auth::google_callback::handle).await
    }
}
