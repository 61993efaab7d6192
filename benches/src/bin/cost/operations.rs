//! Each operation once, with what it used.

use std::collections::BTreeMap;

use benches::support::{Bench, PASSWORD, Person, Phone, authorize, get, post};
use serde_json::{Value, json};

use crate::crowd::{conversation, people, phones};

/// What one operation used.
#[derive(Debug, Default)]
pub(crate) struct Used {
    /// What it was.
    pub(crate) what: String,
    /// DynamoDB requests, by operation.
    pub(crate) requests: BTreeMap<String, u32>,
    /// Read units.
    pub(crate) read: f64,
    /// Write units.
    pub(crate) write: f64,
    /// Texts that were translated.
    pub(crate) translations: u32,
    /// Connections that were posted to.
    pub(crate) posts: usize,
}

impl Used {
    /// What was used since the count began.
    fn since(bench: &Bench, what: impl Into<String>, posts: usize) -> Self {
        let mut used = Self { what: what.into(), posts, ..Self::default() };
        for usage in bench.services.take_usage() {
            match usage.operation.split_once(':').expect("service and operation") {
                ("dynamodb", operation) => *used.requests.entry(operation.to_owned()).or_default() += 1,
                ("translate", _) => used.translations += 1,
                (_, other) => panic!("{other} has no column"),
            }
            let capacity = usage.capacity.unwrap_or_default();
            used.read += capacity.read;
            used.write += capacity.write;
        }
        used
    }
}

/// Everything fresh, and translations waited for as long as they take: how busy this machine is must not show.
async fn patient() -> Bench {
    Bench::with(&[("TranslationDeadlineMs", "5000")]).await
}

/// What is sent.
pub(crate) const WORDS: &str = "I would like to book a table for two people tonight.";

/// `message:send`.
pub(crate) async fn sending() -> Vec<Used> {
    let mut rows = Vec::new();
    for (members, online, languages) in [(2, 2, 2), (10, 10, 4), (100, 100, 8), (1000, 100, 8)] {
        let bench = patient().await;
        let people = people(&bench, members, languages).await;
        let id = conversation(&bench, &people).await;
        let phones = phones(&bench, &people[..online]).await;
        // The first message is the only one that has no earlier one to replace.
        send(&bench, &phones[0], &json!({ "conversationId": id, "content": "Good evening, everybody." })).await;
        for phone in &phones {
            phone.expect("message:receive").await;
        }
        let data = |name: &str| json!({ "conversationId": id, "content": WORDS, "tempId": name });
        send(&bench, &phones[0], &data("one")).await;
        let what = match languages - 1 {
            1 => format!("to {members} members, {online} connected, into 1 language"),
            others => format!("to {members} members, {online} connected, into {others} languages"),
        };
        rows.push(Used::since(&bench, what, online));
        if members > 2 {
            continue;
        }

        send(&bench, &phones[0], &data("two")).await;
        rows.push(Used::since(&bench, "— the same words again", online));
        send(&bench, &phones[0], &data("two")).await;
        rows.push(Used::since(&bench, "— a retry of that", 1));
        send(&bench, &phones[0], &json!({ "conversationId": id, "content": WORDS })).await;
        rows.push(Used::since(&bench, "— the same words, without `tempId`", online));
        let answered = phones[1].expect("message:receive").await["message"]["id"].clone();
        let reply = json!({ "messageId": answered });
        let data = json!({ "conversationId": id, "content": WORDS, "tempId": "three", "replyTo": reply });
        send(&bench, &phones[0], &data).await;
        rows.push(Used::since(&bench, "— the same words, in answer to a message", online));
        let emoji = json!({ "conversationId": id, "content": "👍", "tempId": "four" });
        send(&bench, &phones[0], &emoji).await;
        rows.push(Used::since(&bench, "— nothing to translate", online));
    }
    rows
}

async fn send(bench: &Bench, phone: &Phone, data: &Value) {
    let services = bench.of("ws-message-send").await;
    bench.start_counting();
    let frame = json!({ "action": "message:send", "data": data });
    bench.act(&services, functions::ws::message_send::handle, phone, &frame).await;
}

/// Everything else.
pub(crate) async fn others() -> Vec<Used> {
    let bench = patient().await;
    let mut rows = accounts(&bench).await;
    rows.extend(sockets(&bench).await);
    rows.extend(conversations().await);
    rows.extend(messages().await);
    rows
}

async fn accounts(bench: &Bench) -> Vec<Used> {
    let mut rows = Vec::new();
    let services = bench.of("auth-register").await;
    bench.start_counting();
    let body =
        json!({ "email": "ana@example.com", "password": PASSWORD, "username": "ana", "preferredLanguage": "es" });
    let made = post("/api/auth/register", &body).to(&services, functions::auth::register::handle).await.expect(201);
    rows.push(Used::since(bench, "`auth-register`", 0));

    let services = bench.of("auth-login").await;
    bench.start_counting();
    let body = json!({ "email": "ana@example.com", "password": PASSWORD });
    post("/api/auth/login", &body).to(&services, functions::auth::login::handle).await.expect(200);
    rows.push(Used::since(bench, "`auth-login`", 0));

    let services = bench.of("auth-me").await;
    bench.start_counting();
    let call = get("/api/auth/me").bearer(made["accessToken"].as_str().unwrap());
    call.to(&services, functions::auth::me::handle).await.expect(200);
    rows.push(Used::since(bench, "`auth-me`", 0));
    rows
}

async fn sockets(bench: &Bench) -> Vec<Used> {
    let mut rows = Vec::new();
    let person = people(bench, 1, 1).await.remove(0);
    let services = bench.of("ws-authorizer").await;
    bench.start_counting();
    let query = [("token", person.token.as_str())];
    authorize(&services, functions::ws::authorizer::handle, &[], &query).await.expect("a valid token");
    rows.push(Used::since(bench, "`ws-authorizer`", 0));

    let phone = bench.unknown_phone(&person).await;
    let services = bench.of("ws-connect").await;
    bench.start_counting();
    let answer = bench.admit(&services, functions::ws::connect::handle, phone.connecting()).await;
    assert_eq!(answer["statusCode"], 200);
    rows.push(Used::since(bench, "`ws-connect`", 0));

    let services = bench.of("ws-disconnect").await;
    bench.start_counting();
    let answer = bench.admit(&services, functions::ws::disconnect::handle, phone.connecting()).await;
    assert_eq!(answer["statusCode"], 200);
    rows.push(Used::since(bench, "`ws-disconnect`", 0));
    rows
}

async fn conversations() -> Vec<Used> {
    let mut rows = Vec::new();
    let bench = patient().await;
    let all = people(&bench, 100, 8).await;
    let phones = phones(&bench, &all).await;
    let services = bench.of("conversations-create").await;
    let others = |count: usize| all[1..count].iter().map(|person| person.id.clone()).collect::<Vec<_>>();
    let direct = json!({ "type": "direct", "participantIds": others(2) });
    let group = |count| json!({ "type": "group", "name": "Friends of the mountains", "participantIds": others(count) });
    for (what, body, status, posts) in [
        ("`conversations-create`, direct", direct.clone(), 201, 2),
        ("— direct, these two have one", direct, 200, 0),
        ("— a group of 10", group(10), 201, 10),
        ("— a group of 100", group(100), 201, 100),
    ] {
        bench.start_counting();
        let call = post("/api/conversations", &body).bearer(&all[0].token);
        call.to(&services, functions::conversations::create::handle).await.expect(status);
        rows.push(Used::since(&bench, what, posts));
    }

    for (what, count) in [("`conversations-list`, 20 direct ones", 20), ("— 50 direct ones", 50)] {
        let bench = patient().await;
        let all = people(&bench, count + 1, 2).await;
        for other in &all[1..] {
            let id = bench.direct(other, &all[0]).await;
            let phone = bench.phone(other).await;
            send(&bench, &phone, &json!({ "conversationId": id, "content": WORDS })).await;
        }
        let services = bench.of("conversations-list").await;
        bench.start_counting();
        let call = get("/api/conversations?limit=100").bearer(&all[0].token);
        let page = call.to(&services, functions::conversations::list::handle).await.expect(200);
        assert_eq!(page["conversations"].as_array().map(Vec::len), Some(count), "{page:#}");
        rows.push(Used::since(&bench, what, 0));
    }
    drop(phones);
    rows
}

async fn messages() -> Vec<Used> {
    let mut rows = Vec::new();
    for (members, what) in [(2, "`messages-list`, 50 messages of 2 members"), (100, "— 50 messages of 100 members")] {
        let bench = patient().await;
        let all = people(&bench, members, 2).await;
        let id = conversation(&bench, &all).await;
        let phone = bench.phone(&all[0]).await;
        for number in 1..=50 {
            let words = format!("The house number {number} at the end of the street is red.");
            send(&bench, &phone, &json!({ "conversationId": id, "content": words })).await;
        }
        let first = list(&bench, &all[1], &id, &format!("{what}, none translated before")).await;
        let again = list(&bench, &all[1], &id, "— the same again").await;
        assert_eq!((first.translations, again.translations), (50, 0), "the machine is too busy for the deadline");
        rows.extend([first, again]);
    }
    rows
}

async fn list(bench: &Bench, reader: &Person, id: &str, what: &str) -> Used {
    let services = bench.of("messages-list").await;
    bench.start_counting();
    let call = get(&format!("/api/conversations/{id}/messages")).path("conversationId", id).bearer(&reader.token);
    let page = call.to(&services, functions::messages::list::handle).await.expect(200);
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(50), "{page:#}");
    Used::since(bench, what, 0)
}
