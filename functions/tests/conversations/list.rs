use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, Phone, fields, get, text};

async fn list(bench: &Bench, person: &Person, query: &str) -> Answer {
    let services = bench.of("conversations-list").await;
    bench.start_counting();
    let call = get(&format!("/api/conversations{query}")).bearer(&person.token);
    call.to(&services, functions::conversations::list::handle).await
}

async fn send(bench: &Bench, phone: &Phone, conversation: &str, content: &str) {
    let services = bench.of("ws-message-send").await;
    let frame = json!({ "action": "message:send", "data": { "conversationId": conversation, "content": content } });
    bench.act(&services, functions::ws::message_send::handle, phone, &frame).await;
    assert_eq!(phone.expect("message:receive").await["message"]["content"], content);
}

#[tokio::test]
async fn nobody_has_conversations_at_first() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let answer = list(&bench, &ana, "").await;
    assert_eq!(bench.used(), "BatchGetItem 1, Query 1, UpdateItem 1");
    assert_eq!(answer.expect(200), json!({ "conversations": [], "hasMore": false, "nextCursor": null }));
}

#[tokio::test]
async fn shows_the_last_message_to_each_in_their_language_with_what_is_unread() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let (of_ben, of_ana) = (bench.phone(&ben).await, bench.phone(&ana).await);
    send(&bench, &of_ben, &id, "The weather is lovely today, is it not?").await;
    of_ana.expect("message:receive").await;

    let answer = list(&bench, &ana, "").await;
    assert_eq!(bench.used(), "BatchGetItem 3, Query 1, UpdateItem 1");
    let seen = answer.expect(200)["conversations"][0].clone();
    assert_eq!(seen["id"], json!(id));
    assert_eq!(seen["unreadCount"], 1);
    let last = &seen["lastMessage"];
    assert_eq!(last["originalContent"], "The weather is lovely today, is it not?");
    assert_eq!(last["translatedContent"], "«es» The weather is lovely today, is it not?");
    assert_eq!((&last["originalLanguage"], &last["targetLanguage"]), (&json!("en"), &json!("es")));
    assert_eq!(last["sender"]["id"], json!(ben.id));
    assert_eq!(last["createdAt"], seen["updatedAt"]);

    let seen = list(&bench, &ben, "").await.expect(200)["conversations"][0].clone();
    assert_eq!(seen["unreadCount"], 0, "one has read what one wrote");
    assert_eq!(seen["lastMessage"]["translatedContent"], "The weather is lovely today, is it not?");
    assert_eq!(seen["lastMessage"]["status"], "sent");
}

#[tokio::test]
async fn the_last_message_has_the_id_that_the_message_has() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let of_ben = bench.phone(&ben).await;
    send(&bench, &of_ben, &id, "one").await;
    send(&bench, &of_ben, &id, "two").await;
    let sent = of_ben.received();
    let last = list(&bench, &ana, "").await.expect(200)["conversations"][0]["lastMessage"].clone();
    assert_eq!(last["id"], sent.last().unwrap()["message"]["id"]);
    assert_eq!(last["seq"], 2);
}

#[tokio::test]
async fn a_long_last_message_is_shown_by_its_beginning_in_either_language() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let (of_ben, of_ana) = (bench.phone(&ben).await, bench.phone(&ana).await);
    let long = "This sentence is here more than once. ".repeat(40);
    send(&bench, &of_ben, &id, &long).await;
    of_ana.expect("message:receive").await;
    let last = list(&bench, &ana, "").await.expect(200)["conversations"][0]["lastMessage"].clone();
    assert_eq!(text(&last["originalContent"]).chars().count(), 300);
    assert!(text(&last["translatedContent"]).starts_with("«es» This sentence"), "{last}");
    assert_eq!(text(&last["translatedContent"]).chars().count(), 300);
}

#[tokio::test]
async fn the_most_recently_written_comes_first_and_pages_hold_together() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let mut ids = Vec::new();
    for number in 0..5 {
        let body = json!({ "type": "group", "name": format!("group {number}"), "participantIds": [ben.id] });
        ids.push(bench.conversation(&ana, &body).await);
    }
    let of_ana = bench.phone(&ana).await;
    send(&bench, &of_ana, &ids[1], "hello").await;
    let expected = [&ids[1], &ids[4], &ids[3], &ids[2], &ids[0]];
    let all = list(&bench, &ana, "").await.expect(200);
    let shown = |page: &Value| -> Vec<String> {
        page["conversations"].as_array().unwrap().iter().map(|it| text(&it["id"])).collect()
    };
    assert_eq!(shown(&all).iter().collect::<Vec<_>>(), expected);

    let mut paged = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = list(&bench, &ana, &query).await.expect(200);
        assert_eq!(fields(&page), ["conversations", "hasMore", "nextCursor"]);
        paged.extend(shown(&page));
        if page["nextCursor"].is_null() {
            assert_eq!(page["hasMore"], false);
            break;
        }
        query = format!("?limit=2&cursor={}", text(&page["nextCursor"]));
    }
    assert_eq!(paged.iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn g5_limits_and_cursors_are_checked_together() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for limit in ["0", "101", "-1", "1e9", "NaN", "", "99999999999999999999"] {
        let details =
            list(&bench, &ana, &format!("?limit={limit}&cursor=forged")).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["cursor", "limit"], "{limit}");
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("conversations-list").await;
    let call = get("/api/conversations");
    call.to(&services, functions::conversations::list::handle).await.refused(401, "UNAUTHORIZED");
}
