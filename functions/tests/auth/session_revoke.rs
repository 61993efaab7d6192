use app::delivery::Push;
use edge::Guard;
use serde_json::json;
use store::Table;

use crate::support::{Answer, Bench, Person, call};

async fn revoke(bench: &Bench, token: Option<&str>, session: &str) -> Answer {
    let services: (Guard, Table, Push) = bench.of("auth-session-revoke").await;
    bench.start_counting();
    let mut call = call("DELETE", &format!("/api/auth/sessions/{session}"), None).path("sessionId", session);
    if let Some(token) = token {
        call = call.bearer(token);
    }
    call.to(&services, functions::auth::session_revoke::handle).await
}

#[tokio::test]
async fn b8_ends_another_session_of_the_callers_and_closes_its_sockets() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let lost = bench.sign_in_again(&ana).await;
    let (phone, lost_phone) = (bench.phone(&ana).await, bench.phone(&lost).await);
    let body = revoke(&bench, Some(&ana.token), &lost.actor.session.to_string()).await.expect(200);
    assert_eq!(body, json!({ "success": true }));
    assert_eq!(bench.used(), "BatchGetItem 1, DeleteItem 1, GetItem 1, Query 1, UpdateItem 3");
    lost_phone.expect_close().await;
    assert_eq!(bench.connections(&ana).await, [phone.connection.as_str()]);
    assert_eq!((bench.status_of(&lost).await, bench.status_of(&ana).await), (401, 200));
    revoke(&bench, Some(&ana.token), &lost.actor.session.to_string()).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn d2_somebody_elses_session_is_not_found_and_stays() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let nobodys = Person::nobody().session.to_string();
    for session in [ben.actor.session.to_string(), nobodys, "sess_x".to_owned(), "x#y".to_owned()] {
        revoke(&bench, Some(&ana.token), &session).await.refused(404, "NOT_FOUND");
    }
    assert_eq!(bench.status_of(&ben).await, 200);
    revoke(&bench, None, &ben.actor.session.to_string()).await.refused(401, "UNAUTHORIZED");
}
