use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, call, fields, get, now, text};

async fn search(bench: &Bench, person: &Person, conversation: &str, query: &str) -> Answer {
    let services = bench.of("messages-search").await;
    bench.start_counting();
    let path = format!("/api/conversations/{conversation}/messages/search{query}");
    let call = get(&path).path("conversationId", conversation).bearer(&person.token);
    call.to(&services, functions::messages::search::handle).await
}

fn contents(page: &Value) -> Vec<String> {
    page["messages"].as_array().unwrap().iter().map(|message| text(&message["content"])).collect()
}

async fn found(bench: &Bench, person: &Person, conversation: &str, words: &str) -> Vec<String> {
    contents(&search(bench, person, conversation, &format!("?q={words}")).await.expect(200))
}

/// Changes a message through the real handler of a function.
async fn change(bench: &Bench, who: &Person, function: &str, (place, message): (&str, &Value), body: &Value) {
    let message = text(&message["id"]);
    let method = if function == "messages-edit" { "PATCH" } else { "DELETE" };
    let call = call(method, &format!("/api/conversations/{place}/messages/{message}"), Some(body));
    let call = call.path("conversationId", place).path("messageId", &message).bearer(&who.token);
    bench.http(function, call).await.expect(200);
}

#[tokio::test]
async fn finds_what_was_written_the_latest_first() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    for content in ["Meet me at the Café on the corner", "No.", "The CAFE is closed!", "The corner shop, then."] {
        bench.say(&pair.of_ben, &pair.id, content).await;
    }
    let answer = search(&bench, &pair.ben, &pair.id, "?q=caf%C3%A9").await;
    assert_eq!(bench.used(), "BatchGetItem 3, Query 3, UpdateItem 1");
    let page = answer.expect(200);
    assert_eq!(fields(&page), ["hasMore", "messages", "nextCursor"]);
    assert_eq!((&page["hasMore"], &page["nextCursor"]), (&json!(false), &Value::Null));
    assert_eq!(contents(&page), ["The CAFE is closed!", "Meet me at the Café on the corner"]);
    let listed = bench.page(&pair.ben, &pair.id).await;
    assert_eq!(page["messages"], json!([listed[2], listed[0]]), "each is shown as in a list");
    assert_eq!(found(&bench, &pair.ben, &pair.id, "corner+meet").await, ["Meet me at the Café on the corner"]);
    assert_eq!(found(&bench, &pair.ben, &pair.id, "orne").await.len(), 2, "within a word too");
    let nothing = search(&bench, &pair.ben, &pair.id, "?q=caf%C3%A9+shop").await;
    assert_eq!(bench.used(), "BatchGetItem 2, Query 1, UpdateItem 1");
    assert_eq!(nothing.expect(200), json!({ "messages": [], "hasMore": false, "nextCursor": null }));
}

#[tokio::test]
async fn finds_a_message_by_the_translation_that_was_read() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ben, &ana).await;
    let of_ben = bench.phone(&ben).await;
    bench.say(&of_ben, &id, "The weather is lovely today.").await;
    // The translator of the tests puts the language before the words.
    assert_eq!(found(&bench, &ana, &id, "es+weather").await, [""; 0], "nobody has read it in Spanish yet");
    assert!(bench.services.translator.asked().is_empty(), "nothing is translated to be searched");
    bench.page(&ana, &id).await;
    let page = search(&bench, &ana, &id, "?q=es+weather").await;
    assert_eq!(bench.used(), "BatchGetItem 5, Query 3, UpdateItem 1", "two of them ask for translations");
    assert_eq!(page.expect(200)["messages"][0]["translatedContent"], "«es» The weather is lovely today.");
    assert_eq!(found(&bench, &ana, &id, "lovely").await.len(), 1, "and by the words that were written");
    assert_eq!(found(&bench, &ben, &id, "es").await, [""; 0], "it is nothing that he has read");
}

#[tokio::test]
async fn what_the_caller_does_not_see_is_not_found() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let mut said = Vec::new();
    for number in 1..=5 {
        said.push(bench.say(&pair.of_ben, &pair.id, &format!("secret number {number}")).await);
    }
    change(&bench, &pair.ana, "messages-delete", (&pair.id, &said[1]), &json!({})).await;
    change(&bench, &pair.ben, "messages-delete", (&pair.id, &said[2]), &json!({ "forEveryone": true })).await;
    change(&bench, &pair.ben, "messages-edit", (&pair.id, &said[3]), &json!({ "content": "public 4" })).await;
    let numbers = |numbers: &[u32]| numbers.iter().map(|number| format!("secret number {number}")).collect::<Vec<_>>();
    assert_eq!(found(&bench, &pair.ana, &pair.id, "secret").await, numbers(&[5, 1]));
    assert_eq!(found(&bench, &pair.ben, &pair.id, "secret").await, numbers(&[5, 2, 1]), "hidden from her alone");
    assert_eq!(found(&bench, &pair.ben, &pair.id, "public").await, ["public 4"], "by its new words alone");

    // She takes it from her list: what was said until then is gone for her, what comes is not.
    bench.delete(&pair.ana, &pair.id, "", None).await.expect(200);
    bench.say(&pair.of_ben, &pair.id, "secret number 6").await;
    assert_eq!(found(&bench, &pair.ana, &pair.id, "secret").await, numbers(&[6]));
    assert_eq!(found(&bench, &pair.ben, &pair.id, "secret").await, numbers(&[6, 5, 2, 1]));
}

#[tokio::test]
async fn who_comes_later_does_not_find_what_was_said_before() {
    let bench = Bench::start().await;
    let (ana, ben, eva) =
        (bench.person("ana", "en").await, bench.person("ben", "en").await, bench.person("eva", "en").await);
    let id = bench.group(&ben, &[&ana]).await;
    let of_ben = bench.phone(&ben).await;
    bench.say(&of_ben, &id, "word one").await;
    let before = domain::Timestamp::from_millis(now().millis() - 60_000);
    bench.backdate(before).await;
    bench.add(&ben, &id, &[&eva]).await.expect(200);
    bench.say(&of_ben, &id, "word two").await;
    assert_eq!(found(&bench, &eva, &id, "word").await, ["word two"]);
    assert_eq!(found(&bench, &ana, &id, "word").await, ["word two", "word one"]);
}

#[tokio::test]
async fn a_page_ends_and_the_cursor_goes_on() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let first = bench.say(&pair.of_ben, &pair.id, "needle 1").await;
    let content =
        |number: u32| if number.is_multiple_of(40) { format!("needle {number}") } else { format!("straw {number}") };
    bench.fill(&pair.id, &first, (2..=120).map(content)).await;
    let mut query = "?q=needle&limit=2".to_owned();
    let (mut all, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let page = search(&bench, &pair.ben, &pair.id, &query).await.expect(200);
        let these = contents(&page);
        sizes.push(these.len());
        all.extend(these);
        bench.say(&pair.of_ben, &pair.id, "needle in between").await;
        assert_eq!(page["hasMore"], json!(!page["nextCursor"].is_null()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        query = format!("?q=needle&limit=2&cursor={cursor}");
    }
    assert_eq!(all, ["needle 120", "needle 80", "needle 40", "needle 1"]);
    assert_eq!(sizes, [2, 2]);
}

#[tokio::test]
async fn a_page_reads_within_bounds() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let first = bench.say(&pair.of_ben, &pair.id, "needle").await;
    bench.fill(&pair.id, &first, (2..=1_100).map(|number| format!("straw {number}"))).await;
    let page = search(&bench, &pair.ben, &pair.id, "?q=needle").await;
    assert_eq!(bench.used(), "BatchGetItem 2, Query 10, UpdateItem 1", "a thousand short messages");
    let page = page.expect(200);
    assert_eq!((contents(&page).len(), &page["hasMore"]), (0, &json!(true)));
    let query = format!("?q=needle&cursor={}", text(&page["nextCursor"]));
    let page = search(&bench, &pair.ben, &pair.id, &query).await.expect(200);
    assert_eq!((contents(&page), &page["hasMore"]), (vec!["needle".to_owned()], &json!(false)));

    // Long ones, of which a hundred are half a megabyte.
    let (long, other) = ("straw ".repeat(800), bench.group(&pair.ben, &[&pair.ana]).await);
    let first = bench.say(&pair.of_ben, &other, "needle").await;
    bench.fill(&other, &first, (2..=500).map(|_| long.clone())).await;
    let page = search(&bench, &pair.ben, &other, "?q=needle").await;
    assert_eq!(bench.used(), "BatchGetItem 2, Query 3, UpdateItem 1", "300 long messages are 180 read units");
    assert_eq!(page.expect(200)["hasMore"], true);
}

#[tokio::test]
async fn d2_who_is_not_in_it_finds_nothing() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let (eva, eve) = (bench.person("eva", "en").await, bench.person("eve", "en").await);
    let group = bench.group(&pair.ben, &[&pair.ana, &eva]).await;
    bench.say(&pair.of_ben, &group, "the secret").await;
    assert_eq!(found(&bench, &eva, &group, "secret").await, ["the secret"]);
    bench.remove(&pair.ben, &group, &eva.id).await.expect(200);
    let unknown = search(&bench, &eva, "conv_00000000-0000-4000-8000-000000000000", "?q=secret").await;
    for person in [&eva, &eve] {
        let answer = search(&bench, person, &group, "?q=secret").await;
        assert_eq!(answer.body, unknown.body);
        answer.refused(404, "NOT_FOUND");
    }
    // A cursor of one conversation is a place in whichever it is used in, and opens nothing (security G4).
    let elsewhere = bench.say(&pair.of_ben, &pair.id, "another secret").await;
    let query = format!("?q=secret&cursor={}", text(&elsewhere["id"]));
    assert_eq!(search(&bench, &pair.ana, &group, &query).await.expect(200)["messages"], json!([]));
}

#[tokio::test]
async fn d7_a_block_leaves_what_was_said() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    bench.say(&pair.of_ben, &pair.id, "remember this").await;
    let block = call("PUT", &format!("/api/users/{}/block", pair.ben.id), None).path("userId", &pair.ben.id);
    bench.http("users-block", block.bearer(&pair.ana.token)).await.expect(200);
    for person in [&pair.ana, &pair.ben] {
        assert_eq!(found(&bench, person, &pair.id, "remember").await, ["remember this"]);
    }
}

#[tokio::test]
async fn g4_g5_queries_limits_and_cursors_are_checked() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    for (query, names) in [
        ("", vec!["q"]),
        ("?q=", vec!["q"]),
        ("?q=%3F!&limit=0&cursor=forged", vec!["cursor", "limit", "q"]),
        ("?q=a&limit=101", vec!["limit"]),
        ("?q=a&cursor=conv_00000000-0000-4000-8000-000000000000", vec!["cursor"]),
    ] {
        let details = search(&bench, &pair.ana, &pair.id, query).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), names, "{query}");
    }
    let first = "?q=a&cursor=msg_00000000-0000-8000-8000-000000000000";
    let nothing = json!({ "messages": [], "hasMore": false, "nextCursor": null });
    assert_eq!(search(&bench, &pair.ana, &pair.id, first).await.expect(200), nothing);
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("messages-search").await;
    let call = get("/api/conversations/x/messages/search").path("conversationId", "x");
    call.to(&services, functions::messages::search::handle).await.refused(401, "UNAUTHORIZED");
}
