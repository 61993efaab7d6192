use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, fields, get, post, text};

async fn search(bench: &Bench, person: &Person, query: &str) -> Answer {
    let services = bench.of("users-search").await;
    bench.start_counting();
    let call = get(&format!("/api/users/search?{query}")).bearer(&person.token);
    call.to(&services, functions::users::search::handle).await
}

fn names(body: &Value) -> Vec<String> {
    body["users"].as_array().unwrap().iter().map(|user| text(&user["username"])).collect()
}

/// Somebody with a name that is shown.
async fn register(bench: &Bench, username: &str, display_name: &str, email: &str) {
    let services = bench.of("auth-register").await;
    let body = json!({
        "email": email, "password": "correct horse battery", "username": username, "displayName": display_name,
    });
    post("/api/auth/register", &body).to(&services, functions::auth::register::handle).await.expect(201);
}

#[tokio::test]
async fn finds_by_the_beginning_of_any_word_whatever_its_case_and_accents() {
    let bench = Bench::start().await;
    let me = bench.person("myself", "en").await;
    register(&bench, "johnsmith", "José Łukasz", "john.smith@example.com").await;
    register(&bench, "other", "Somebody Else", "other@example.com").await;
    for query in ["john", "JOHNS", "jose", "JOS%C3%89", "lukasz", "smith", "jose+luk", "john.smith@example.com"] {
        let body = search(&bench, &me, &format!("q={query}")).await.expect(200);
        assert_eq!(names(&body), ["johnsmith"], "{query}");
    }
    for query in ["ohn", "example", "nobody", "mith"] {
        assert_eq!(names(&search(&bench, &me, &format!("q={query}")).await.expect(200)), [""; 0], "{query}");
    }
    search(&bench, &me, "q=jo").await.expect(200);
    assert_eq!(bench.used(), "BatchGetItem 1, Query 2, UpdateItem 1", "by keys alone");
}

#[tokio::test]
async fn d4_e4_an_address_is_shown_only_to_whoever_looked_for_exactly_it() {
    let bench = Bench::start().await;
    let (me, ana) = (bench.person("myself", "en").await, bench.person("ana", "es").await);
    let shown = ["avatarUrl", "displayName", "id", "isOnline", "lastSeen", "name", "preferredLanguage", "username"];
    for query in ["ana", "ana@", "ana@example.co"] {
        let body = search(&bench, &me, &format!("q={query}")).await.expect(200);
        assert_eq!(fields(&body), ["nextCursor", "users"]);
        assert_eq!(fields(&body["users"][0]), shown, "{query}");
        assert!(!body.to_string().contains('@'), "{query}");
    }
    let body = search(&bench, &me, "q=ANA@Example.com").await.expect(200);
    assert_eq!(body["users"][0]["email"], json!(ana.email));
    assert_eq!(bench.used(), "BatchGetItem 1, GetItem 2, Query 2, UpdateItem 1");
}

#[tokio::test]
async fn nobody_finds_themselves() {
    let bench = Bench::start().await;
    let (ana, _) = (bench.person("ana", "es").await, bench.person("anabel", "es").await);
    assert_eq!(names(&search(&bench, &ana, "q=ana").await.expect(200)), ["anabel"]);
    assert_eq!(names(&search(&bench, &ana, "q=ana@example.com").await.expect(200)), [""; 0]);
}

#[tokio::test]
async fn d4_who_is_there_is_shown_to_friends_and_fellow_members_alone() {
    let bench = Bench::start().await;
    let me = bench.person("myself", "en").await;
    let (friend, fellow) = (bench.person("anabel", "es").await, bench.person("anatol", "es").await);
    let (direct, stranger) = (bench.person("anacleto", "es").await, bench.person("anastasia", "es").await);
    let (asked, never) = (bench.person("anaximander", "es").await, bench.person("anahit", "es").await);
    bench.friends(&me, &friend).await;
    bench.group(&fellow, &[&me]).await;
    // What others share without the one who looks is nothing to that one.
    bench.group(&fellow, &[&stranger]).await;
    bench.direct(&direct, &me).await;
    bench.befriend(&me, &asked).await.expect(201);
    bench.direct(&me, &never).await;
    let mut phones = Vec::new();
    for person in [&friend, &fellow, &direct, &stranger, &asked] {
        phones.push(bench.phone(person).await);
    }
    let body = search(&bench, &me, "q=ana").await.expect(200);
    // Friends and faces in one call; one's own places, and those of the four who were ever there and are no friends.
    assert_eq!(bench.used(), "BatchGetItem 1, Query 7, UpdateItem 1");
    assert_eq!(body["users"].as_array().unwrap().len(), 6);
    for user in body["users"].as_array().unwrap() {
        let is_known = ["anabel", "anatol", "anacleto"].contains(&user["username"].as_str().unwrap());
        assert_eq!((&user["isOnline"], user["lastSeen"].is_string()), (&json!(is_known), is_known), "{user}");
    }
}

#[tokio::test]
async fn who_is_in_no_conversation_asks_for_nobodys() {
    let bench = Bench::start().await;
    let (me, ana) = (bench.person("myself", "en").await, bench.person("ana", "es").await);
    let _phone = bench.phone(&ana).await;
    let user = search(&bench, &me, "q=ana").await.expect(200)["users"][0].clone();
    assert_eq!(bench.used(), "BatchGetItem 1, Query 3, UpdateItem 1");
    assert_eq!((&user["isOnline"], &user["lastSeen"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn pages_show_everybody_once() {
    let bench = Bench::start().await;
    let me = bench.person("myself", "en").await;
    for number in 0..25 {
        // Found by the username, both words of the name and the address: each is one person nevertheless.
        let email = format!("mira{number}@example.com");
        register(&bench, &format!("mia{number:02}"), &format!("Mina{number} Mila"), &email).await;
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let body = search(&bench, &me, &format!("q=mi&limit=7{next}")).await.expect(200);
        assert!(names(&body).len() <= 7);
        seen.extend(names(&body));
        match body["nextCursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let mut people = seen.clone();
    people.sort();
    people.dedup();
    assert_eq!((seen.len(), people.len()), (25, 25), "{seen:?}");
    assert_eq!(names(&search(&bench, &me, "q=mi").await.expect(200)).len(), 20, "by default");
}

#[tokio::test]
async fn g4_g5_bad_queries_limits_and_cursors_are_refused() {
    let bench = Bench::start().await;
    let me = bench.person("myself", "en").await;
    for query in ["", "q=", "q=a", "q=%23%23", &format!("q={}", "x".repeat(255))] {
        let details = search(&bench, &me, query).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["q"], "{query}");
    }
    for limit in ["0", "51", "-1", "NaN", "1000000000"] {
        let details = search(&bench, &me, &format!("q=ana&limit={limit}")).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["limit"]);
    }
    // "other#user_…", a place in another search.
    let other = "b3RoZXIjdXNlcl8wMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA";
    for cursor in ["x", "", "MSBjb252X3g", other] {
        let details = search(&bench, &me, &format!("q=ana&cursor={cursor}")).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["cursor"], "{cursor}");
    }
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-search").await;
    let call = get("/api/users/search?q=ana");
    call.to(&services, functions::users::search::handle).await.refused(401, "UNAUTHORIZED");
}
