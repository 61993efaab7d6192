use std::time::Duration;

use app::accounts::SignInDesk;
use app::delivery::Push;
use app::tokens::{Actor, RefreshToken};
use domain::Timestamp;
use edge::RefreshGuard;
use serde_json::{Value, json};
use store::Table;

use crate::support::{Answer, Bench, Person, call, fields, get, now, post, text};

type Services = (RefreshGuard, Table, Push, SignInDesk);

async fn services(bench: &Bench) -> Services {
    bench.of("auth-refresh").await
}

async fn refresh(services: &Services, token: &str) -> Answer {
    post("/api/auth/refresh", &json!({ "refreshToken": token })).to(services, functions::auth::refresh::handle).await
}

/// The same at another time, without the handler: its clock is the real one.
async fn refresh_at(services: &Services, token: &str, at: Timestamp) -> app::Result<String> {
    let (_, table, push, desk) = services;
    let tokens = app::sessions::refresh(table, push, desk, &RefreshToken::parse(token).unwrap(), at).await?;
    Ok(tokens.refresh_token)
}

fn later(duration: Duration) -> Timestamp {
    now().plus(duration)
}

async fn me(bench: &Bench, token: &str) -> i64 {
    get("/api/auth/me").bearer(token).to(&bench.of("auth-me").await, functions::auth::me::handle).await.status
}

async fn sessions(bench: &Bench, person: &Person) -> usize {
    store::sessions::of_user(&bench.table(), &person.actor.user, now()).await.unwrap().len()
}

#[tokio::test]
async fn gives_the_next_pair_of_tokens_for_the_same_session() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = services(&bench).await;
    bench.start_counting();
    let body = refresh(&services, &ana.refresh_token).await.expect(200);
    assert_eq!(bench.used(), "GetItem 1, UpdateItem 2");
    assert_eq!(fields(&body), ["accessToken", "expiresIn", "refreshToken"]);
    assert_eq!(body["expiresIn"], 3600);
    let guard: edge::Guard = bench.of("auth-me").await;
    assert_eq!(guard.verifier.verify(&text(&body["accessToken"]), now()).unwrap(), ana.actor);
    assert_eq!(me(&bench, &text(&body["accessToken"])).await, 200);
    let again = refresh(&services, &text(&body["refreshToken"])).await.expect(200);
    assert_ne!(again["refreshToken"], body["refreshToken"]);
}

#[tokio::test]
async fn b5_a_token_that_was_used_before_ends_the_session_and_closes_its_sockets() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let elsewhere = bench.sign_in_again(&ana).await;
    let (phone, other_phone) = (bench.phone(&ana).await, bench.phone(&elsewhere).await);
    let services = services(&bench).await;
    let second = refresh(&services, &ana.refresh_token).await.expect(200);
    let third = refresh(&services, &text(&second["refreshToken"])).await.expect(200);
    bench.start_counting();
    refresh(&services, &ana.refresh_token).await.refused(401, "UNAUTHORIZED");
    assert_eq!(bench.used(), "BatchGetItem 1, DeleteItem 1, GetItem 1, Query 1, UpdateItem 3");
    phone.expect_close().await;
    assert_eq!(bench.connections(&ana).await, [other_phone.connection.as_str()], "another session's stays");
    refresh(&services, &text(&third["refreshToken"])).await.refused(401, "UNAUTHORIZED");
    for token in [&ana.token, &text(&second["accessToken"]), &text(&third["accessToken"])] {
        assert_eq!(me(&bench, token).await, 401, "an access token outlives its session");
    }
    assert_eq!(me(&bench, &elsewhere.token).await, 200);
    refresh(&services, &elsewhere.refresh_token).await.expect(200);
}

#[tokio::test]
async fn b5_two_exchanges_at_once_leave_one_line_alive() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = services(&bench).await;
    let at_once = (0..8).map(|_| refresh(&services, &ana.refresh_token));
    let answers = futures_util::future::join_all(at_once).await;
    let tokens: Vec<Value> = answers.into_iter().map(|answer| answer.expect(200)["refreshToken"].clone()).collect();
    assert!(tokens.iter().all(|token| token == &tokens[0]), "one line and not eight");
    assert_eq!(sessions(&bench, &ana).await, 1);
    let next = refresh(&services, &text(&tokens[0])).await.expect(200);
    refresh(&services, &text(&next["refreshToken"])).await.expect(200);
}

#[tokio::test]
async fn b5_a_lost_answer_can_be_asked_for_again_for_thirty_seconds() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = services(&bench).await;
    let second = refresh_at(&services, &ana.refresh_token, now()).await.unwrap();
    let again = refresh_at(&services, &ana.refresh_token, later(Duration::from_secs(29))).await.unwrap();
    assert_eq!(second, again);
    assert!(refresh_at(&services, &ana.refresh_token, later(Duration::from_secs(32))).await.is_err());
    assert!(refresh_at(&services, &second, later(Duration::from_secs(33))).await.is_err(), "the session has ended");
    assert_eq!(sessions(&bench, &ana).await, 0);
}

#[tokio::test]
async fn b5_a_session_ends_absolutely_however_often_it_is_used() {
    let bench = Bench::with(&[("RefreshTokenDays", "30"), ("SessionMaxDays", "40")]).await;
    let ana = bench.person("ana", "es").await;
    let services = services(&bench).await;
    let day = |days: u64| later(Duration::from_hours(24 * days));
    assert!(refresh_at(&services, &ana.refresh_token, day(31)).await.is_err(), "not used for longer than it may be");
    let second = refresh_at(&services, &ana.refresh_token, day(29)).await.unwrap();
    let third = refresh_at(&services, &second, day(39)).await.unwrap();
    assert!(refresh_at(&services, &third, day(41)).await.is_err());
}

#[tokio::test]
async fn b6_what_is_no_refresh_token_of_a_session_ends_nothing() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = services(&bench).await;
    let other = RefreshToken::first(ana.actor.clone()).unwrap().text();
    let nobodys = RefreshToken::first(Person::nobody()).unwrap().text();
    let Actor { user, session } = &ana.actor;
    for token in [&ana.token, &other, &nobodys, &format!("{user}.{session}.x.y"), "", "nonsense", "a.b.c.d"] {
        refresh(&services, token).await.refused(401, "UNAUTHORIZED");
    }
    assert_eq!(me(&bench, &ana.token).await, 200);
    refresh(&services, &ana.refresh_token).await.expect(200);
}

#[tokio::test]
async fn b5_the_table_holds_no_token() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = services(&bench).await;
    let next = text(&refresh(&services, &ana.refresh_token).await.expect(200)["refreshToken"]);
    let stored = store::sessions::of_user(&bench.table(), &ana.actor.user, now()).await.unwrap();
    let stored = format!("{stored:?}");
    for token in [&ana.refresh_token, &next] {
        let secrets = token.split('.').skip(2);
        assert!(secrets.into_iter().all(|secret| !stored.contains(secret)), "{stored}");
    }
}

#[tokio::test]
async fn bad_fields_are_told() {
    let bench = Bench::start().await;
    let services = services(&bench).await;
    for body in [json!({}), json!({ "refreshToken": 7 }), json!({ "refreshToken": null })] {
        let answer = call("POST", "/api/auth/refresh", Some(&body)).to(&services, functions::auth::refresh::handle);
        assert_eq!(fields(&answer.await.refused(400, "VALIDATION_ERROR")), ["refreshToken"]);
    }
}

#[tokio::test]
async fn b4_tries_are_limited_by_address() {
    let bench = Bench::with(&[("HttpPerMinute", "3")]).await;
    let services = services(&bench).await;
    let nobodys = RefreshToken::first(Person::nobody()).unwrap().text();
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(refresh(&services, &nobodys).await.status);
    }
    // The windows are minutes: at most one of them ends within this.
    assert!(codes.contains(&429) || codes == [401; 4] && refresh(&services, &nobodys).await.status == 429, "{codes:?}");
}
