use std::time::Duration;

use app::accounts::SignInDesk;
use app::tokens::Issuer;
use aws_sdk_dynamodb::types::AttributeValue;
use local::signing::TokenKey;
use serde_json::json;

use crate::support::{Bench, Person, fields, get, now};

#[tokio::test]
async fn shows_the_callers_account() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("auth-me").await;
    bench.start_counting();
    let answer = get("/api/auth/me").bearer(&ana.token).to(&services, functions::auth::me::handle).await;
    assert_eq!(bench.used(), "GetItem 1, UpdateItem 1");
    assert_eq!(answer.header("x-ratelimit-limit"), Some("10000"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.expect(200);
    assert_eq!(fields(&body), ["user"]);
    let shown = [
        "avatarUrl",
        "bio",
        "createdAt",
        "displayName",
        "email",
        "id",
        "name",
        "preferredCountry",
        "preferredLanguage",
        "profilePicture",
        "settings",
        "username",
    ];
    assert_eq!(fields(&body["user"]), shown);
    assert_eq!(body["user"]["id"], json!(ana.id));
}

#[tokio::test]
async fn without_a_token_that_holds_nobody_is_let_in() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("auth-me").await;
    let hour = Duration::from_hours(1);
    let long_ago = domain::Timestamp::from_millis(now().millis() - 2 * i64::try_from(hour.as_millis()).unwrap());
    let desk: SignInDesk = bench.of("auth-login").await;
    let expired = desk.issuer.access_token(&ana.actor, long_ago).unwrap();
    let stranger = Issuer::from_secret(&TokenKey::generate().unwrap().signing_parameter(), 3600).unwrap();
    let forged = stranger.access_token(&ana.actor, now()).unwrap();
    let refresh = ana.refresh_token.clone();
    for (what, header) in [
        ("no header", None),
        ("empty", Some(String::new())),
        ("no scheme", Some(ana.token.clone())),
        ("another scheme", Some(format!("Basic {}", ana.token))),
        ("no token", Some("Bearer ".to_owned())),
        ("nonsense", Some("Bearer nonsense".to_owned())),
        ("expired", Some(format!("Bearer {expired}"))),
        ("forged", Some(format!("Bearer {forged}"))),
        ("a refresh token", Some(format!("Bearer {refresh}"))),
    ] {
        let mut call = get("/api/auth/me");
        if let Some(header) = header {
            call = call.header("authorization", &header);
        }
        bench.start_counting();
        let answer = call.to(&services, functions::auth::me::handle).await;
        assert_eq!(answer.body["details"], json!({}), "{what}");
        answer.refused(401, "UNAUTHORIZED");
        assert_eq!(bench.used(), "", "{what}: a refused request costs nothing");
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("auth-me").await;
    let call = get("/api/auth/me").header("authorization", &format!("bearer {}", ana.token));
    call.to(&services, functions::auth::me::handle).await.expect(200);
}

#[tokio::test]
async fn b8_without_an_account_no_token_holds() {
    let bench = Bench::start().await;
    let desk: SignInDesk = bench.of("auth-login").await;
    let token = desk.issuer.access_token(&Person::nobody(), now()).unwrap();
    let services = bench.of("auth-me").await;
    let answer = get("/api/auth/me").bearer(&token).to(&services, functions::auth::me::handle).await;
    answer.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn g1_two_hundred_requests_at_once_pass_a_limit_exactly() {
    let bench = Bench::with(&[("HttpPerMinute", "60")]).await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("auth-me").await;
    // Within one minute of the clock: the windows are minutes, and this takes a few seconds.
    while now().millis().rem_euclid(60_000) > 40_000 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let calls = (0..200).map(|_| get("/api/auth/me").bearer(&ana.token).to(&services, functions::auth::me::handle));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 60);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
        answer.refused(429, "RATE_LIMITED");
    }
}

#[tokio::test]
async fn counts_of_minutes_that_are_over_do_not_pile_up() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let table = bench.table();
    for minute in 0..40 {
        let at = now().plus(Duration::from_mins(minute));
        let standing = app::limits::http(&table, &ana.actor, 100, at).await.unwrap();
        assert_eq!(standing.remaining, 99, "each minute is counted on its own");
    }
    let key = store::keys::access(&ana.actor.user);
    let item = table
        .client()
        .get_item()
        .table_name(table.name())
        .key("PK", AttributeValue::S(key.pk))
        .key("SK", AttributeValue::S(key.sk));
    let item = item.send().await.unwrap().item.unwrap();
    assert!(item.len() < 24, "{:?}", item.keys());
}
