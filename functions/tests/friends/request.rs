use serde_json::{Value, json};

use crate::support::{Bench, fields, post};

#[tokio::test]
async fn whoever_is_asked_hears_of_it_and_finds_the_request() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let of_ben = bench.phone(&ben).await;
    let body = bench.befriend(&ana, &ben).await.expect(201);
    assert_eq!(bench.used(), "BatchGetItem 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(fields(&body), ["request", "status"]);
    assert_eq!(body["status"], "requested");
    assert_eq!(fields(&body["request"]), ["createdAt", "direction", "user"]);
    assert_eq!((&body["request"]["user"]["id"], &body["request"]["direction"]), (&json!(ben.id), &json!("outgoing")));
    let told = of_ben.expect("friend:request").await;
    assert_eq!(fields(&told), ["action", "request"]);
    assert_eq!((&told["request"]["user"]["id"], &told["request"]["direction"]), (&json!(ana.id), &json!("incoming")));
    assert!(told["request"]["user"].get("isOnline").is_none(), "who asks is not seen coming and going yet");
    assert_eq!(bench.ties(&ana, &ben).await, [Some("outgoing".to_owned()), Some("incoming".to_owned())]);
}

#[tokio::test]
async fn asking_again_is_the_same_request() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let first = bench.befriend(&ana, &ben).await.expect(201);
    let again = bench.befriend(&ana, &ben).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, UpdateItem 1");
    assert_eq!(again, first);
}

#[tokio::test]
async fn asking_who_has_asked_makes_friends() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let of_ana = bench.phone(&ana).await;
    bench.befriend(&ana, &ben).await.expect(201);
    let body = bench.befriend(&ben, &ana).await.expect(201);
    assert_eq!((&body["status"], &body["friend"]["id"]), (&json!("friends"), &json!(ana.id)));
    assert_eq!(of_ana.expect("friend:accepted").await["friend"]["id"], json!(ben.id));
    bench.befriend(&ana, &ben).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn of_many_who_ask_in_both_directions_at_once_one_friendship_comes() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let asks = (0..20).map(|number| {
        let (one, other) = if number % 2 == 0 { (&ana, &ben) } else { (&ben, &ana) };
        bench.befriend(one, other)
    });
    let answers = futures_util::future::join_all(asks).await;
    for answer in answers {
        assert!(matches!(answer.status, 200 | 201 | 409), "{}", answer.body);
    }
    assert_eq!(bench.ties(&ana, &ben).await, [Some("friends".to_owned()), Some("friends".to_owned())]);
}

#[tokio::test]
async fn of_many_who_ask_in_one_direction_at_once_one_request_comes() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let of_ben = bench.phone(&ben).await;
    let answers = futures_util::future::join_all((0..10).map(|_| bench.befriend(&ana, &ben))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 200, 201]);
    of_ben.expect("friend:request").await;
    assert_eq!(of_ben.count("friend:request"), 1);
}

#[tokio::test]
async fn d7_nothing_comes_of_asking_where_one_blocks_the_other() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let of_ben = bench.phone(&ben).await;
    bench.note_block(&ben, &ana).await;
    let before = bench.items().await;
    bench.befriend(&ana, &ben).await.refused(404, "NOT_FOUND");
    bench.befriend(&ben, &ana).await.refused(409, "CONFLICT");
    assert_eq!((bench.items().await, of_ben.count("friend:request")), (before, 0));
}

#[tokio::test]
async fn d7_a_block_that_comes_at_the_last_moment_is_kept() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (one, other) = (&ana.actor.user, &ben.actor.user);
    bench.note_block(&ben, &ana).await;
    assert!(!store::friends::ask(&bench.table(), one, other, crate::support::now()).await.unwrap());
    assert_eq!(bench.ties(&ana, &ben).await, [None, None]);
}

#[tokio::test]
async fn bad_and_unknown_people() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let services = bench.of("friends-request").await;
    let ask = async |body: Value| {
        let call = post("/api/friends/requests", &body).bearer(&ana.token);
        call.to(&services, functions::friends::request::handle).await
    };
    for body in [json!({}), json!({ "friendId": 5 }), json!({ "friendId": "ben" }), json!({ "friendId": ana.id })] {
        assert_eq!(fields(&ask(body).await.refused(400, "VALIDATION_ERROR")), ["friendId"]);
    }
    let nobody = json!({ "friendId": "user_00000000-0000-4000-8000-000000000000" });
    ask(nobody).await.refused(404, "NOT_FOUND");
    let call = post("/api/friends/requests", &json!({}));
    call.to(&services, functions::friends::request::handle).await.refused(401, "UNAUTHORIZED");
}
