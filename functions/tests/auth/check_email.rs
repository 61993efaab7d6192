use edge::CheckEmailGuard;
use serde_json::{Value, json};
use store::Table;

use crate::support::{Answer, Bench, fields, post};

async fn ask(bench: &Bench, body: &Value, address: &str) -> Answer {
    let services: (CheckEmailGuard, Table) = bench.of("auth-check-email").await;
    bench.start_counting();
    post("/api/auth/check-email", body).from(address).to(&services, functions::auth::check_email::handle).await
}

#[tokio::test]
async fn e3_tells_whether_an_address_has_an_account_with_the_same_work() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for (email, exists) in [(ana.email.to_uppercase(), true), ("nobody@example.com".to_owned(), false)] {
        let body = ask(&bench, &json!({ "email": email }), "198.51.100.1").await.expect(200);
        assert_eq!(body, json!({ "exists": exists, "email": email }));
        assert_eq!(bench.used(), "GetItem 1, UpdateItem 2");
    }
}

#[tokio::test]
async fn what_is_no_address_is_told_and_costs_nothing() {
    let bench = Bench::start().await;
    for body in [json!({}), json!({ "email": "ana" }), json!({ "email": 7 })] {
        let details = ask(&bench, &body, "198.51.100.1").await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["email"]);
        assert_eq!(bench.used(), "");
    }
}

#[tokio::test]
async fn e1_questions_are_limited_by_address_and_in_all() {
    let bench = Bench::with(&[("CheckEmailPerMinute", "2"), ("CheckEmailInAllPerMinute", "4")]).await;
    let body = json!({ "email": "nobody@example.com" });
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(ask(&bench, &body, "198.51.100.1").await.status);
    }
    // The windows are minutes: at most one of them ends within this.
    assert!(statuses.contains(&429), "{statuses:?}");
    let mut last = None;
    for place in 2..12 {
        let answer = ask(&bench, &body, &format!("198.51.100.{place}")).await;
        if answer.status == 429 {
            last = Some(answer);
        }
    }
    let last = last.expect("of all together");
    assert!(last.header("retry-after").is_some());
    last.refused(429, "RATE_LIMITED");
}
