use serde_json::json;

use crate::support::{Bench, call, fields};

#[tokio::test]
async fn c5_who_was_removed_gets_nothing_from_the_next_message_on() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben, &cem]).await;
    let (of_ana, of_ben, of_cem) = (bench.phone(&ana).await, bench.phone(&ben).await, bench.phone(&cem).await);
    let body = bench.remove(&ana, &id, &ben.id).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 3, GetItem 1, PutItem 1, Query 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(body, json!({ "success": true, "conversationId": id, "userId": ben.id }));
    for phone in [&of_ana, &of_ben, &of_cem] {
        let told = phone.expect("participant:left").await;
        assert_eq!((&told["userId"], &told["removedBy"]), (&json!(ben.id), &json!(ana.id)));
        assert_eq!(told["participantCount"], 2);
    }
    bench.say(&of_ana, &id, "without Ben").await;
    let typing = json!({ "action": "message:typing", "data": { "conversationId": id, "isTyping": true } });
    let services = bench.of("ws-message-typing").await;
    bench.act(&services, functions::ws::message_typing::handle, &of_cem, &typing).await;
    of_ana.expect("message:typing").await;
    let other = bench.direct(&ana, &ben).await;
    bench.say(&of_ana, &other, "to Ben alone").await;
    assert_eq!(of_ben.expect("message:receive").await["message"]["content"], "to Ben alone");
    assert!(of_ben.received().iter().all(|frame| frame["action"] != "message:typing"));
    bench.act(&services, functions::ws::message_typing::handle, &of_ben, &typing).await;
    assert_eq!(of_ben.expect("error").await["code"], "NOT_FOUND");
    bench.details(&ben, &id).await.refused(404, "NOT_FOUND");
    assert!(bench.listed(&ben, &id).await.is_none());
}

#[tokio::test]
async fn d5_the_last_admin_cannot_be_removed() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    bench.remove(&ana, &id, &ana.id).await.refused(409, "CONFLICT");
    bench.promote(&ana, &id, &ben).await;
    // Each removes the other: one of them is no admin any more when its turn comes.
    let (one, other) = tokio::join!(bench.remove(&ana, &id, &ben.id), bench.remove(&ben, &id, &ana.id));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!([404, 409].contains(&statuses[1]), "{statuses:?}");
    let left = if one.status == 200 { &ana } else { &ben };
    assert_eq!(bench.roles(left, &id).await.len(), 1);
    assert_eq!(bench.roles(left, &id).await[0].1, "admin");
}

#[tokio::test]
async fn d1_members_may_not_and_strangers_see_nothing() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben]).await;
    bench.remove(&ben, &id, &ana.id).await.refused(403, "FORBIDDEN");
    bench.remove(&cem, &id, &ben.id).await.refused(404, "NOT_FOUND");
    let elsewhere = bench.group(&cem, &[&ben]).await;
    bench.remove(&cem, &id, &ben.id).await.refused(404, "NOT_FOUND");
    bench.remove(&ana, &elsewhere, &ben.id).await.refused(404, "NOT_FOUND");
    bench.remove(&ana, &id, &cem.id).await.refused(404, "NOT_FOUND");
    bench.remove(&ana, &id, "ben").await.refused(404, "NOT_FOUND");
    assert_eq!(fields(&bench.remove(&ana, &id, &cem.id).await.body), ["code", "details", "message"]);
    assert_eq!(bench.roles(&ana, &id).await.len(), 2);
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("participants-remove").await;
    let call = call("DELETE", "/api/conversations/x/participants/y", None);
    call.to(&services, functions::participants::remove::handle).await.refused(401, "UNAUTHORIZED");
}
