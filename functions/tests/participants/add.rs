use serde_json::json;

use crate::support::{Bench, fields, post};

#[tokio::test]
async fn newcomers_get_the_conversation_and_the_others_are_told() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben]).await;
    let (of_ben, of_cem) = (bench.phone(&ben).await, bench.phone(&cem).await);
    bench.say(&of_ben, &id, "before Cem").await;
    let body = bench.add(&ana, &id, &[&cem]).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 3, Query 2, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(fields(&body), ["conversationId", "participantCount", "participants"]);
    assert_eq!((&body["participantCount"], &body["participants"][0]["role"]), (&json!(3), &json!("member")));
    let told = of_ben.expect("participant:joined").await;
    assert_eq!(fields(&told), ["action", "addedBy", "conversationId", "participant", "participantCount"]);
    assert_eq!((&told["participant"]["id"], &told["addedBy"]), (&json!(cem.id), &json!(ana.id)));
    let new = of_cem.expect("conversation:new").await["conversation"].clone();
    assert_eq!((&new["id"], &new["participantCount"], &new["unreadCount"]), (&json!(id), &json!(3), &json!(0)));
    assert_eq!(new["participants"].as_array().unwrap().len(), 3);

    bench.say(&of_ben, &id, "welcome").await;
    assert_eq!(of_cem.expect("message:receive").await["message"]["content"], "welcome");
    assert_eq!(bench.listed(&cem, &id).await.unwrap()["unreadCount"], 1);
    assert_eq!(bench.listed(&ben, &id).await.unwrap()["lastMessage"]["status"], "sent");
}

#[tokio::test]
async fn k5_at_one_place_left_one_of_ten_gets_in() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let body = json!({ "type": "group", "participantIds": [ben.id], "maxMembers": 3 });
    let id = bench.conversation(&ana, &body).await;
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(bench.person(&format!("guest{number}"), "en").await);
    }
    let adds = people.iter().map(|person| async { bench.add(&ana, &id, &[person]).await.status });
    let mut statuses = futures_util::future::join_all(adds).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(bench.roles(&ana, &id).await.len(), 3);
    assert_eq!(bench.listed(&ana, &id).await.unwrap()["participantCount"], 3);
}

#[tokio::test]
async fn all_of_them_or_nobody() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben]).await;
    bench.add(&ana, &id, &[&cem, &ben]).await.refused(409, "CONFLICT");
    let nobody = "user_00000000-0000-4000-8000-000000000000";
    let body = json!({ "participantIds": [cem.id, nobody] });
    bench.add_body(&ana, &id, &body).await.refused(404, "NOT_FOUND");
    assert_eq!(bench.roles(&ana, &id).await.len(), 2);
    let body = json!({ "userIds": [cem.id, cem.id] });
    bench.add_body(&ana, &id, &body).await.expect(200);
    assert_eq!(bench.roles(&ana, &id).await.len(), 3);
}

#[tokio::test]
async fn every_bad_field_is_told() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let many: Vec<_> = (0..100_u128).map(|number| format!("user_{}", uuid::Uuid::from_u128(number))).collect();
    for body in [
        json!({}),
        json!({ "participantIds": [] }),
        json!({ "participantIds": "x" }),
        json!({ "participantIds": many }),
    ] {
        let details = bench.add_body(&ana, &id, &body).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["participantIds"]);
    }
}

#[tokio::test]
async fn d1_members_may_not_and_strangers_see_nothing() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "tr").await;
    let id = bench.group(&ana, &[&ben]).await;
    bench.add(&ben, &id, &[&cem]).await.refused(403, "FORBIDDEN");
    bench.add(&cem, &id, &[&cem]).await.refused(404, "NOT_FOUND");
    assert_eq!(bench.roles(&ana, &id).await.len(), 2);
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("participants-add").await;
    let call = post("/api/conversations/x/participants", &json!({}));
    call.to(&services, functions::participants::add::handle).await.refused(401, "UNAUTHORIZED");
}
