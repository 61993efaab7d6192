use serde_json::json;

use crate::support::{Bench, fields, post};

#[tokio::test]
async fn a_member_leaves_and_the_others_are_told() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let of_ana = bench.phone(&ana).await;
    let body = bench.leave(&ben, &id).await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 3, PutItem 1, Query 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!(body, json!({ "success": true, "conversationId": id, "userId": ben.id }));
    let told = of_ana.expect("participant:left").await;
    assert_eq!(fields(&told), ["action", "conversationId", "participantCount", "userId", "username"]);
    assert_eq!((&told["userId"], &told["username"]), (&json!(ben.id), &json!("ben")));
    assert_eq!(told["participantCount"], 1);
    assert_eq!(bench.roles(&ana, &id).await, [("ana".to_owned(), "admin".to_owned())]);
}

#[tokio::test]
async fn c5_who_has_left_gets_nothing_more() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    bench.leave(&ben, &id).await.expect(200);
    of_ben.expect("participant:left").await;
    bench.say(&of_ana, &id, "among us").await;
    // What is sent to everybody arrives in order: had there been anything, it would have come before this.
    let other = bench.direct(&ana, &ben).await;
    bench.say(&of_ana, &other, "to Ben alone").await;
    assert_eq!(of_ben.expect("message:receive").await["message"]["content"], "to Ben alone");
    assert!(bench.listed(&ben, &id).await.is_none());
    bench.details(&ben, &id).await.refused(404, "NOT_FOUND");
    bench.read(&ben, &id, None).await.refused(404, "NOT_FOUND");
    bench.leave(&ben, &id).await.refused(404, "NOT_FOUND");
    let services = bench.of("ws-message-send").await;
    let frame = json!({ "action": "message:send", "data": { "conversationId": id, "content": "me too" } });
    bench.act(&services, functions::ws::message_send::handle, &of_ben, &frame).await;
    assert_eq!(of_ben.expect("error").await["code"], "NOT_FOUND");
}

#[tokio::test]
async fn d5_the_last_admins_leaving_promotes_the_longest_standing_member() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (cem, dia) = (bench.person("cem", "tr").await, bench.person("dia", "pt").await);
    let id = bench.group(&ana, &[&cem]).await;
    for later in [&ben, &dia] {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        bench.add(&ana, &id, &[later]).await.expect(200);
    }
    let of_dia = bench.phone(&dia).await;
    bench.leave(&ana, &id).await.expect(200);
    let told = of_dia.expect("conversation:updated").await;
    assert_eq!((&told["participant"]["id"], &told["participant"]["role"]), (&json!(cem.id), &json!("admin")));
    let roles = bench.roles(&ben, &id).await;
    let expected = [("ben", "member"), ("cem", "admin"), ("dia", "member")];
    assert_eq!(roles.iter().map(|(name, role)| (name.as_str(), role.as_str())).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn d5_however_many_leave_and_are_demoted_at_once_an_admin_is_left() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (cem, dia) = (bench.person("cem", "tr").await, bench.person("dia", "pt").await);
    for _ in 0..3 {
        let id = bench.group(&ana, &[&ben, &cem, &dia]).await;
        bench.promote(&ana, &id, &ben).await;
        bench.promote(&ana, &id, &cem).await;
        let member = json!({ "role": "member" });
        let answers = tokio::join!(
            bench.leave(&ana, &id),
            bench.role(&ben, &id, &cem.id, &member),
            bench.role(&cem, &id, &ben.id, &member),
            bench.leave(&cem, &id),
        );
        for answer in [&answers.0, &answers.1, &answers.2, &answers.3] {
            assert!([200, 403, 404, 409].contains(&answer.status), "{}", answer.body);
        }
        let roles = bench.roles(&dia, &id).await;
        let admins = roles.iter().filter(|(_, role)| role == "admin").count();
        assert!(admins >= 1, "{roles:?}");
        let conversation = domain::ConversationId::parse(&id).unwrap();
        let (record, _) =
            store::conversations::with_member(&bench.table(), &conversation, &dia.actor.user).await.unwrap().unwrap();
        assert_eq!(record.admin_count, Some(u32::try_from(admins).unwrap()), "the count is exact");
        assert_eq!(record.member_count, u32::try_from(roles.len()).unwrap());
    }
}

#[tokio::test]
async fn with_the_last_member_the_group_ends() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.group(&ana, &[&ben]).await;
    let of_ana = bench.phone(&ana).await;
    bench.say(&of_ana, &id, "hello?").await;
    bench.leave(&ben, &id).await.expect(200);
    bench.leave(&ana, &id).await.expect(200);
    bench.details(&ana, &id).await.refused(404, "NOT_FOUND");
    let conversation = domain::ConversationId::parse(&id).unwrap();
    let later = crate::support::now().plus(std::time::Duration::from_mins(1));
    let marked = store::ended::left_over(&bench.table(), later, 10).await.unwrap();
    assert_eq!(marked, [conversation], "it is to be cleared");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-leave").await;
    let call = post("/api/conversations/x/leave", &json!({}));
    call.to(&services, functions::conversations::leave::handle).await.refused(401, "UNAUTHORIZED");
}
