use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, Phone, fields, get, text};

async fn list(bench: &Bench, person: &Person, conversation: &str, query: &str) -> Answer {
    let services = bench.of("messages-list").await;
    bench.start_counting();
    let path = format!("/api/conversations/{conversation}/messages{query}");
    let call = get(&path).path("conversationId", conversation).bearer(&person.token);
    call.to(&services, functions::messages::list::handle).await
}

async fn send(bench: &Bench, phone: &Phone, conversation: &str, content: &str) -> Value {
    let services = bench.of("ws-message-send").await;
    let frame = json!({ "action": "message:send", "data": { "conversationId": conversation, "content": content } });
    bench.act(&services, functions::ws::message_send::handle, phone, &frame).await;
    phone.expect("message:receive").await["message"].clone()
}

fn contents(page: &Value) -> Vec<String> {
    page["messages"].as_array().unwrap().iter().map(|message| text(&message["content"])).collect()
}

#[tokio::test]
async fn shows_each_reader_their_language_and_asks_the_translator_once() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let of_ben = bench.phone(&ben).await;
    send(&bench, &of_ben, &id, "The weather is lovely today, is it not?").await;
    assert!(bench.services.translator.asked().is_empty(), "nobody who needs a translation was there");

    let answer = list(&bench, &ana, &id, "").await;
    assert_eq!(bench.used(), "BatchGetItem 3, PutItem 1, Query 3, TranslateText 1, UpdateItem 1");
    let page = answer.expect(200);
    assert_eq!(fields(&page), ["hasMore", "messages", "nextCursor"]);
    let message = &page["messages"][0];
    let shown = [
        "attachment",
        "attachments",
        "content",
        "conversationId",
        "createdAt",
        "deleted",
        "deletedAt",
        "edited",
        "editedAt",
        "id",
        "mentions",
        "originalContent",
        "originalLanguage",
        "reactions",
        "readBy",
        "replyTo",
        "sender",
        "senderId",
        "senderName",
        "seq",
        "status",
        "targetLanguage",
        "timestamp",
        "translatedContent",
        "type",
    ];
    assert_eq!(fields(message), shown);
    assert_eq!(message["translatedContent"], "«es» The weather is lovely today, is it not?");
    assert_eq!((&message["originalLanguage"], &message["targetLanguage"]), (&json!("en"), &json!("es")));
    assert_eq!((&message["seq"], &message["status"]), (&json!(1), &json!("sent")));
    assert_eq!(message["sender"]["username"], "ben");

    let again = list(&bench, &ana, &id, "").await;
    assert_eq!(bench.used(), "BatchGetItem 3, Query 3, UpdateItem 1", "the second time it is in the cache");
    assert_eq!(again.expect(200), page);
    let own = list(&bench, &ben, &id, "").await.expect(200);
    assert_eq!(own["messages"][0]["translatedContent"], "The weather is lovely today, is it not?");
    assert_eq!(bench.services.translator.asked().len(), 1);
}

#[tokio::test]
async fn a_translator_that_fails_or_is_slow_leaves_the_original() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let of_ben = bench.phone(&ben).await;
    send(&bench, &of_ben, &id, "The weather is lovely today, is it not?").await;
    bench.services.translator.hold();
    let page = list(&bench, &ana, &id, "").await.expect(200);
    assert_eq!(page["messages"][0]["translatedContent"], "The weather is lovely today, is it not?");
    assert_eq!(page["messages"][0]["targetLanguage"], "es");
    bench.services.translator.release();
}

#[tokio::test]
async fn pages_in_both_directions_miss_nothing_whatever_arrives_meanwhile() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let of_ben = bench.phone(&ben).await;
    let mut expected = Vec::new();
    for number in 1..=7 {
        expected.push(format!("number {number}"));
        send(&bench, &of_ben, &id, &format!("number {number}")).await;
    }
    let mut backwards = Vec::new();
    let mut query = "?limit=3".to_owned();
    let mut arrived = 7;
    let oldest = loop {
        let page = list(&bench, &ana, &id, &query).await.expect(200);
        let mut these = contents(&page);
        these.append(&mut backwards);
        backwards = these;
        arrived += 1;
        send(&bench, &of_ben, &id, &format!("number {arrived}")).await;
        match page["nextCursor"].as_str() {
            Some(cursor) => query = format!("?limit=3&cursor={cursor}"),
            None => break text(&page["messages"][0]["id"]),
        }
    };
    assert_eq!(backwards, expected);

    let mut forwards = Vec::new();
    let mut after = oldest;
    loop {
        let page = list(&bench, &ana, &id, &format!("?limit=2&after={after}")).await.expect(200);
        forwards.extend(contents(&page));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        after = cursor.to_owned();
    }
    let rest: Vec<String> = (2..=arrived).map(|number| format!("number {number}")).collect();
    assert_eq!(forwards, rest);
}

#[tokio::test]
async fn a_timestamp_is_a_cursor_too_and_before_is_an_older_clients_word() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "en").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let of_ben = bench.phone(&ben).await;
    let mut sent = Vec::new();
    for number in 1..=6 {
        sent.push(send(&bench, &of_ben, &id, &format!("number {number}")).await);
        // Two messages may share a millisecond; here the border is to lie between two.
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    for place in [0, 3, 5] {
        let before: Vec<String> = sent[..place].iter().map(|message| text(&message["content"])).collect();
        let time = text(&sent[place]["createdAt"]);
        let page = list(&bench, &ana, &id, &format!("?cursor={time}")).await.expect(200);
        assert_eq!(contents(&page), before, "before {time}");
        let page = list(&bench, &ana, &id, &format!("?before={}", text(&sent[place]["id"]))).await.expect(200);
        assert_eq!(contents(&page), before);
    }
}

#[tokio::test]
async fn who_is_not_a_member_learns_nothing() {
    let bench = Bench::start().await;
    let (ana, ben, eve) =
        (bench.person("ana", "es").await, bench.person("ben", "en").await, bench.person("eve", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let strangers = list(&bench, &eve, &id, "").await;
    let unknown = list(&bench, &eve, "conv_00000000-0000-4000-8000-000000000000", "").await;
    let nonsense = list(&bench, &eve, "conv_abc123", "").await;
    assert_eq!(strangers.body, unknown.body);
    assert_eq!(strangers.body, nonsense.body);
    strangers.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn g4_cursors_and_limits_are_checked() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    for (query, names) in [
        ("?limit=0", vec!["limit"]),
        ("?limit=101&cursor=forged", vec!["cursor", "limit"]),
        ("?before=msg_1&after=conv_2", vec!["after", "before", "cursor"]),
        ("?before=user_00000000-0000-4000-8000-000000000000", vec!["before"]),
    ] {
        let details = list(&bench, &ana, &id, query).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), names, "{query}");
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("messages-list").await;
    let call = get("/api/conversations/x/messages").path("conversationId", "x");
    call.to(&services, functions::messages::list::handle).await.refused(401, "UNAUTHORIZED");
}
