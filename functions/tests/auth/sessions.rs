use serde_json::json;

use crate::support::{Bench, fields, get};

#[tokio::test]
async fn lists_the_callers_sessions_and_marks_the_current_one() {
    let bench = Bench::start().await;
    let (ana, _ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let elsewhere = bench.sign_in_again(&ana).await;
    let services = bench.of("auth-sessions").await;
    bench.start_counting();
    let answer = get("/api/auth/sessions").bearer(&ana.token).to(&services, functions::auth::sessions::handle).await;
    assert_eq!(bench.used(), "Query 1, UpdateItem 1");
    let body = answer.expect(200);
    assert_eq!(fields(&body), ["sessions"]);
    let sessions = body["sessions"].as_array().unwrap();
    let ids: Vec<_> = sessions.iter().map(|session| (session["id"].clone(), session["current"].clone())).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&(json!(ana.actor.session.to_string()), json!(true))));
    assert!(ids.contains(&(json!(elsewhere.actor.session.to_string()), json!(false))));
    for session in sessions {
        assert_eq!(fields(session), ["createdAt", "current", "device", "expiresAt", "id", "lastUsedAt"]);
        assert!(session["createdAt"].as_str().unwrap() < session["expiresAt"].as_str().unwrap());
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_told() {
    let bench = Bench::start().await;
    let services = bench.of("auth-sessions").await;
    let answer = get("/api/auth/sessions").to(&services, functions::auth::sessions::handle).await;
    answer.refused(401, "UNAUTHORIZED");
}
