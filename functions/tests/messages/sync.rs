use serde_json::{Value, json};
use store::changes;
use store::members::Marker;

use crate::support::{Answer, Bench, Person, fields, get, now, text};

async fn sync(bench: &Bench, person: &Person, query: &str) -> Answer {
    let services = bench.of("messages-sync").await;
    bench.start_counting();
    let call = get(&format!("/api/sync{query}")).bearer(&person.token);
    call.to(&services, functions::messages::sync::handle).await
}

/// Every page from a cursor on, put together.
async fn all(bench: &Bench, person: &Person, since: &str, limit: usize) -> Value {
    let mut cursor = since.to_owned();
    let mut whole = json!({});
    for _ in 0..200 {
        let page = sync(bench, person, &format!("?since={cursor}&limit={limit}")).await.expect(200);
        let told = page["messages"].as_array().unwrap().len() + page["conversations"].as_array().unwrap().len();
        assert!(told <= limit, "{told} on a page of {limit}");
        for (name, value) in page.as_object().unwrap() {
            match value {
                Value::Array(more) => {
                    let list = whole.as_object_mut().unwrap().entry(name).or_insert(json!([]));
                    list.as_array_mut().unwrap().extend(more.iter().cloned());
                }
                other => whole[name] = other.clone(),
            }
        }
        cursor = text(&page["cursor"]);
        if page["hasMore"] == false {
            return whole;
        }
    }
    panic!("no end: {whole:#}");
}

fn column(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|row| text(&row[name])).collect()
}

/// Long enough ago that the half minute before it matters to nothing of this test.
fn an_hour_ago() -> domain::Timestamp {
    domain::Timestamp::from_millis(now().millis() - 3_600_000)
}

#[tokio::test]
async fn begins_with_a_cursor_and_tells_nothing_while_nothing_happens() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let first = sync(&bench, &ana, "").await;
    assert_eq!(bench.used(), "UpdateItem 1");
    let first = first.expect(200);
    let shown =
        ["conversations", "cursor", "goneConversations", "hasMore", "hiddenMessages", "messages", "receipts", "reset"];
    assert_eq!(fields(&first), shown);
    assert_eq!((&first["hasMore"], &first["reset"]), (&json!(false), &json!(false)));
    let next = sync(&bench, &ana, &format!("?since={}", text(&first["cursor"]))).await;
    assert_eq!(bench.used(), "Query 2, UpdateItem 1");
    assert_eq!(next.expect(200)["conversations"], json!([]));
}

#[tokio::test]
async fn who_was_away_gets_everything_that_changed_in_pages_of_any_size() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let (eva, eve) = (bench.person("eva", "en").await, bench.person("eve", "en").await);
    let group = json!({ "type": "group", "name": "g", "participantIds": [pair.ana.id, eva.id] });
    let group = bench.conversation(&pair.ben, &group).await;
    let quiet = bench.conversation(&pair.ben, &json!({ "type": "group", "participantIds": [pair.ana.id] })).await;
    let elsewhere = bench.conversation(&pair.ben, &json!({ "type": "group", "participantIds": [eve.id] })).await;
    let mut old = Vec::new();
    for number in 0..6 {
        old.push(bench.say(&pair.of_ben, &group, &format!("old {number}")).await);
    }
    bench.backdate(an_hour_ago()).await;

    // Now Ana is away.
    let since = now().to_string();
    let since = domain::Timestamp::parse(&since).unwrap();
    let cursor = domain::Timestamp::from_millis(since.millis() - 1).to_string();
    let table = bench.table();
    let room = domain::ConversationId::parse(&group).unwrap();
    let id = |message: &Value| domain::MessageId::parse(&text(&message["id"])).unwrap();
    let ben = &pair.ben.actor.user;
    for number in 0..7 {
        bench.say(&pair.of_ben, &pair.id, &format!("new {number}")).await;
    }
    bench.say(&pair.of_ben, &elsewhere, "none of Ana's").await;
    let services = bench.of("ws-message-edit").await;
    let frame = |content: &str| {
        let data = json!({ "conversationId": group, "messageId": old[1]["id"], "content": content });
        json!({ "action": "message:edit", "data": data })
    };
    bench.act(&services, functions::ws::message_edit::handle, &pair.of_ben, &frame("edited once")).await;
    bench.act(&services, functions::ws::message_edit::handle, &pair.of_ben, &frame("edited twice")).await;
    let services = bench.of("ws-message-delete").await;
    let data = json!({ "conversationId": group, "messageId": old[2]["id"], "forEveryone": true });
    let frame = json!({ "action": "message:delete", "data": data });
    bench.act(&services, functions::ws::message_delete::handle, &pair.of_ben, &frame).await;
    let services = bench.of("ws-message-reaction").await;
    let data = json!({ "conversationId": group, "messageId": old[3]["id"], "emoji": "👍" });
    let frame = json!({ "action": "message:reaction", "data": data });
    bench.act(&services, functions::ws::message_reaction::handle, &pair.of_ben, &frame).await;
    let place = (&room, &eva.actor.user);
    store::members::move_marker(&table, place, Marker::Read, id(&old[5]).sequence(), now()).await.unwrap();
    // And on another device of hers.
    store::hidden::hide(&table, &pair.ana.actor.user, &room, id(&old[4]), now()).await.unwrap();
    let hidden = changes::OwnChange::Hidden(room.clone(), id(&old[4]));
    changes::note_for(&table, &pair.ana.actor.user, &hidden, now()).await.unwrap();
    let left = domain::ConversationId::new(uuid::Uuid::from_u128(0x4000_8000_0000_0000_0009));
    let gone = changes::OwnChange::Gone(left.clone());
    changes::note_for(&table, &pair.ana.actor.user, &gone, now()).await.unwrap();

    for limit in [1, 2, 3, 50] {
        let told = all(&bench, &pair.ana, &cursor, limit).await;
        let mut rooms = column(&told["conversations"], "id");
        rooms.sort();
        let mut expected = [pair.id.clone(), group.clone()];
        expected.sort();
        assert_eq!(rooms, expected, "with {limit}: neither {quiet} nor what is none of hers");
        let mut contents = column(&told["messages"], "content");
        contents.sort();
        contents.dedup();
        let news = (0..7).map(|number| format!("new {number}"));
        let mut expected: Vec<String> =
            ["", "edited twice", "old 3"].map(str::to_owned).into_iter().chain(news).collect();
        expected.sort();
        assert_eq!(contents, expected, "with {limit}");
        let find = |content: &str| {
            let messages = told["messages"].as_array().unwrap();
            messages.iter().find(|message| message["content"] == content).unwrap().clone()
        };
        assert_eq!((&find("")["deleted"], &find("")["id"]), (&json!(true), &old[2]["id"]));
        assert_eq!(find("edited twice")["edited"], true);
        assert_eq!(find("old 3")["reactions"], json!({ "👍": [ben.to_string()] }));
        assert_eq!(find("new 0")["targetLanguage"], "es");
        let marker = json!({ "conversationId": group, "userId": eva.id, "deliveredSeq": 6, "readSeq": 6 });
        let receipts = told["receipts"].as_array().unwrap();
        assert!(receipts.contains(&marker), "{receipts:?}");
        assert_eq!(told["hiddenMessages"], json!([{ "conversationId": group, "messageId": old[4]["id"] }]));
        assert_eq!(told["goneConversations"], json!([left.to_string()]));
        // The last cursor leads on from there.
        assert_eq!(told["hasMore"], false);
    }
}

#[tokio::test]
async fn c5_who_was_removed_gets_nothing_more() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let cursor = text(&sync(&bench, &pair.ana, "").await.expect(200)["cursor"]);
    bench.say(&pair.of_ben, &pair.id, "for members").await;
    let conversation = domain::ConversationId::parse(&pair.id).unwrap();
    bench.forget(&store::keys::member(&conversation, &pair.ana.actor.user)).await;
    let told = all(&bench, &pair.ana, &cursor, 50).await;
    assert_eq!((&told["messages"], &told["conversations"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn g4_cursors_and_limits_are_checked_and_old_ones_begin_anew() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for (query, names) in
        [("?since=forged", vec!["since"]), ("?since=x&limit=0", vec!["limit", "since"]), ("?limit=101", vec!["limit"])]
    {
        assert_eq!(fields(&sync(&bench, &ana, query).await.refused(400, "VALIDATION_ERROR")), names, "{query}");
    }
    let old = sync(&bench, &ana, "?since=2020-01-01T00:00:00.000Z").await.expect(200);
    assert_eq!((&old["reset"], &old["hasMore"]), (&json!(true), &json!(false)));
    let services = bench.of("messages-sync").await;
    get("/api/sync").to(&services, functions::messages::sync::handle).await.refused(401, "UNAUTHORIZED");
}
