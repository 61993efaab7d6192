//! Accounts, sessions and signing in.

use benches::support::{Elsewhere, PASSWORD, Person, call, get, post, text};
use functions::auth;
use serde_json::{Value, json};

use crate::stage::{PATIENT, Stage};
use crate::used::{Entry, Row};

/// All of them.
pub(crate) async fn measured() -> Vec<Row> {
    let mut rows = Vec::new();
    let place = Elsewhere::with(&PATIENT).await;
    let claims = [place.claims("g-1", "ana@gmail.com"), place.claims("g-2", "ben@gmail.com")];
    let tokens = claims.each_ref().map(|claims| place.google.token(claims));
    let Elsewhere { bench, google, .. } = place;
    let stage = Stage::over(bench).await;
    let rows_of = &mut rows;

    let body =
        json!({ "email": "ana@example.com", "password": PASSWORD, "username": "ana", "preferredLanguage": "es" });
    let call = post("/api/auth/register", &body);
    stage.ask(rows_of, ("auth-register", ""), auth::register::handle, call).await;
    let login = || post("/api/auth/login", &json!({ "email": "ana@example.com", "password": PASSWORD }));
    let signed_in = stage.ask(rows_of, ("auth-login", ""), auth::login::handle, login()).await;
    let wrong = post("/api/auth/login", &json!({ "email": "ana@example.com", "password": "wrong horse battery" }));
    stage.try_ask(rows_of, ("auth-login", "a wrong password"), auth::login::handle, wrong).await;
    let token = text(&signed_in["accessToken"]);
    let me = get("/api/auth/me").bearer(&token);
    stage.ask(rows_of, ("auth-me", ""), auth::me::handle, me).await;
    let ask = post("/api/auth/check-email", &json!({ "email": "ana@example.com" }));
    stage.ask(rows_of, ("auth-check-email", ""), auth::check_email::handle, ask).await;
    let ticket = post("/api/auth/ws-ticket", &json!({})).bearer(&token);
    stage.ask(rows_of, ("auth-ws-ticket", ""), auth::ws_ticket::handle, ticket).await;
    sessions(&stage, rows_of, &signed_in).await;

    for (case, token) in [("somebody new", &tokens[0]), ("somebody known", &tokens[0])] {
        let call = post("/api/auth/oauth", &json!({ "provider": "google", "idToken": token }));
        stage.ask(rows_of, ("auth-oauth", case), auth::oauth::handle, call).await;
    }
    for (case, token) in [("somebody new", &tokens[1]), ("somebody known", &tokens[1])] {
        let call = post("/api/auth/google", &json!({ "idToken": token }));
        stage.ask(rows_of, ("auth-google", case), auth::google::handle, call).await;
    }
    browser(&stage, rows_of, &google).await;
    rows
}

/// Sessions of one person, the one signed in with being the second.
async fn sessions(stage: &Stage, rows: &mut Vec<Row>, signed_in: &Value) {
    let (token, refresh) = (text(&signed_in["accessToken"]), text(&signed_in["refreshToken"]));
    let renew = post("/api/auth/refresh", &json!({ "refreshToken": refresh }));
    stage.ask(rows, ("auth-refresh", ""), auth::refresh::handle, renew).await;
    let list = get("/api/auth/sessions").bearer(&token);
    let list = stage.ask(rows, ("auth-sessions", "two"), auth::sessions::handle, list).await;
    let sessions = list["sessions"].as_array().expect("sessions");
    let other = sessions.iter().find(|session| session["current"] != true).expect("the first session");
    let other = text(&other["id"]);
    let revoke = call("DELETE", &format!("/api/auth/sessions/{other}"), None).bearer(&token).path("sessionId", &other);
    stage.ask(rows, ("auth-session-revoke", ""), auth::session_revoke::handle, revoke).await;
    let words = json!({ "oldPassword": PASSWORD, "newPassword": "another horse altogether" });
    let change = post("/api/auth/change-password", &words).bearer(&token);
    stage.ask(rows, ("auth-change-password", "with one session"), auth::change_password::handle, change).await;
    let person = person(stage, &token).await;
    let phone = stage.bench.phone(&person).await;
    let leave = post("/api/auth/logout", &json!({})).bearer(&token);
    stage.ask(rows, ("auth-logout", "with one connection"), auth::logout::handle, leave).await;
    phone.expect_close().await;

    // Somebody replays what was used before: the newer token dies with it.
    let body = json!({ "email": "ana@example.com", "password": "another horse altogether" });
    let mut uncounted = Vec::new();
    let again =
        stage.ask(&mut uncounted, ("auth-login", ""), auth::login::handle, post("/api/auth/login", &body)).await;
    let first = text(&again["refreshToken"]);
    let mut token = first.clone();
    // The token before the last one may come once more: whoever sent it got no answer.
    for _ in 0..2 {
        let renew = post("/api/auth/refresh", &json!({ "refreshToken": token }));
        let renewed = stage.ask(&mut uncounted, ("auth-refresh", ""), auth::refresh::handle, renew).await;
        token = text(&renewed["refreshToken"]);
    }
    let replay = post("/api/auth/refresh", &json!({ "refreshToken": first }));
    let replay = stage
        .try_ask(rows, ("auth-refresh", "a token of long ago, which ends the session"), auth::refresh::handle, replay)
        .await;
    assert_eq!(replay.0, 401, "{replay:?}");
}

async fn person(stage: &Stage, token: &str) -> Person {
    let guard: edge::Guard = stage.bench.of("auth-me").await;
    let actor = guard.verifier.verify(token, benches::support::now()).expect("a token");
    let (email, refresh_token) = (String::new(), String::new());
    Person { id: actor.user.to_string(), email, token: token.to_owned(), refresh_token, actor }
}

/// A browser goes to Google and comes back.
async fn browser(stage: &Stage, rows: &mut Vec<Row>, google: &testkit::LoopbackIssuer) {
    google.welcome(json!({ "sub": "g-3", "email": "cem@gmail.com", "email_verified": true, "name": "Cem" }));
    let services = stage.bench.of("auth-google-start").await;
    let begun = stage.begin();
    let start = get("/api/auth/google").with_cookies_to(&services, auth::google_start::handle);
    let (answer, cookies) = start.await;
    let used = stage.used(begun).await;
    rows.push(Row { function: "auth-google-start", case: "", members: String::new(), entry: Entry::Http, used });
    let back = google.visit(answer.header("location").expect("an address")).await;
    let query = back.split_once('?').expect("a query").1;
    let kept = cookies[0].split(';').next().expect("a cookie");
    let call = get(&format!("/api/auth/google/callback?{query}")).cookie(kept);
    stage.ask(rows, ("auth-google-callback", "somebody new"), auth::google_callback::handle, call).await;
}
