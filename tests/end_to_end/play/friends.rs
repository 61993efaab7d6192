//! Friends: asked, accepted, declined, and parted from.

use serde_json::{Value, json};
use testkit::{Person, TestStack};

pub(super) async fn play(stack: &TestStack) {
    two_become_friends(stack).await;
    a_request_that_comes_to_nothing(stack).await;
    // Whether the request or the notification of it finds out first is luck.
    for _ in 0..4 {
        phones_that_are_gone(stack).await;
    }
}

/// The ids of somebody's friends.
async fn friends(person: &Person) -> Vec<Value> {
    let body = person.get("/api/friends", 200).await;
    body["friends"].as_array().unwrap_or_else(|| panic!("{body:#}")).iter().map(|friend| friend["id"].clone()).collect()
}

async fn ask(person: &Person, other: &Person, status: u16) -> Value {
    person.post("/api/friends/requests", &json!({ "friendId": other.id }), status).await
}

async fn two_become_friends(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let (at_ana, at_ben) = tokio::join!(ana.connect(), ben.connect());
    assert_eq!(ask(&ana, &ben, 201).await["status"], "requested");
    assert_eq!(at_ben.expect("friend:request").await["request"]["user"]["id"], json!(ana.id));
    let requests = ben.get("/api/friends/requests", 200).await["requests"].clone();
    assert_eq!((&requests[0]["user"]["id"], &requests[0]["direction"]), (&json!(ana.id), &json!("incoming")));
    let accepted = ben.post(&format!("/api/friends/requests/{}/accept", ana.id), &json!({}), 200).await;
    assert_eq!((&accepted["friend"]["id"], &accepted["friend"]["status"]), (&json!(ana.id), &json!("online")));
    assert_eq!(at_ana.expect("friend:accepted").await["friend"]["id"], json!(ben.id));
    assert_eq!((friends(&ana).await, friends(&ben).await), (vec![json!(ben.id)], vec![json!(ana.id)]));
    assert_eq!(ask(&ana, &ben, 409).await["code"], "CONFLICT");

    ben.delete(&format!("/api/friends/{}", ana.id), 200).await;
    assert_eq!((friends(&ana).await, friends(&ben).await), (vec![], vec![]));
    // Who asks somebody by whom they were asked accepts with it.
    ask(&ana, &ben, 201).await;
    assert_eq!(ask(&ben, &ana, 201).await["status"], "friends");
    at_ana.expect("friend:accepted").await;
}

async fn a_request_that_comes_to_nothing(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    ask(&ana, &ben, 201).await;
    ask(&ana, &ben, 200).await;
    ben.post(&format!("/api/friends/requests/{}/decline", ana.id), &json!({}), 200).await;
    ask(&ana, &ben, 201).await;
    ana.delete(&format!("/api/friends/{}", ben.id), 200).await;
    let accepted = ben.post(&format!("/api/friends/requests/{}/accept", ana.id), &json!({}), 404).await;
    assert_eq!(accepted["code"], "NOT_FOUND");
    assert_eq!(ben.get("/api/friends/requests", 200).await["requests"], json!([]));
}

/// Whoever is told may have gone without a word, or have a token that has ended.
async fn phones_that_are_gone(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    stack.lose_connection(&ben).await;
    stack.outlive_connection(&ben).await;
    ask(&ana, &ben, 201).await;
    stack.lose_connection(&ana).await;
    stack.outlive_connection(&ana).await;
    ben.post(&format!("/api/friends/requests/{}/accept", ana.id), &json!({}), 200).await;
    assert_eq!(friends(&ben).await, [json!(ana.id)]);
}
