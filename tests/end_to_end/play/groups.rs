//! Groups: who is in them as what, what they are called, and how they end.

use serde_json::{Value, json};
use testkit::{Person, TestStack};

use super::{id, listed, say};

pub(super) async fn play(stack: &TestStack) {
    by_invitation(stack).await;
    a_group_and_its_people(stack).await;
    who_may_what(stack).await;
    the_last_admin_leaves(stack).await;
    whoever_made_it_ends_it(stack).await;
}

async fn trio(stack: &TestStack) -> (Person, Person, Person) {
    tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"), stack.register("cem", "en"))
}

async fn a_group_and_its_people(stack: &TestStack) {
    let (ana, ben, cem) = trio(stack).await;
    let (at_ana, at_ben, at_cem) = tokio::join!(ana.connect(), ben.connect(), cem.connect());
    let wish = json!({
        "type": "group", "name": "Walkers", "participantIds": [ben.id], "description": "Sundays",
        "avatarUrl": "https://example.com/w.png", "isPrivate": true, "password": "over the hills", "maxMembers": 5,
        "sourceLanguage": "en", "targetLanguage": "es", "tokenSpendingMode": "creator",
    });
    let made = ana.post("/api/conversations", &wish, 201).await["conversation"].clone();
    let group = id(&made);
    let facts =
        json!([made["name"], made["isPrivate"], made["hasPassword"], made["maxMembers"], made["participantCount"]]);
    assert_eq!(facts, json!(["Walkers", true, true, 5, 2]), "{made:#}");
    for socket in [&at_ana, &at_ben] {
        assert_eq!(socket.expect("conversation:new").await["conversation"]["id"], made["id"]);
    }

    let path = format!("/api/conversations/{group}");
    let added = ana.post(&format!("{path}/participants"), &json!({ "participantIds": [cem.id] }), 200).await;
    assert_eq!((&added["participantCount"], &added["participants"][0]["role"]), (&json!(3), &json!("member")));
    assert_eq!(at_cem.expect("conversation:new").await["conversation"]["participantCount"], 3);
    let joined = at_ben.expect("participant:joined").await;
    assert_eq!((&joined["participant"]["id"], &joined["addedBy"]), (&json!(cem.id), &json!(ana.id)));
    let again = ana.post(&format!("{path}/participants"), &json!({ "participantIds": [cem.id] }), 409).await;
    assert_eq!(again["code"], "CONFLICT");

    let promoted = ana.patch(&format!("{path}/participants/{}", ben.id), &json!({ "role": "admin" }), 200).await;
    assert_eq!(promoted["participant"]["role"], "admin");
    let told = at_cem.expect("conversation:updated").await;
    assert_eq!((&told["participant"]["id"], &told["participant"]["role"]), (&json!(ben.id), &json!("admin")));

    let change = json!({ "name": "Hikers", "description": null, "password": null, "maxMembers": 3 });
    let changed = ben.patch(&path, &change, 200).await["conversation"].clone();
    assert_eq!(
        json!([changed["name"], changed["description"], changed["hasPassword"]]),
        json!(["Hikers", null, false])
    );
    let told = at_cem.expect("conversation:updated").await;
    assert_eq!((&told["conversation"]["name"], &told["updatedBy"]), (&json!("Hikers"), &json!(ben.id)));
    assert_eq!(ben.patch(&path, &json!({ "maxMembers": 2 }), 409).await["code"], "CONFLICT", "there are three");

    let seen = cem.get(&path, 200).await["conversation"].clone();
    let people = seen["participants"].as_array().unwrap();
    let role = |person: &Person| {
        let found = people.iter().find(|participant| participant["id"] == json!(person.id)).unwrap();
        (found["role"].clone(), found["presence"].clone())
    };
    assert_eq!(role(&ana), (json!("admin"), json!("online")));
    assert_eq!(role(&cem), (json!("member"), json!("online")));

    ben.delete(&format!("{path}/participants/{}", cem.id), 200).await;
    for socket in [&at_ana, &at_cem] {
        let left = socket.expect("participant:left").await;
        let expected = (json!(cem.id), json!(ben.id), json!(2));
        assert_eq!(
            (&left["userId"], &left["removedBy"], &left["participantCount"]),
            (&expected.0, &expected.1, &expected.2)
        );
    }
    assert_eq!(cem.get(&path, 404).await["code"], "NOT_FOUND", "who is out learns nothing");
    assert!(listed(&cem, &group).await.is_none());
}

async fn who_may_what(stack: &TestStack) {
    let (ana, ben, cem) = trio(stack).await;
    let group = ana.group("Readers", &[&ben]).await;
    let path = format!("/api/conversations/{group}");
    let participants = format!("{path}/participants");
    let (cems, bens) = (format!("{participants}/{}", cem.id), format!("{participants}/{}", ben.id));
    for (person, status, code) in [(&ben, 403, "FORBIDDEN"), (&cem, 404, "NOT_FOUND")] {
        let refused = [
            person.patch(&path, &json!({ "name": "Mine" }), status).await,
            person.post(&participants, &json!({ "participantIds": [cem.id] }), status).await,
            person.patch(&bens, &json!({ "role": "admin" }), status).await,
            person.delete(&bens, status).await,
            person.delete(&format!("{path}?forEveryone=true"), status).await,
        ];
        assert!(refused.iter().all(|answer| answer["code"] == code), "{refused:#?}");
    }
    assert_eq!(cem.post(&format!("{path}/leave"), &json!({}), 404).await["code"], "NOT_FOUND");
    assert_eq!(ana.delete(&cems, 404).await["code"], "NOT_FOUND");
    let last = ana.patch(&format!("{participants}/{}", ana.id), &json!({ "role": "member" }), 409).await;
    assert_eq!(last["code"], "CONFLICT", "a group keeps an admin");

    let direct = ana.direct(&ben).await;
    let answer = ana.post(&format!("/api/conversations/{direct}/leave"), &json!({}), 409).await;
    assert_eq!(answer["code"], "CONFLICT", "of two nobody leaves");
}

async fn the_last_admin_leaves(stack: &TestStack) {
    let (ana, ben, cem) = trio(stack).await;
    let group = ana.group("Singers", &[&ben]).await;
    let path = format!("/api/conversations/{group}");
    ana.post(&format!("{path}/participants"), &json!({ "participantIds": [cem.id] }), 200).await;
    let at_cem = cem.connect().await;
    ana.post(&format!("{path}/leave"), &json!({}), 200).await;
    let left = at_cem.expect("participant:left").await;
    assert_eq!((&left["userId"], left.get("removedBy")), (&json!(ana.id), None), "she went by herself");
    let heir = at_cem.expect("conversation:updated").await["participant"].clone();
    assert_eq!((&heir["id"], &heir["role"]), (&json!(ben.id), &json!("admin")), "who was there longest");

    let mut at_ben = ben.connect().await;
    say(&mut at_ben, &group, "Just the two of us.", &[&at_cem]).await;
    cem.post(&format!("{path}/leave"), &json!({}), 200).await;
    assert_eq!(at_ben.expect("participant:left").await["participantCount"], 1);
    ben.post(&format!("{path}/leave"), &json!({}), 200).await;
    assert_eq!(ben.get(&path, 404).await["code"], "NOT_FOUND", "with the last one the group ends");
}

async fn whoever_made_it_ends_it(stack: &TestStack) {
    let (ana, ben, _) = trio(stack).await;
    let group = ana.group("Short", &[&ben]).await;
    let (mut at_ana, at_ben) = tokio::join!(ana.connect(), ben.connect());
    say(&mut at_ana, &group, "This will not last.", &[&at_ben]).await;
    let path = format!("/api/conversations/{group}");
    let answer = ana.delete_with(&path, &json!({ "forEveryone": true }), 200).await;
    assert_eq!(answer["deletedForEveryone"], true, "{answer:#}");
    for socket in [&at_ana, &at_ben] {
        let told = socket.expect("conversation:deleted").await;
        assert_eq!((&told["conversationId"], &told["deletedBy"]), (&json!(group), &json!(ana.id)));
    }
    for person in [&ana, &ben] {
        person.get(&path, 404).await;
        assert_eq!(listed(person, &group).await, None::<Value>);
    }
}

async fn by_invitation(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let (cem, dia) = tokio::join!(stack.register("cem", "tr"), stack.register("dia", "el"));
    let group = json!({
        "type": "group", "name": "Plums", "participantIds": [ben.id], "maxMembers": 4, "password": "plums in october",
    });
    let at_ben = ben.connect().await;
    let group = id(&ana.post("/api/conversations", &group, 201).await);
    // From here on nothing is posted to him but of who joins.
    at_ben.expect("notification:new").await;
    at_ben.close().await;
    let path = format!("/api/conversations/{group}/invite");
    let old = ben.post(&path, &json!({}), 200).await;
    let new = ana.post(&path, &json!({ "rotate": true }), 200).await;
    assert!(new["qrCodeData"].as_str().unwrap().starts_with("data:image/svg+xml;base64,"), "{new:#}");
    let join = |invitation: &Value, password: &str| json!({ "conversationCode": invitation["conversationCode"], "password": password });
    let way = "/api/conversations/join";
    assert_eq!(cem.post(way, &join(&old, "plums in october"), 404).await["code"], "NOT_FOUND");
    assert_eq!(cem.post(way, &join(&new, "pears in october"), 403).await["code"], "FORBIDDEN");
    // Whoever is told may have gone without a word, or have a token that has ended.
    stack.lose_connection(&ben).await;
    stack.outlive_connection(&ben).await;
    dia.post(way, &join(&new, "plums in october"), 200).await;
    assert_eq!(dia.post(way, &join(&new, "plums in october"), 409).await["code"], "CONFLICT");
    // The sockets of more people than one invocation posts to by itself.
    let mut sockets = Vec::new();
    for person in [&ana, &ana, &ana, &ben, &ben, &cem] {
        sockets.push(person.connect().await);
    }
    assert_eq!(id(&cem.post(way, &join(&new, "plums in october"), 200).await), group);
    assert_eq!(sockets[0].expect("participant:joined").await["participant"]["id"], json!(cem.id));
    assert_eq!(sockets[5].expect("conversation:new").await["conversation"]["id"], json!(group));
    for socket in sockets {
        socket.close().await;
    }
}
