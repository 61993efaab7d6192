use serde_json::json;

use crate::support::{Bench, fields};

#[tokio::test]
async fn both_are_friends_and_who_asked_hears_of_it() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let of_ana = bench.phone(&ana).await;
    bench.befriend(&ana, &ben).await.expect(201);
    let body = bench.answer_friend("friends-accept", &ben, &ana.id).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, TransactWriteItems 1, UpdateItem 1");
    let shown = [
        "avatarUrl",
        "displayName",
        "friendsSince",
        "id",
        "isOnline",
        "lastSeen",
        "name",
        "preferredLanguage",
        "status",
        "userId",
        "username",
    ];
    assert_eq!((fields(&body), fields(&body["friend"])), (vec!["friend"], shown.to_vec()));
    assert_eq!((&body["friend"]["id"], &body["friend"]["status"]), (&json!(ana.id), &json!("online")));
    let told = of_ana.expect("friend:accepted").await;
    assert_eq!((fields(&told), &told["friend"]["id"]), (vec!["action", "friend"], &json!(ben.id)));
    assert_eq!(bench.ties(&ana, &ben).await, [Some("friends".to_owned()), Some("friends".to_owned())]);

    let again = bench.answer_friend("friends-accept", &ben, &ana.id).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, UpdateItem 1");
    assert_eq!(again["friend"]["friendsSince"], body["friend"]["friendsSince"]);
    assert_eq!(of_ana.count("friend:accepted"), 1);
}

#[tokio::test]
async fn d2_what_nobody_asked_cannot_be_accepted() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let eve = bench.person("eve", "en").await;
    bench.befriend(&ana, &ben).await.expect(201);
    // Not by who asked, and not by anybody else.
    bench.answer_friend("friends-accept", &ana, &ben.id).await.refused(404, "NOT_FOUND");
    bench.answer_friend("friends-accept", &eve, &ana.id).await.refused(404, "NOT_FOUND");
    bench.answer_friend("friends-accept", &ben, "nobody").await.refused(404, "NOT_FOUND");
    assert_eq!(bench.ties(&ana, &ben).await, [Some("outgoing".to_owned()), Some("incoming".to_owned())]);
}

#[tokio::test]
async fn d7_who_is_blocked_meanwhile_becomes_no_friend() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.befriend(&ana, &ben).await.expect(201);
    bench.note_block(&ana, &ben).await;
    bench.answer_friend("friends-accept", &ben, &ana.id).await.refused(404, "NOT_FOUND");
    let (own, other) = (&ben.actor.user, &ana.actor.user);
    assert!(!store::friends::accept(&bench.table(), own, other, crate::support::now()).await.unwrap());
}

#[tokio::test]
async fn of_accepting_and_declining_at_once_one_counts() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    bench.befriend(&ana, &ben).await.expect(201);
    let (accepted, declined) = tokio::join!(
        bench.answer_friend("friends-accept", &ben, &ana.id),
        bench.answer_friend("friends-decline", &ben, &ana.id),
    );
    let ties = bench.ties(&ana, &ben).await;
    match (accepted.status, declined.status) {
        (200, 404) => assert_eq!(ties, [Some("friends".to_owned()), Some("friends".to_owned())]),
        (404, 200) => assert_eq!(ties, [None, None]),
        other => panic!("{other:?}"),
    }
}
