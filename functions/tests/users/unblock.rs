use serde_json::json;

use super::block::block;
use crate::support::{Answer, Bench, Person, call};

/// `users-unblock`.
async fn unblock(bench: &Bench, person: &Person, user: &str) -> Answer {
    let services = bench.of("users-unblock").await;
    bench.start_counting();
    let call = call("DELETE", &format!("/api/users/{user}/block"), None).path("userId", user).bearer(&person.token);
    call.to(&services, functions::users::unblock::handle).await
}

#[tokio::test]
async fn d7_makes_everything_as_it_was() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let conversation = bench.direct(&ana, &ben).await;
    let before = bench.snapshot().await;
    block(&bench, &ana, &ben.id).await.expect(200);
    assert_eq!(unblock(&bench, &ana, &ben.id).await.expect(200), json!({ "success": true, "userId": ben.id }));
    assert_eq!(bench.used(), "GetItem 2, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(before.changes(&bench.snapshot().await), [""; 0]);
    let phone = bench.phone(&ben).await;
    bench.say(&phone, &conversation, "Hello again").await;
}

#[tokio::test]
async fn d7_ends_only_ones_own() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let conversation = bench.direct(&ana, &ben).await;
    block(&bench, &ana, &ben.id).await.expect(200);
    unblock(&bench, &ben, &ana.id).await.expect(200);
    assert_eq!(bench.used(), "GetItem 1, UpdateItem 1", "there is nothing to end");
    let phone = bench.phone(&ben).await;
    let frame = json!({ "action": "message:send", "data": { "conversationId": conversation, "content": "Hello" } });
    let refused = async || {
        bench.frame("ws-message-send", &phone, &frame).await;
        assert_eq!(phone.expect("error").await["code"], "FORBIDDEN");
    };
    refused().await;
    block(&bench, &ben, &ana.id).await.expect(200);
    unblock(&bench, &ana, &ben.id).await.expect(200);
    refused().await;
    unblock(&bench, &ben, &ana.id).await.expect(200);
    bench.say(&phone, &conversation, "Hello again").await;
}

#[tokio::test]
async fn is_harmless_for_whoever_was_never_blocked() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let before = bench.snapshot().await;
    for id in [&ben.id, &ana.id, "user_00000000-0000-4000-8000-000000000000"] {
        unblock(&bench, &ana, id).await.expect(200);
    }
    unblock(&bench, &ana, "ben").await.refused(404, "NOT_FOUND");
    assert_eq!(before.changes(&bench.snapshot().await), [""; 0]);
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-unblock").await;
    let call = call("DELETE", "/api/users/user_00000000-0000-4000-8000-000000000000/block", None);
    call.to(&services, functions::users::unblock::handle).await.refused(401, "UNAUTHORIZED");
}
