use domain::person::Username;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, Person, call, fields, get, text};

async fn update(bench: &Bench, person: &Person, body: &Value) -> Answer {
    let services = bench.of("users-update").await;
    bench.start_counting();
    call("PATCH", "/api/users/me", Some(body))
        .bearer(&person.token)
        .to(&services, functions::users::update::handle)
        .await
}

/// Who is found by this, by usernames.
async fn found(bench: &Bench, person: &Person, query: &str) -> Vec<String> {
    let services = bench.of("users-search").await;
    let call = get(&format!("/api/users/search?q={query}")).bearer(&person.token);
    let body = call.to(&services, functions::users::search::handle).await.expect(200);
    body["users"].as_array().unwrap().iter().map(|user| text(&user["username"])).collect()
}

#[tokio::test]
async fn changes_what_is_given_and_nothing_else() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = json!({
        "displayName": " Ana María ", "bio": "Runs.\nReads.", "avatarUrl": "https://example.com/a.jpg",
        "settings": { "theme": "Dark", "soundEnabled": false },
    });
    let user = update(&bench, &ana, &body).await.expect(200)["user"].clone();
    assert_eq!(bench.used(), "GetItem 1, TransactWriteItems 1, UpdateItem 1");
    assert_eq!((&user["displayName"], &user["name"]), (&json!("Ana María"), &json!("Ana María")));
    assert_eq!((&user["username"], &user["bio"]), (&json!("ana"), &json!("Runs.\nReads.")));
    assert_eq!(user["avatarUrl"], "https://example.com/a.jpg");
    assert_eq!(user["settings"], json!({ "notificationsEnabled": true, "soundEnabled": false, "theme": "dark" }));

    let user = update(&bench, &ana, &json!({ "bio": "" })).await.expect(200)["user"].clone();
    assert_eq!(bench.used(), "GetItem 1, UpdateItem 2", "nobody else sees it in a list");
    assert_eq!((&user["bio"], &user["displayName"]), (&json!(null), &json!("Ana María")));
    update(&bench, &ana, &json!({})).await.expect(200);
    assert_eq!(bench.used(), "GetItem 1, UpdateItem 1", "nothing to change, nothing to write");
    let user = update(&bench, &ana, &json!({ "name": "Ana" })).await.expect(200)["user"].clone();
    assert_eq!(user["displayName"], "Ana", "older clients' word");
}

#[tokio::test]
async fn others_see_it_and_find_it_at_once() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    assert_eq!(found(&bench, &ben, "ana").await, ["ana"]);
    update(&bench, &ana, &json!({ "username": "lucia", "displayName": "Lucía Peña" })).await.expect(200);
    let face = &store::presence::of(&bench.table(), [&ana.actor.user], store::Consistency::Strong).await.unwrap();
    assert_eq!(face[&ana.actor.user].display_name, "Lucía Peña");
    assert_eq!(face[&ana.actor.user].username, "lucia");
    for query in ["lucia", "PENA", "pe%C3%B1", "ana@"] {
        assert_eq!(found(&bench, &ben, query).await, ["lucia"], "{query}");
    }
    update(&bench, &ana, &json!({ "displayName": "Lu" })).await.expect(200);
    assert_eq!(found(&bench, &ben, "pena").await, [""; 0], "the old name finds nobody");
}

#[tokio::test]
async fn a_username_moves_and_the_old_one_is_free() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    update(&bench, &ana, &json!({ "username": "BEN" })).await.refused(400, "USERNAME_EXISTS");
    update(&bench, &ana, &json!({ "username": "Ana" })).await.expect(200);
    update(&bench, &ana, &json!({ "username": "anita" })).await.expect(200);
    update(&bench, &ben, &json!({ "username": "ana" })).await.expect(200);
    let by = async |name: &str| {
        let name = Username::parse(name).unwrap();
        store::users::by_username(&bench.table(), &name).await.unwrap().map(|user| user.id)
    };
    assert_eq!((by("anita").await, by("ana").await), (Some(ana.id.clone()), Some(ben.id.clone())));
    assert_eq!(by("ben").await, None);
}

#[tokio::test]
async fn k4_of_many_who_want_a_name_at_once_one_gets_it() {
    let bench = Bench::start().await;
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(bench.person(&format!("person{number}"), "en").await);
    }
    let wish = json!({ "username": "wanted" });
    let answers = futures_util::future::join_all(people.iter().map(|person| update(&bench, person, &wish))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        answer.refused(400, "USERNAME_EXISTS");
    }
    assert_eq!(found(&bench, &people[0], "wanted").await.len() + found(&bench, &people[1], "wanted").await.len(), {
        // Whoever has it does not find themselves.
        let own = people.iter().take(2);
        let mut count = 2;
        for person in own {
            let account = store::users::by_id(&bench.table(), &person.actor.user).await.unwrap().unwrap();
            count -= usize::from(account.username == "wanted");
        }
        count
    });
}

#[tokio::test]
async fn changes_at_once_are_all_kept() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let (name, bio, theme) =
        (json!({ "displayName": "Ana Ruiz" }), json!({ "bio": "x" }), json!({ "settings": { "theme": "light" } }));
    let (one, two, three) =
        tokio::join!(update(&bench, &ana, &name), update(&bench, &ana, &bio), update(&bench, &ana, &theme));
    for answer in [one, two, three] {
        answer.expect(200);
    }
    let user = update(&bench, &ana, &json!({})).await.expect(200)["user"].clone();
    assert_eq!((&user["displayName"], &user["bio"]), (&json!("Ana Ruiz"), &json!("x")));
    assert_eq!(user["settings"]["theme"], "light");
}

#[tokio::test]
async fn d3_what_is_not_the_clients_to_set_stays() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let before = update(&bench, &ana, &json!({})).await.expect(200);
    let body = json!({
        "id": "user_x", "email": "evil@example.com", "role": "admin", "isAdmin": true, "emailVerified": true,
        "createdAt": "2000-01-01T00:00:00.000Z", "profilePicture": "https://example.com/x", "passwordHash": "x",
        "pictureKey": "profiles/other/x.png", "tokens": 1_000_000, "preferredLanguage": "fr",
    });
    assert_eq!(update(&bench, &ana, &body).await.expect(200), before);
}

#[tokio::test]
async fn every_bad_field_is_told_at_once() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = json!({
        "username": "a", "displayName": "", "name": 7, "avatarUrl": "javascript:alert(1)", "bio": "x".repeat(501),
        "settings": { "theme": "pink", "soundEnabled": "yes", "notificationsEnabled": 1 },
    });
    let details = update(&bench, &ana, &body).await.refused(400, "VALIDATION_ERROR");
    let names = [
        "avatarUrl",
        "bio",
        "displayName",
        "name",
        "settings.notificationsEnabled",
        "settings.soundEnabled",
        "settings.theme",
        "username",
    ];
    assert_eq!(fields(&details), names);
    update(&bench, &ana, &json!({ "settings": true })).await.refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn needs_a_token() {
    let bench = Bench::start().await;
    let services = bench.of("users-update").await;
    let call = call("PATCH", "/api/users/me", Some(&json!({})));
    call.to(&services, functions::users::update::handle).await.refused(401, "UNAUTHORIZED");
}
