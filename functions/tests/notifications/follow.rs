mod silence;

use edge::stream::{FailedItem, Report};
use serde_json::json;

use crate::support::{Bench, fields, text};

#[tokio::test]
async fn who_is_there_is_told_of_a_notification() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let of_ana = bench.phone(&ana).await;
    let before = bench.before().await;
    bench.befriend(&ben, &ana).await.expect(201);
    let records = bench.records(&before).await;
    assert_eq!(records.len(), 1, "of three items the notification alone wakes anybody: {records:#?}");
    assert_eq!(bench.hand_over(&records).await, Report::default());
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, Query 1");
    let told = of_ana.expect("notification:new").await;
    assert_eq!(fields(&told), ["action", "notification", "unreadCount"]);
    assert_eq!((&told["unreadCount"], &told["notification"]["type"]), (&json!(1), &json!("friend_request")));
    assert_eq!(told["notification"]["actor"]["id"], json!(ben.id));

    of_ana.hang_up().await;
    assert_eq!(bench.hand_over(&records).await, Report::default(), "nobody is there, and nothing is wrong with that");
}

#[tokio::test]
async fn who_is_mentioned_is_notified_once_however_often_the_stream_tells_of_it() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let before = bench.before().await;
    let message = bench.say(&pair.of_ben, &pair.id, "Are you there, @ana? @ben is.").await;
    let records = bench.records(&before).await;
    assert_eq!(records.len(), 1, "{records:#?}");
    for _ in 0..2 {
        assert_eq!(bench.hand_over(&records).await, Report::default());
        assert_eq!(bench.used(), "BatchGetItem 1, PutItem 1");
    }
    let body = bench.notified(&pair.ana, "").await.expect(200);
    assert_eq!(body["unreadCount"], 1);
    let note = &body["notifications"][0];
    assert_eq!((&note["type"], &note["messageId"]), (&json!("mention"), &message["id"]));
    assert_eq!((&note["conversationId"], &note["actor"]["id"]), (&json!(pair.id), &json!(pair.ben.id)));
    assert!(bench.kinds(&pair.ben).await.is_empty(), "nobody is notified of themselves");
}

#[tokio::test]
async fn an_edit_notifies_those_whom_it_mentions_anew() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "en").await;
    let group = bench.group(&ben, &[&ana, &cem]).await;
    let of_ben = bench.phone(&ben).await;
    let before = bench.before().await;
    let message = bench.say(&of_ben, &group, "For @ana").await;
    bench.follow(before).await;
    let before = bench.before().await;
    let services = bench.of("ws-message-edit").await;
    let data = json!({ "conversationId": group, "messageId": message["id"], "content": "For @ana and @cem" });
    let frame = json!({ "action": "message:edit", "data": data });
    bench.act(&services, functions::ws::message_edit::handle, &of_ben, &frame).await;
    bench.follow(before).await;
    for person in [&ana, &cem] {
        let kinds = bench.kinds(person).await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "mention").count(), 1, "{kinds:?}");
    }
}

#[tokio::test]
async fn a_reaction_to_an_own_message_notifies_and_its_end_does_not() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let message = bench.say(&pair.of_ben, &pair.id, "The sea is warm.").await;
    let services = bench.of("ws-message-reaction").await;
    let react = async |phone| {
        let data = json!({ "conversationId": pair.id, "messageId": message["id"], "emoji": "👍" });
        let frame = json!({ "action": "message:reaction", "data": data });
        let before = bench.before().await;
        bench.act(&services, functions::ws::message_reaction::handle, phone, &frame).await;
        bench.follow(before).await;
    };
    react(&pair.of_ben).await;
    assert!(bench.kinds(&pair.ben).await.is_empty(), "his own");
    react(&pair.of_ana).await;
    let body = bench.notified(&pair.ben, "").await.expect(200);
    let note = &body["notifications"][0];
    assert_eq!((&note["type"], &note["emoji"], &note["messageId"]), (&json!("reaction"), &json!("👍"), &message["id"]));
    assert_eq!(pair.of_ben.expect("notification:new").await["notification"]["id"], note["id"]);
    react(&pair.of_ana).await;
    assert_eq!(bench.kinds(&pair.ben).await, ["reaction"], "she has taken it back");
}

#[tokio::test]
async fn of_what_is_muted_a_mention_is_told_and_a_reaction_waits_in_the_list() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let of_ben = bench.say(&pair.of_ben, &pair.id, "The sea is warm.").await;
    let muted = json!({ "mutedUntil": "2999-01-01T00:00:00.000Z" });
    bench.settings(&pair.ben, &pair.id, &muted).await.expect(200);
    let services = bench.of("ws-message-reaction").await;
    let data = json!({ "conversationId": pair.id, "messageId": of_ben["id"], "emoji": "👍" });
    let frame = json!({ "action": "message:reaction", "data": data });
    let before = bench.before().await;
    bench.act(&services, functions::ws::message_reaction::handle, &pair.of_ana, &frame).await;
    bench.follow(before).await;
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1", "it is looked at, and not told");
    assert_eq!(bench.kinds(&pair.ben).await, ["reaction"]);
    let before = bench.before().await;
    bench.say(&pair.of_ana, &pair.id, "Is it, @ben?").await;
    bench.follow(before).await;
    let told = pair.of_ben.expect("notification:new").await;
    assert_eq!((&told["notification"]["type"], &told["unreadCount"]), (&json!("mention"), &json!(2)));
    assert_eq!(pair.of_ben.count("notification:new"), 1);
}

#[tokio::test]
async fn messages_without_mentions_wake_nobody() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let before = bench.before().await;
    bench.say(&pair.of_ben, &pair.id, "Nobody in particular, nobody@example.com").await;
    assert_eq!(bench.records(&before).await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn d7_c5_nobody_is_notified_by_whom_they_block_or_of_what_they_are_in_no_more() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let cem = bench.person("cem", "en").await;
    let group = bench.group(&ben, &[&ana, &cem]).await;
    let of_ben = bench.phone(&ben).await;
    bench.note_block(&ana, &ben).await;
    let before = bench.before().await;
    bench.say(&of_ben, &group, "@ana @cem").await;
    bench.remove(&ben, &group, &cem.id).await.expect(200);
    bench.follow(before).await;
    for person in [&ana, &cem] {
        assert_eq!(bench.kinds(person).await, ["conversation_added"]);
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_handled_is_reported_and_the_others_are_handled() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let before = bench.before().await;
    let first = text(&bench.say(&pair.of_ben, &pair.id, "@ana one").await["id"]);
    bench.say(&pair.of_ben, &pair.id, "@ana two").await;
    let id = domain::ConversationId::parse(&pair.id).unwrap();
    bench.garble(&store::keys::message(&id, domain::MessageId::parse(&first).unwrap()), "sender").await;
    let records = bench.records(&before).await;
    let bad = records.iter().find(|record| record["dynamodb"]["NewImage"]["sender"]["S"] == "?").unwrap();
    let failed = FailedItem { item_identifier: text(&bad["dynamodb"]["SequenceNumber"]) };
    assert_eq!(bench.hand_over(&records).await, Report { batch_item_failures: vec![failed] });
    assert_eq!(bench.kinds(&pair.ana).await, ["mention"]);
    let report = serde_json::to_value(bench.hand_over(&records[..0]).await).unwrap();
    assert_eq!(report, json!({ "batchItemFailures": [] }));
}
