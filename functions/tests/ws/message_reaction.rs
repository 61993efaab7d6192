use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields};

async fn react(bench: &Bench, phone: &Phone, data: Value) {
    let services = bench.of("ws-message-reaction").await;
    bench.start_counting();
    let frame = json!({ "action": "message:reaction", "data": data });
    bench.act(&services, functions::ws::message_reaction::handle, phone, &frame).await;
}

#[tokio::test]
async fn the_same_again_is_the_opposite_and_everybody_sees_all_reactions() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let with = |emoji: &str| json!({ "conversationId": pair.id, "messageId": said["id"], "emoji": emoji });
    let (ana, ben) = (&pair.ana.id, &pair.ben.id);
    let mut both = [ana.clone(), ben.clone()];
    both.sort();
    for (phone, emoji, expected) in [
        (&pair.of_ana, "👍", json!({ "👍": [ana] })),
        (&pair.of_ben, "👍", json!({ "👍": both })),
        (&pair.of_ana, "❤️", json!({ "❤️": [ana], "👍": both })),
        (&pair.of_ana, "👍", json!({ "❤️": [ana], "👍": [ben] })),
        (&pair.of_ben, "👍", json!({ "❤️": [ana] })),
    ] {
        let mut data = with(emoji);
        data["messageTimestamp"] = json!("whenever");
        react(&bench, phone, data).await;
        for receiver in [&pair.of_ana, &pair.of_ben] {
            let event = receiver.expect("message:reaction").await;
            assert_eq!(
                fields(&event),
                ["action", "conversationId", "emoji", "messageId", "messageTimestamp", "reactions", "userId"]
            );
            assert_eq!((&event["reactions"], &event["emoji"]), (&expected, &json!(emoji)));
            assert_eq!(
                (&event["userId"], &event["messageTimestamp"]),
                (&json!(phone.actor.user.to_string()), &said["createdAt"])
            );
        }
        assert_eq!(bench.page(&pair.ana, &pair.id).await[0]["reactions"], expected);
    }
}

#[tokio::test]
async fn costs_the_same_whatever_is_there_already() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let data = json!({ "conversationId": pair.id, "messageId": said["id"], "emoji": "👍" });
    react(&bench, &pair.of_ana, data.clone()).await;
    assert_eq!(bench.used(), "BatchGetItem 1, PutItem 1, Query 1, UpdateItem 3", "count, reaction, conversation");
    react(&bench, &pair.of_ana, data).await;
    assert_eq!(bench.used(), "BatchGetItem 1, PutItem 1, Query 1, UpdateItem 4", "to take it back it has to be found");
}

#[tokio::test]
async fn k2_fifty_reactions_at_once_lose_nothing() {
    let bench = Bench::start().await;
    let ben = bench.person("ben", "en").await;
    let of_ben = bench.phone(&ben).await;
    let table = bench.table();
    let id = domain::ConversationId::new(uuid::Uuid::from_u128(0x4000_8000_0000_0000_0007));
    let message = domain::MessageId::new(1, [7; 10]);
    let record = store::messages::MessageRecord {
        id: message.to_string(),
        sender: ben.id.clone(),
        kind: "text".to_owned(),
        content: "hello".to_owned(),
        language: "en".to_owned(),
        ..serde_json::from_value(json!({
            "id": "", "sender": "", "kind": "", "content": "", "language": "", "translate": true, "createdAt": 0
        }))
        .unwrap()
    };
    store::messages::put(&table, &id, message, &record).await.unwrap();
    let people: Vec<domain::UserId> =
        (0..50_u128).map(|number| domain::UserId::new(uuid::Uuid::from_u128((0x4000_8000 << 64) + number))).collect();
    let (thumb, heart) = (domain::message::Emoji::parse("👍").unwrap(), domain::message::Emoji::parse("❤️").unwrap());
    let toggle = async |emoji: &domain::message::Emoji| {
        let all = people.iter().map(|user| store::reactions::toggle(&table, &id, message, user, emoji));
        for outcome in futures_util::future::join_all(all).await {
            outcome.unwrap();
        }
    };
    let now = async || store::messages::by_id(&table, &id, message).await.unwrap().unwrap().reactions;
    tokio::join!(toggle(&thumb), toggle(&heart));
    let there = now().await;
    assert_eq!((there["👍"].len(), there["❤️"].len()), (50, 50), "everybody is there, once");
    // Half of them take it back while it is the last of some.
    toggle(&thumb).await;
    let there = now().await;
    assert_eq!((there.get("👍"), there["❤️"].len()), (None, 50));
    // An odd number of toggles of one person at once leaves it there.
    let one = (0..5).map(|_| store::reactions::toggle(&table, &id, message, &people[0], &thumb));
    futures_util::future::join_all(one).await;
    assert_eq!(now().await["👍"].len(), 1);
    assert_eq!(of_ben.count("message:reaction"), 0);
}

#[tokio::test]
async fn g3_a_message_takes_twenty_different_emoji_of_one_character_each() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let with = |emoji: &str| json!({ "conversationId": pair.id, "messageId": said["id"], "emoji": emoji });
    let emoji: Vec<String> = (0..21).map(|place| char::from_u32(0x1f600 + place).unwrap().to_string()).collect();
    for emoji in &emoji[..20] {
        react(&bench, &pair.of_ana, with(emoji)).await;
        pair.of_ana.expect("message:reaction").await;
    }
    react(&bench, &pair.of_ana, with(&emoji[20])).await;
    assert_eq!(pair.of_ana.expect("error").await["code"], "CONFLICT");
    react(&bench, &pair.of_ben, with(&emoji[3])).await;
    pair.of_ben.expect("message:reaction").await;
    react(&bench, &pair.of_ana, with(&emoji[0])).await;
    react(&bench, &pair.of_ana, with(&emoji[20])).await;
    assert_eq!(bench.page(&pair.ana, &pair.id).await[0]["reactions"].as_object().unwrap().len(), 20);
    for bad in [json!("ok"), json!("👍👍"), json!(""), json!(7)] {
        let mut data = with("");
        data["emoji"] = bad;
        react(&bench, &pair.of_ana, data).await;
        assert_eq!(fields(&pair.of_ana.expect("error").await["details"]), ["emoji"]);
    }
}

#[tokio::test]
async fn c4_who_is_not_a_member_changes_nothing_and_reaches_nobody() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    let of_eve = bench.phone(&eve).await;
    let said = bench.say(&pair.of_ben, &pair.id, "hello").await;
    let data = json!({ "conversationId": pair.id, "messageId": said["id"], "emoji": "👍" });
    react(&bench, &of_eve, data).await;
    assert_eq!(of_eve.expect("error").await["code"], "NOT_FOUND");
    // A message of another conversation is none of this one.
    let elsewhere = bench.conversation(&pair.ben, &json!({ "type": "group", "participantIds": [eve.id] })).await;
    react(&bench, &of_eve, json!({ "conversationId": elsewhere, "messageId": said["id"], "emoji": "👍" })).await;
    assert_eq!(of_eve.expect("error").await["message"], "Message not found");
    assert_eq!(bench.page(&pair.ana, &pair.id).await[0]["reactions"], json!({}));
    assert_eq!(pair.of_ana.count("message:reaction"), 0);
}
