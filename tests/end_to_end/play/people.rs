//! People: their profiles, their pictures, their devices, and finding each other.

use serde_json::{Value, json};
use testkit::{PNG, Person, TestStack, download, upload};

pub(super) async fn play(stack: &TestStack) {
    a_profile_is_changed_and_found(stack).await;
    language_and_country(stack).await;
    a_picture(stack).await;
    a_phone_changes_hands(stack).await;
    two_who_do_not_talk(stack).await;
    somebody_is_reported(stack).await;
}

/// Who is found by this query.
async fn found(person: &Person, query: &str) -> Vec<Value> {
    let answer = person.get(&format!("/api/users/search?q={query}"), 200).await;
    answer["users"].as_array().unwrap_or_else(|| panic!("{answer:#}")).clone()
}

async fn a_profile_is_changed_and_found(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let name = format!("renamed_{}", &ana.username[4..]);
    let change = json!({
        "username": name, "displayName": "Ana Quijote", "bio": "Windmills.", "avatarUrl": "https://example.com/a.png",
        "settings": { "theme": "dark", "soundEnabled": false },
    });
    let user = ana.patch("/api/users/me", &change, 200).await["user"].clone();
    assert_eq!((&user["username"], &user["bio"]), (&json!(name), &json!("Windmills.")));
    assert_eq!(user["settings"], json!({ "notificationsEnabled": true, "soundEnabled": false, "theme": "dark" }));
    let me = ana.get("/api/users/me", 200).await;
    assert_eq!((&me["id"], &me["user"]), (&json!(ana.id), &user), "older clients read the profile itself");
    let taken = ben.patch("/api/users/me", &json!({ "username": name }), 400).await;
    assert_eq!(taken["code"], "USERNAME_EXISTS");

    let socket = ana.connect().await;
    for query in [&name[..12], "quij"] {
        let people = found(&ben, query).await;
        let person = people.iter().find(|person| person["id"] == json!(ana.id)).unwrap_or_else(|| panic!("{query}"));
        assert_eq!((&person["isOnline"], &person["email"]), (&json!(false), &Value::Null), "to a stranger: {person:#}");
    }
    ben.patch("/api/users/me", &json!({ "username": ana.username }), 200).await;
    assert_eq!(found(&ben, &ana.email).await[0]["email"], json!(ana.email), "who knows the address sees it");
    assert!(found(&ana, "quij").await.is_empty(), "nobody finds themselves");
    assert_eq!(ben.get("/api/users/search?q=a", 400).await["code"], "VALIDATION_ERROR");

    let seen = ben.get(&format!("/api/users/{}", ana.id), 200).await["user"].clone();
    assert_eq!((&seen["displayName"], &seen["isOnline"]), (&json!("Ana Quijote"), &json!(false)));
    ben.direct(&ana).await;
    let seen = ben.get(&format!("/api/users/{}", ana.id), 200).await["user"].clone();
    assert_eq!(seen["isOnline"], true, "to whom she shares a conversation with");
    assert_eq!(found(&ben, "quij").await[0]["isOnline"], true);
    assert!(seen.get("email").is_none(), "{seen:#}");
    let nobody = "user_00000000-0000-4000-8000-000000000000";
    assert_eq!(ben.get(&format!("/api/users/{nobody}"), 404).await["code"], "NOT_FOUND");
    socket.close().await;
}

async fn language_and_country(stack: &TestStack) {
    let languages = stack.anonymous().get("/api/languages", 200).await["languages"].clone();
    let french = json!({ "code": "fr", "name": "French", "nativeName": "Français" });
    assert!(languages.as_array().unwrap().contains(&french), "{languages:#}");

    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let older = ana.patch("/api/users/me/language", &json!({ "language": "fr" }), 200).await;
    assert_eq!((&older["id"], &older["preferredLanguage"]), (&json!(ana.id), &json!("fr")));
    let body = json!({ "preferredCountry": "CA" });
    let user = ana.patch("/api/users/me/country", &body, 200).await["user"].clone();
    assert_eq!((&user["preferredCountry"], &user["preferredLanguage"]), (&json!("CA"), &json!("fr")));
    ana.patch("/api/users/me/language", &json!({ "preferredLanguage": "klingon" }), 400).await;

    // From now on she reads French as it is written in Canada.
    let conversation = ben.direct(&ana).await;
    let path = format!("/api/conversations/{conversation}/messages");
    let text = "The bridge is closed until the weekend.";
    ben.post(&path, &json!({ "content": text }), 201).await;
    let read = &ana.messages(&conversation).await[0];
    let expected = (json!(format!("«fr-CA» {text}")), json!("fr"));
    assert_eq!((&read["translatedContent"], &read["targetLanguage"]), (&expected.0, &expected.1));
}

/// Where the picture at this address is, for anybody who looks.
async fn seen(stack: &TestStack, address: &str) -> (u16, Vec<u8>) {
    let path = address.strip_prefix(&stack.http_url()).unwrap_or_else(|| panic!("{address}"));
    let answer = stack.anonymous().try_get(path).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    download(answer.headers["location"].to_str().unwrap()).await
}

async fn a_picture(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let mut addresses = Vec::new();
    for bytes in [PNG.to_vec(), [PNG, b" with a hat"].concat()] {
        let wish = json!({ "contentType": "image/png", "fileSize": bytes.len() });
        let place = ana.post("/api/users/profile-picture/upload-url", &wish, 200).await;
        let key = json!({ "key": place["key"] });
        assert_eq!(ana.put("/api/users/profile-picture", &key, 400).await["code"], "VALIDATION_ERROR", "not there yet");
        assert_eq!(upload(place["uploadUrl"].as_str().unwrap(), "image/png", &bytes).await, 200);
        assert_eq!(ben.put("/api/users/profile-picture", &key, 403).await["code"], "FORBIDDEN");
        let answer = ana.put("/api/users/profile-picture", &key, 200).await;
        let address = answer["profilePicture"].as_str().unwrap().to_owned();
        assert_eq!(answer["user"]["profilePicture"], json!(address));
        assert_eq!(seen(stack, &address).await, (200, PNG.to_vec()), "nothing but what is seen");
        let profile = ben.get(&format!("/api/users/{}", ana.id), 200).await;
        assert_eq!(profile["user"]["avatarUrl"], json!(address));
        addresses.push(address);
    }
    assert_ne!(seen(stack, &addresses[0]).await.0, 200, "the picture of before is gone");
    let user = ana.delete("/api/users/profile-picture", 200).await["user"].clone();
    assert_eq!(user["profilePicture"], Value::Null);
    assert_ne!(seen(stack, &addresses[1]).await.0, 200);
    assert_eq!(ana.delete("/api/users/profile-picture", 404).await["code"], "NOT_FOUND");
}

async fn a_phone_changes_hands(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    for person in [&ana, &ben] {
        for token in ["fcm:shared", "fcm:second"] {
            let device = json!({ "token": token, "platform": "android" });
            assert_eq!(person.post("/api/devices/register", &device, 200).await, json!({ "success": true }));
        }
    }
    // What is not hers any more she cannot end; he ends one, and then all.
    ana.post("/api/devices/unregister", &json!({ "token": "fcm:shared" }), 200).await;
    ben.post("/api/devices/unregister", &json!({ "token": "fcm:shared" }), 200).await;
    ben.post("/api/devices/unregister", &json!({}), 200).await;
    ben.post("/api/devices/register", &json!({ "token": "fcm:x", "platform": "windows" }), 400).await;
}

async fn two_who_do_not_talk(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let mut of_ben = ben.connect().await;
    let path = format!("/api/users/{}/block", ben.id);
    assert_eq!(ana.put(&path, &json!({}), 200).await, json!({ "success": true, "userId": ben.id }));
    let list = ana.get("/api/users/blocked", 200).await;
    assert_eq!((list["users"][0]["id"].as_str(), &list["nextCursor"]), (Some(ben.id.as_str()), &Value::Null));

    of_ben.send("message:send", &json!({ "conversationId": conversation, "content": "Hello?" })).await;
    assert_eq!(of_ben.expect("error").await["code"], "FORBIDDEN");
    assert!(found(&ben, &ana.email).await.is_empty() && found(&ana, &ben.email).await.is_empty());
    ben.get(&format!("/api/users/{}", ana.id), 404).await;
    let group = json!({ "type": "group", "name": "Us", "participantIds": [ben.id] });
    assert_eq!(ana.post("/api/conversations", &group, 403).await["code"], "FORBIDDEN");

    // He blocks her too: each ends only their own.
    let his = format!("/api/users/{}/block", ana.id);
    ben.put(&his, &json!({}), 200).await;
    ana.delete(&path, 200).await;
    of_ben.send("message:send", &json!({ "conversationId": conversation, "content": "Hello?" })).await;
    assert_eq!(of_ben.expect("error").await["code"], "FORBIDDEN");
    ben.delete(&his, 200).await;
    of_ben.send("message:send", &json!({ "conversationId": conversation, "content": "Hello again." })).await;
    of_ben.expect("message:receive").await;
    of_ben.close().await;
}

async fn somebody_is_reported(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let sent = ben.post(&format!("/api/conversations/{conversation}/messages"), &json!({ "content": "👎" }), 201).await;
    let path = format!("/api/users/{}/report", ben.id);
    let report = ana.post(&path, &json!({ "reason": "harassment", "details": "Again." }), 201).await["report"].clone();
    assert_eq!((&report["userId"], &report["reason"]), (&json!(ben.id), &json!("harassment")));
    assert_eq!(ana.post(&path, &json!({ "reason": "spam" }), 200).await["report"], report, "once a day");
    let message = json!({ "reason": "hate", "conversationId": conversation, "messageId": sent["message"]["id"] });
    ana.post(&path, &message, 201).await;
    assert_eq!(ana.post(&path, &json!({}), 400).await["code"], "VALIDATION_ERROR");
}
