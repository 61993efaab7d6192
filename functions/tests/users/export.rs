//! J1: whoever asks is told everything that is kept about them, and nothing that is others'.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::erase::life::Life;
use crate::support::{Answer, Bench, Person, call, fields, get, root, text};

async fn part(bench: &Bench, person: &Person, query: &str) -> Answer {
    let services = bench.of("users-export").await;
    bench.start_counting();
    let call = get(&format!("/api/users/me/export{query}")).bearer(&person.token);
    call.to(&services, functions::users::export::handle).await
}

/// All parts put together, and each for itself.
async fn export(bench: &Bench, person: &Person) -> (Map<String, Value>, Vec<Value>) {
    let (mut all, mut parts, mut query) = (Map::new(), Vec::new(), String::new());
    loop {
        let body = part(bench, person, &query).await.expect(200);
        for (name, value) in body.as_object().unwrap() {
            match (all.get_mut(name), value) {
                (Some(Value::Array(before)), Value::Array(more)) => before.extend(more.clone()),
                (Some(before), value) if before.is_null() => *before = value.clone(),
                (Some(_), _) => {}
                (None, value) => drop(all.insert(name.clone(), value.clone())),
            }
        }
        parts.push(body);
        let Some(cursor) = parts.last().unwrap()["nextCursor"].as_str() else { return (all, parts) };
        query = format!("?cursor={cursor}");
    }
}

/// The kind of an item: the constructor of its key.
fn kind(pk: &str, sk: &str) -> String {
    let first = |key: &str| key.split('#').next().unwrap_or_default().to_owned();
    let name = match (first(pk).as_str(), first(sk).as_str()) {
        ("USER", "LEFT") => "left",
        ("USER", "CHG") => "own_change",
        ("USER", "NOTES") => "notes_read",
        ("USER", "REPORT") => "report_lead",
        ("REPORTS", _) => "report",
        ("CONV", "META") => "conversation",
        ("CONV", "MSG") => "message",
        ("CONV", "SENT") => "send",
        ("CONV", "CHG") => "change",
        ("CONV", "ATT") => "attachment",
        ("CODE", _) => "invite",
        ("DEVICE", _) => "device_owner",
        ("FLOW", _) => "sign_in_flow",
        ("USER" | "CONV", other) | (other, _) => return other.to_lowercase(),
    };
    name.to_owned()
}

/// Fields under which `docs/data-model.md` says that each kind of item is told; none of what is not told.
fn documented() -> BTreeMap<String, Vec<String>> {
    let page = std::fs::read_to_string(root().join("docs/data-model.md")).unwrap();
    let section = page.split("## What an export tells").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "));
    let known = ["account", "sessions", "devices", "friends", "blocked", "hidden", "notifications", "conversations"];
    let known: BTreeSet<_> = known.into_iter().chain(["messages", "reactions", "mentions", "uploads"]).collect();
    let told = |text: &str| {
        let words = text.split('`').skip(1).step_by(2).map(str::to_owned);
        let is_told =
            |word: &String| known.contains(word.split('.').next().unwrap()) || word == "notificationsReadUpTo";
        if text.starts_with('—') { Vec::new() } else { words.filter(is_told).collect() }
    };
    rows.map(|(name, text)| (name.to_owned(), told(text))).collect()
}

/// A person who has left traces everywhere, and whom others have blocked and mentioned.
async fn lived(bench: &Bench) -> (Life, Person) {
    let life = Box::pin(Life::lived(bench)).await;
    let [dan, eve] = [bench.person("dan", "en").await, bench.person("eve", "en").await];
    for (one, other) in [(&life.ana, &dan), (&eve, &life.ana)] {
        let block = call("PUT", &format!("/api/users/{}/block", other.id), None).path("userId", &other.id);
        bench.http("users-block", block.bearer(&one.token)).await.expect(200);
    }
    let of_ben = bench.phone(&life.ben).await;
    bench.say(&of_ben, &life.group, "@zaragoza, my number is 555-0199").await;
    let read = call("POST", "/api/notifications/read-all", None).bearer(&life.ana.token);
    bench.http("notifications-read-all", read).await.expect(200);
    let pin = call("PATCH", &format!("/api/conversations/{}/settings", life.direct), Some(&json!({ "pinned": true })));
    bench
        .http("conversations-settings", pin.path("conversationId", &life.direct).bearer(&life.ana.token))
        .await
        .expect(200);
    (life, eve)
}

#[tokio::test]
async fn j1_every_item_that_names_the_person_is_told_or_left_out_for_a_documented_reason() {
    let bench = Bench::start().await;
    let (life, _) = lived(&bench).await;
    let (all, _) = export(&bench, &life.ana).await;
    let documented = documented();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (pk, sk, item) in bench.scanned().await {
        if !format!("{pk} {sk} {item}").contains(&life.ana.id) {
            continue;
        }
        let kind = kind(&pk, &sk);
        let told = documented.get(&kind).unwrap_or_else(|| panic!("no row for {pk} {sk} in docs/data-model.md"));
        for field in told {
            let value = Value::Object(all.clone()).pointer(&format!("/{}", field.replace('.', "/"))).cloned();
            let is_told = value.is_some_and(|value| !value.is_null() && value != json!([]));
            assert!(is_told, "{field} is to tell of {pk} {sk}: {item}");
        }
        let own = pk == format!("USER#{}", life.ana.id);
        if own || sk == format!("MEMBER#{}", life.ana.id) {
            *counts.entry(kind).or_default() += 1;
        }
    }
    // Each of them, and not only one of a kind.
    let told = |field: &str| all[field].as_array().unwrap().len();
    for (kind, field) in [("session", "sessions"), ("device", "devices"), ("friend", "friends"), ("hidden", "hidden")] {
        assert_eq!(told(field), counts[kind], "{field}");
    }
    assert_eq!(told("notifications"), counts["note"]);
    assert_eq!(told("conversations"), counts["left"] + counts["member"]);
    assert_eq!((counts["block"], told("blocked")), (2, 1), "who has blocked her is not hers");
    let said: BTreeSet<_> = all["messages"].as_array().unwrap().iter().map(|it| text(&it["id"])).collect();
    let mut expected = BTreeSet::new();
    for room in [&life.direct, &life.group, &life.left] {
        let page = bench.page(&life.ben, room).await;
        expected.extend(page.iter().filter(|it| it["senderId"] == life.ana.id).map(|it| text(&it["id"])));
    }
    assert_eq!(said, expected, "also where she is no more");
    assert_eq!((told("reactions"), told("mentions"), told("uploads")), (6, 1, 1));
}

#[test]
fn j1_of_every_kind_of_item_it_is_said_whether_it_is_told() {
    let page = std::fs::read_to_string(root().join("docs/data-model.md")).unwrap();
    let keys = page.split("## Keys").nth(1).unwrap().split("\n## ").next().unwrap();
    let items: BTreeSet<_> = keys.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).collect();
    // Partitions are no items.
    let partitions = ["person", "room", "found_by", "rates", "reports"];
    let kinds: BTreeSet<_> = items.iter().map(|(name, _)| (*name).to_owned()).collect();
    let said: BTreeSet<_> = documented().into_keys().chain(partitions.map(str::to_owned)).collect();
    assert_eq!(said, kinds);
}

#[tokio::test]
async fn j1_nothing_of_others_is_in_it_but_who_they_are_and_nothing_secret() {
    let bench = Bench::start().await;
    let (life, eve) = lived(&bench).await;
    let (all, parts) = export(&bench, &life.ana).await;
    let names = [
        "account",
        "blocked",
        "conversations",
        "devices",
        "friends",
        "hidden",
        "mentions",
        "messages",
        "nextCursor",
        "notifications",
        "notificationsReadUpTo",
        "reactions",
        "sessions",
        "uploads",
    ];
    assert_eq!(fields(&parts[0]), names);
    let profile = &all["account"]["profile"];
    assert_eq!(
        (text(&profile["email"]), text(&profile["displayName"])),
        (life.ana.email.clone(), "Anastasia Zaragoza".into())
    );
    assert!(parts.iter().skip(1).all(|part| part["account"].is_null()), "the account is told once");

    let everything = Value::Object(all.clone()).to_string();
    for person in [&life.ben, &life.cem, &eve] {
        assert!(!everything.contains(&person.email), "{}", person.email);
    }
    let (refresh, access) = (&life.ana.refresh_token, &life.ana.token);
    let secret = refresh.rsplit('.').next().unwrap();
    for other in [
        r#""ben""#,
        r#""cem""#,
        r#""Good morning""#,
        "555-0199",
        &eve.id,
        "anas-phone",
        "anas-browser",
        "$argon2",
        secret,
        access,
    ] {
        assert!(!everything.contains(other), "{other}");
    }
    let left = all["conversations"].as_array().unwrap().iter().find(|it| it["id"] == life.left).unwrap();
    assert_eq!((&left["type"], &left["name"], left["leftAt"].is_string()), (&Value::Null, &Value::Null, true));
    let direct = all["conversations"].as_array().unwrap().iter().find(|it| it["id"] == life.direct).unwrap();
    assert_eq!((&direct["pinned"], &direct["created"]), (&json!(true), &json!(true)));
    let file = all["messages"].as_array().unwrap().iter().find(|it| it["attachment"].is_object()).unwrap();
    assert_eq!(file["attachment"]["downloadUrl"], Value::Null, "nobody has inspected it");
    bench.inspect(&life.direct).await;
    let (again, _) = export(&bench, &life.ana).await;
    let file = again["messages"].as_array().unwrap().iter().find(|it| it["attachment"].is_object()).unwrap();
    let address = text(&file["attachment"]["downloadUrl"]);
    assert_eq!(reqwest::get(address).await.unwrap().status(), 200);
}

#[tokio::test]
async fn whoever_did_nothing_is_told_that_in_one_part() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let answer = part(&bench, &ana, "").await;
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 1, Query 3, UpdateItem 1");
    let body = answer.expect(200);
    assert_eq!((&body["nextCursor"], &body["messages"]), (&Value::Null, &json!([])));
    assert_eq!(body["account"]["foundBy"], json!(["ana@example.com"]));
    assert_eq!(body["sessions"][0]["current"], true);
}

#[tokio::test]
async fn a_long_life_comes_in_parts_that_fit_and_nothing_comes_twice() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let first = bench.say(&pair.of_ben, &pair.id, "number 1").await;
    // 600 messages of five kilobytes: three megabytes.
    bench.fill(&pair.id, &first, (2..=600).map(|number| format!("number {number} {}", "word ".repeat(980)))).await;
    let other = bench.group(&pair.ben, &[&pair.ana]).await;
    bench.say(&pair.of_ben, &other, "elsewhere").await;
    let (all, parts) = export(&bench, &pair.ben).await;
    assert!(parts.iter().all(|part| part.to_string().len() < 2_100_000));
    assert!(parts.len() > 2, "{}", parts.len());
    let ids: Vec<_> = all["messages"].as_array().unwrap().iter().map(|message| text(&message["id"])).collect();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (601, 601));
    assert_eq!(all["conversations"].as_array().map(Vec::len), Some(2), "each is told where it begins");
    // Of what he said she is told nothing.
    let (hers, _) = export(&bench, &pair.ana).await;
    assert_eq!((&hers["messages"], hers["conversations"].as_array().map(Vec::len)), (&json!([]), Some(2)));
}

#[tokio::test]
async fn d2_g4_a_cursor_leads_to_what_is_the_callers_alone() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    let eve = bench.person("eve", "en").await;
    bench.say(&pair.of_ben, &pair.id, "between us").await;
    let first = part(&bench, &pair.ana, "").await.expect(200);
    let query = format!("?cursor={}", text(&first["nextCursor"]));
    part(&bench, &pair.ana, &query).await.expect(200);
    for (person, query) in [(&eve, query.as_str()), (&eve, "?cursor=nonsense"), (&pair.ana, "?cursor=")] {
        let details = part(&bench, person, query).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["cursor"], "{query}");
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-export").await;
    get("/api/users/me/export").to(&services, functions::users::export::handle).await.refused(401, "UNAUTHORIZED");
}
