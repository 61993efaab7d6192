use serde_json::{Value, json};

use crate::support::{Bench, Person, Phone, fields, text};

async fn send(bench: &Bench, phone: &Phone, data: Value) {
    let services = bench.of("ws-message-send").await;
    bench.start_counting();
    let frame = json!({ "action": "message:send", "data": data });
    bench.act(&services, functions::ws::message_send::handle, phone, &frame).await;
}

/// Ana (es) and Ben (en) with their conversation and a phone each.
async fn two(bench: &Bench) -> (Person, Person, String, Phone, Phone) {
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let (of_ana, of_ben) = (bench.phone(&ana).await, bench.phone(&ben).await);
    (ana, ben, id, of_ana, of_ben)
}

const WEATHER: &str = "The weather is lovely today, is it not?";

#[tokio::test]
async fn everybody_gets_it_in_their_language_and_the_sender_with_the_temp_id() {
    let bench = Bench::start().await;
    let (_, ben, id, of_ana, of_ben) = two(&bench).await;
    send(&bench, &of_ben, json!({ "conversationId": id, "content": WEATHER, "type": "text", "tempId": "t1" })).await;
    assert_eq!(
        bench.used(),
        "BatchGetItem 2, PutItem 3, Query 1, TranslateText 1, UpdateItem 4",
        "presence and cache; claim, message and translation; members; limit, place, claim settled, own read marker",
    );

    let received = of_ana.expect("message:receive").await;
    assert_eq!(fields(&received), ["action", "message"]);
    let message = &received["message"];
    assert!(text(&message["id"]).starts_with("msg_"));
    assert_eq!(message["conversationId"], json!(id));
    assert_eq!((&message["senderId"], &message["sender"]["username"]), (&json!(ben.id), &json!("ben")));
    assert_eq!(message["originalContent"], WEATHER);
    assert_eq!(message["translatedContent"], format!("«es» {WEATHER}"));
    assert_eq!((&message["originalLanguage"], &message["targetLanguage"]), (&json!("en"), &json!("es")));
    assert_eq!((&message["type"], &message["status"], &message["seq"]), (&json!("text"), &json!("sent"), &json!(1)));
    assert_eq!((&message["attachment"], &message["replyTo"]), (&Value::Null, &Value::Null));
    assert_eq!(message["timestamp"], message["createdAt"]);

    let acknowledged = of_ben.expect("message:receive").await;
    assert_eq!(fields(&acknowledged), ["action", "message", "tempId"]);
    assert_eq!(acknowledged["tempId"], "t1");
    assert_eq!(acknowledged["message"]["id"], message["id"]);
    assert_eq!(acknowledged["message"]["translatedContent"], WEATHER);
}

#[tokio::test]
async fn the_senders_other_devices_get_it_too() {
    let bench = Bench::start().await;
    let (_, ben, id, _, of_ben) = two(&bench).await;
    let tablet = bench.phone(&ben).await;
    send(&bench, &of_ben, json!({ "conversationId": id, "content": "hi", "clientMessageId": "c1" })).await;
    assert_eq!(tablet.expect("message:receive").await["tempId"], "c1");
    assert_eq!(of_ben.expect("message:receive").await["tempId"], "c1");
}

#[tokio::test]
async fn one_translation_per_language_however_many_read_it() {
    let bench = Bench::start().await;
    let ben = bench.person("ben", "en").await;
    let mut ids = Vec::new();
    let mut phones = Vec::new();
    for (name, language, country) in
        [("ana", "es", "ES"), ("luz", "es", "ES"), ("paz", "es", "MX"), ("jon", "fr", "FR"), ("amy", "en", "GB")]
    {
        let person = bench.person_in(name, language, country).await;
        phones.push((name, bench.phone(&person).await));
        ids.push(person.id);
    }
    let id = bench.conversation(&ben, &json!({ "type": "group", "participantIds": ids })).await;
    let of_ben = bench.phone(&ben).await;
    send(&bench, &of_ben, json!({ "conversationId": id, "content": WEATHER })).await;
    for (name, phone) in &phones {
        let message = phone.expect("message:receive").await["message"].clone();
        let expected = match *name {
            "ana" | "luz" => format!("«es» {WEATHER}"),
            "paz" => format!("«es-MX» {WEATHER}"),
            "jon" => format!("«fr» {WEATHER}"),
            _ => WEATHER.to_owned(),
        };
        assert_eq!(message["translatedContent"], expected, "{name}");
    }
    let mut asked: Vec<String> = bench.services.translator.asked().into_iter().map(|asked| asked.target).collect();
    asked.sort();
    assert_eq!(asked, ["es", "es-MX", "fr"]);

    // The same words again cost nothing.
    send(&bench, &of_ben, json!({ "conversationId": id, "content": WEATHER })).await;
    for (_, phone) in &phones {
        phone.expect("message:receive").await;
    }
    assert_eq!(bench.services.translator.asked().len(), 3);
}

#[tokio::test]
async fn nothing_is_paid_for_what_needs_no_translation() {
    let bench = Bench::start().await;
    let (_, _, id, of_ana, of_ben) = two(&bench).await;
    for data in [
        json!({ "content": "👍🎉" }),
        json!({ "content": "12:30" }),
        json!({ "content": "https://example.com/a?b=c" }),
        json!({ "content": "Look at this picture of the sea", "type": "image" }),
        json!({ "content": "Meeting notes of this morning", "type": "FILE" }),
    ] {
        let mut data = data;
        data["conversationId"] = json!(id);
        send(&bench, &of_ben, data.clone()).await;
        let message = of_ana.expect("message:receive").await["message"].clone();
        assert_eq!(message["translatedContent"], data["content"]);
    }
    assert!(bench.services.translator.asked().is_empty());
    let data = json!({ "conversationId": id, "content": "Meeting notes of this morning", "type": "file", "translateDocument": true });
    send(&bench, &of_ben, data).await;
    let message = of_ana.expect("message:receive").await["message"].clone();
    assert_eq!(message["translatedContent"], "«es» Meeting notes of this morning");
}

#[tokio::test]
async fn a_slow_translator_holds_nobody_up_and_its_answer_follows() {
    let bench = Bench::start().await;
    let (_, _, id, of_ana, of_ben) = two(&bench).await;
    bench.services.translator.hold();
    let translator = bench.services.translator.clone();
    let services = bench.of("ws-message-send").await;
    let frame = json!({ "action": "message:send", "data": { "conversationId": id, "content": WEATHER } });
    let sending = bench.act(&services, functions::ws::message_send::handle, &of_ben, &frame);
    let reading = async {
        let first = of_ana.expect("message:receive").await["message"].clone();
        assert_eq!(first["translatedContent"], WEATHER, "the original, in time");
        translator.release();
        let later = of_ana.expect("message:updated").await["message"].clone();
        assert_eq!(later["translatedContent"], format!("«es» {WEATHER}"));
        assert_eq!(later["id"], first["id"]);
    };
    tokio::join!(sending, reading);
    assert_eq!(of_ben.count("message:updated"), 0, "the sender needs none");
}

#[tokio::test]
async fn a_translator_that_fails_changes_nothing_else() {
    let bench = Bench::start().await;
    let (_, _, id, of_ana, of_ben) = two(&bench).await;
    bench.services.translator.fail(local::aws::translate::Fault::InvalidRequest("no".to_owned()));
    send(&bench, &of_ben, json!({ "conversationId": id, "content": WEATHER, "tempId": "t" })).await;
    assert_eq!(of_ana.expect("message:receive").await["message"]["translatedContent"], WEATHER);
    of_ben.expect("message:receive").await;

    // One that fails for a moment is asked again, and its answer follows.
    bench.services.translator.fail(local::aws::translate::Fault::ServiceUnavailable("busy".to_owned()));
    let translator = bench.services.translator.clone();
    let services = bench.of("ws-message-send").await;
    let other = "There will be rain in the evening, they say.";
    let frame = json!({ "action": "message:send", "data": { "conversationId": id, "content": other } });
    let sending = bench.act(&services, functions::ws::message_send::handle, &of_ben, &frame);
    let reading = async {
        assert_eq!(of_ana.expect("message:receive").await["message"]["translatedContent"], other);
        translator.recover();
        let later = of_ana.expect("message:updated").await;
        assert_eq!(later["message"]["translatedContent"], format!("«es» {other}"));
    };
    tokio::join!(sending, reading);
}

#[tokio::test]
async fn c10_a_retry_is_the_same_message_and_is_answered_to_its_connection_alone() {
    let bench = Bench::start().await;
    let (_, ben, id, of_ana, of_ben) = two(&bench).await;
    let tablet = bench.phone(&ben).await;
    let data = json!({ "conversationId": id, "content": WEATHER, "tempId": "t#1" });
    send(&bench, &of_ben, data.clone()).await;
    let first = of_ben.expect("message:receive").await;
    tablet.expect("message:receive").await;
    of_ana.expect("message:receive").await;

    let mut other_words = data.clone();
    other_words["content"] = json!("something else");
    for retry in [data.clone(), other_words] {
        send(&bench, &tablet, retry).await;
        assert_eq!(bench.used(), "BatchGetItem 1, GetItem 2, PutItem 1, Query 1, UpdateItem 1");
        let again = tablet.expect("message:receive").await;
        assert_eq!(again, first);
    }
    // The same name from somebody else is another message.
    send(&bench, &of_ana, data).await;
    let other = of_ana.expect("message:receive").await;
    assert_ne!(other["message"]["id"], first["message"]["id"]);
    assert_eq!(other["message"]["seq"], 2, "retries count nothing up");
    of_ben.expect("message:receive").await;
    assert_eq!(of_ben.count("message:receive"), 2, "a retry is no news to anybody else");
}

#[tokio::test]
async fn c10_fifty_tries_at_once_are_one_message() {
    let bench = Bench::start().await;
    let (ana, _, id, of_ana, of_ben) = two(&bench).await;
    let services = bench.of("ws-message-send").await;
    let frame =
        json!({ "action": "message:send", "data": { "conversationId": id, "content": "hello", "tempId": "t" } });
    let tries = (0..50).map(|_| bench.act(&services, functions::ws::message_send::handle, &of_ben, &frame));
    futures_util::future::join_all(tries).await;
    for _ in 0..50 {
        of_ben.expect("message:receive").await;
    }
    let ids: std::collections::BTreeSet<String> =
        of_ben.received().iter().map(|frame| text(&frame["message"]["id"])).collect();
    assert_eq!(ids.len(), 1);
    of_ana.expect("message:receive").await;
    assert_eq!(of_ana.count("message:receive"), 1);
    let conversation = domain::ConversationId::parse(&id).unwrap();
    let (meta, place) =
        store::conversations::with_member(&bench.table(), &conversation, &ana.actor.user).await.unwrap().unwrap();
    assert_eq!((meta.seq, place.last_read_seq), (1, 0), "one unread message, not fifty");
}

#[tokio::test]
async fn k1_fifty_senders_at_once_make_one_order_for_everybody() {
    let bench = Bench::start().await;
    let (_, _, id, of_ana, of_ben) = two(&bench).await;
    let services = bench.of("ws-message-send").await;
    let frames: Vec<Value> = (0..50)
        .map(|number| json!({ "action": "message:send", "data": { "conversationId": id, "content": format!("{number}") } }))
        .collect();
    let sends = frames.iter().enumerate().map(|(place, frame)| {
        let phone = if place % 2 == 0 { &of_ana } else { &of_ben };
        bench.act(&services, functions::ws::message_send::handle, phone, frame)
    });
    futures_util::future::join_all(sends).await;
    let conversation = domain::ConversationId::parse(&id).unwrap();
    let (stored, more) =
        store::messages::page(&bench.table(), &conversation, store::messages::Span::Latest, 100).await.unwrap();
    assert!(!more);
    let order: Vec<u64> = stored.iter().map(|message| message.id().unwrap().sequence()).collect();
    assert_eq!(order, (1..=50).collect::<Vec<_>>(), "nothing twice, nothing missing");
    for phone in [&of_ana, &of_ben] {
        for _ in 0..50 {
            phone.expect("message:receive").await;
        }
    }
}

#[tokio::test]
async fn an_interrupted_send_is_finished_by_its_retry() {
    let bench = Bench::start().await;
    let (_, ben, id, of_ana, of_ben) = two(&bench).await;
    // What a crash between noting the message and storing it leaves behind.
    let (table, now) = (bench.table(), crate::support::now());
    let conversation = domain::ConversationId::parse(&id).unwrap();
    let name = domain::message::TempId::parse("t").unwrap();
    let send_of_ben = (&conversation, &ben.actor.user, &name);
    assert_eq!(store::sends::claim(&table, send_of_ben, now).await.unwrap(), store::sends::Claim::Mine);
    let noted = domain::MessageId::new(1, [7; 10]);
    assert!(store::sends::settle(&table, send_of_ben, now, noted).await.unwrap());

    send(&bench, &of_ben, json!({ "conversationId": id, "content": WEATHER, "tempId": "t" })).await;
    let acknowledged = of_ben.expect("message:receive").await;
    assert_eq!((&acknowledged["message"]["id"], &acknowledged["tempId"]), (&json!(noted.to_string()), &json!("t")));
    assert_eq!(of_ana.expect("message:receive").await["message"]["id"], json!(noted.to_string()));
    assert!(store::messages::by_id(&table, &conversation, noted).await.unwrap().is_some());
}

#[tokio::test]
async fn a_send_that_was_interrupted_long_ago_begins_anew() {
    let bench = Bench::start().await;
    let (_, ben, id, _, of_ben) = two(&bench).await;
    let (table, now) = (bench.table(), crate::support::now());
    let long_ago = domain::Timestamp::from_millis(now.millis() - 60_000);
    let conversation = domain::ConversationId::parse(&id).unwrap();
    let name = domain::message::TempId::parse("t").unwrap();
    let claim = store::sends::claim(&table, (&conversation, &ben.actor.user, &name), long_ago).await.unwrap();
    assert_eq!(claim, store::sends::Claim::Mine);
    send(&bench, &of_ben, json!({ "conversationId": id, "content": WEATHER, "tempId": "t" })).await;
    assert_eq!(of_ben.expect("message:receive").await["message"]["seq"], 1);
}

#[tokio::test]
async fn c6_an_answer_shows_what_was_really_said() {
    let bench = Bench::start().await;
    let (ana, _, id, of_ana, of_ben) = two(&bench).await;
    send(&bench, &of_ben, json!({ "conversationId": id, "content": WEATHER })).await;
    let said = of_ana.expect("message:receive").await["message"]["id"].clone();
    let lie = json!({ "messageId": said, "content": "I owe you money", "senderId": ana.id, "senderName": "Ana", "type": "gif" });
    send(&bench, &of_ana, json!({ "conversationId": id, "content": "sí", "replyTo": lie })).await;
    let reply = of_ana.expect("message:receive").await["message"]["replyTo"].clone();
    assert_eq!(fields(&reply), ["content", "messageId", "senderId", "senderName", "type"]);
    assert_eq!(
        (&reply["content"], &reply["senderName"], &reply["type"]),
        (&json!(WEATHER), &json!("ben"), &json!("text"))
    );

    let elsewhere =
        bench.conversation(&ana, &json!({ "type": "group", "participantIds": [text(&reply["senderId"])] })).await;
    let data = json!({ "conversationId": elsewhere, "content": "hm", "replyTo": { "messageId": said } });
    send(&bench, &of_ana, data).await;
    let error = of_ana.expect("error").await;
    assert_eq!(fields(&error["details"]), ["replyTo.messageId"], "a message of another conversation is none");
}

#[tokio::test]
async fn c4_who_is_not_a_member_writes_nothing_and_reaches_nobody() {
    let bench = Bench::start().await;
    let (_, _, id, of_ana, _) = two(&bench).await;
    let eve = bench.person("eve", "en").await;
    let of_eve = bench.phone(&eve).await;
    let before = bench.items().await;
    for conversation in [id.as_str(), "conv_00000000-0000-4000-8000-000000000000"] {
        let data = json!({ "conversationId": conversation, "content": "hello", "tempId": "t" });
        send(&bench, &of_eve, data).await;
        let error = of_eve.expect("error").await;
        assert_eq!(fields(&error), ["action", "code", "details", "message", "request", "tempId"]);
        assert_eq!((&error["code"], &error["request"]), (&json!("NOT_FOUND"), &json!("message:send")));
        assert_eq!(error["tempId"], "t");
    }
    assert_eq!(bench.items().await, before);
    assert_eq!(of_ana.count("message:receive"), 0);
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let (_, _, id, _, of_ben) = two(&bench).await;
    let before = bench.items().await;
    let bad = json!({
        "conversationId": "conv_abc", "content": 7, "type": "sticker", "attachment": { "id": "x" },
        "translateDocument": "yes", "replyTo": {}, "tempId": "",
    });
    send(&bench, &of_ben, bad).await;
    let error = of_ben.expect("error").await;
    let names =
        ["attachment.id", "content", "conversationId", "replyTo.messageId", "tempId", "translateDocument", "type"];
    assert_eq!(fields(&error["details"]), names);
    for (data, field) in [
        (json!({ "conversationId": id, "content": "  " }), "content"),
        (json!({ "conversationId": id }), "content"),
        (json!({ "conversationId": id, "content": "x".repeat(5001) }), "content"),
        (json!({ "content": "x" }), "conversationId"),
        (json!({ "conversationId": id, "content": "x", "tempId": "x".repeat(129) }), "tempId"),
        (json!("conv"), "data"),
        (
            json!({ "conversationId": id, "attachment": { "id": "att_00000000-0000-4000-8000-000000000000" } }),
            "attachment.id",
        ),
    ] {
        send(&bench, &of_ben, data).await;
        let error = of_ben.expect("error").await;
        assert_eq!(error["code"], "VALIDATION_ERROR");
        assert_eq!(fields(&error["details"]), [field], "{error}");
    }
    assert_eq!(bench.items().await, before, "what is refused writes nothing");
    send(&bench, &of_ben, json!({ "conversationId": id, "content": "é".repeat(5000) })).await;
    of_ben.expect("message:receive").await;
}

#[tokio::test]
async fn the_limit_is_per_conversation_and_over_all_events() {
    let bench = Bench::with(&[("MessagesPerMinute", "2"), ("SocketEventsPerMinute", "4")]).await;
    let (ana, ben, id, _, of_ben) = two(&bench).await;
    let other = bench.conversation(&ben, &json!({ "type": "group", "participantIds": [ana.id] })).await;
    of_ben.expect("conversation:new").await;
    let mut told = Vec::new();
    for conversation in [&id, &id, &id, &other, &other, &other] {
        send(&bench, &of_ben, json!({ "conversationId": conversation, "content": "hi" })).await;
        told.push(text(&of_ben.next().await["action"]));
    }
    let receive = "message:receive";
    assert_eq!(told, [receive, receive, "error", receive, receive, "error"]);
}

#[tokio::test]
async fn c11_connections_that_are_gone_are_forgotten_and_delay_nobody() {
    let bench = Bench::start().await;
    let (ana, _, id, of_ana, of_ben) = two(&bench).await;
    let dead = bench.phone(&ana).await;
    let gone = dead.connection.clone();
    dead.hang_up().await;
    send(&bench, &of_ben, json!({ "conversationId": id, "content": "hi" })).await;
    of_ana.expect("message:receive").await;
    assert!(!bench.connections(&ana).await.contains(&gone.to_string()));
    assert_eq!(bench.connections(&ana).await, [of_ana.connection.as_str()]);
}

#[tokio::test]
async fn mentions_name_members_survive_translation_and_cost_nothing() {
    let bench = Bench::start().await;
    let (ana, ben, id, of_ana, of_ben) = two(&bench).await;
    let eve = bench.person("eve", "en").await;
    send(&bench, &of_ben, json!({ "conversationId": id, "content": "Is @ANA or @eve there, or @nobody?" })).await;
    assert_eq!(bench.used(), "BatchGetItem 2, PutItem 2, Query 1, TranslateText 1, UpdateItem 3", "as without them");
    let message = of_ana.expect("message:receive").await["message"].clone();
    assert_eq!(message["mentions"], json!([ana.id]), "no stranger, even one of that name ({})", eve.id);
    let translated = text(&message["translatedContent"]);
    assert!(
        translated.starts_with("«es»") && translated.contains("@ANA") && translated.contains("@eve"),
        "{translated}"
    );
    assert_eq!(bench.page(&ana, &id).await[0]["mentions"], json!([ana.id]));
    assert_eq!(bench.last_message(&ana).await["mentions"], json!([ana.id]));

    // Other words, other mentions.
    let services = bench.of("ws-message-edit").await;
    for (content, mentioned) in [("It is for @ben.", json!([ben.id])), ("It is for nobody.", json!([]))] {
        let data = json!({ "conversationId": id, "messageId": message["id"], "content": content });
        let frame = json!({ "action": "message:edit", "data": data });
        bench.act(&services, functions::ws::message_edit::handle, &of_ben, &frame).await;
        assert_eq!(of_ana.expect("message:edited").await["message"]["mentions"], mentioned, "{content}");
        assert_eq!(bench.page(&ana, &id).await[0]["mentions"], mentioned, "{content}");
    }
}
