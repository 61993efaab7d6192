//! Messages: sent once, read by each in their language, answered, changed, taken back, reacted to.

use serde_json::{Value, json};
use testkit::{Person, Socket, TestStack};

use super::{WAYS, Way, id, listed, say, send};

pub(super) async fn play(stack: &TestStack) {
    for way in WAYS {
        sent_once_and_translated(stack, way).await;
        answered_and_changed(stack, way).await;
        taken_back(stack, way).await;
    }
    translated_when_it_is_read(stack).await;
    found_by_words(stack).await;
    asking_for_a_translation(stack).await;
    reactions(stack).await;
    delivered_and_read(stack).await;
    page_by_page(stack).await;
}

/// Ana, who reads Spanish, and Ben, who reads English, with a conversation and a socket each.
struct Pair {
    ana: Person,
    ben: Person,
    conversation: String,
    at_ana: Socket,
    at_ben: Socket,
}

impl Pair {
    async fn meet(stack: &TestStack) -> Self {
        let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
        let conversation = ben.direct(&ana).await;
        let (at_ana, at_ben) = tokio::join!(ana.connect(), ben.connect());
        Self { ana, ben, conversation, at_ana, at_ben }
    }

    fn path(&self) -> String {
        format!("/api/conversations/{}/messages", self.conversation)
    }

    /// Ben sends a message; as he is shown it.
    async fn ben_sends(&mut self, way: Way, body: &Value) -> Value {
        let mut data = body.clone();
        if way == Way::Http {
            let answer = self.ben.try_post(&self.path(), &data).await;
            assert!(answer.status.is_success(), "{answer:?}");
            return answer.body["message"].clone();
        }
        data["conversationId"] = json!(self.conversation);
        send(&mut self.at_ben, way, "message:send", &data).await;
        let acknowledged = self.at_ben.expect("message:receive").await;
        let name = body.get("tempId").or(body.get("clientMessageId"));
        assert_eq!(acknowledged.get("tempId"), name, "{acknowledged:#}");
        acknowledged["message"].clone()
    }
}

async fn sent_once_and_translated(stack: &TestStack, way: Way) {
    let mut pair = Pair::meet(stack).await;
    // A connection of hers that is gone without the backend's knowing: the next push finds it out.
    stack.lose_connection(&pair.ana).await;
    let text = format!("The weather is lovely today, is it not? {way:?}");
    let body = json!({ "content": text, "type": "text", "tempId": "t-1" });
    let sent = pair.ben_sends(way, &body).await;
    assert_eq!((&sent["originalContent"], &sent["originalLanguage"]), (&json!(text), &json!("en")));
    let received = pair.at_ana.expect("message:receive").await;
    let message = &received["message"];
    assert_eq!((&message["id"], &message["senderId"]), (&sent["id"], &json!(pair.ben.id)));
    let expected = (json!(format!("«es» {text}")), json!("es"));
    assert_eq!((&message["translatedContent"], &message["targetLanguage"]), (&expected.0, &expected.1));
    assert!(received.get("tempId").is_none(), "only its sender knows that name");

    super::until("the lost connection is forgotten", async || !stack.has_lost_connection(&pair.ana).await).await;

    let again = pair.ben_sends(way, &body).await;
    assert_eq!(again["id"], sent["id"], "a retry is the same message");
    let older = pair.ben_sends(way, &json!({ "content": "Yes.", "clientMessageId": "t-2", "type": "TEXT" })).await;
    assert_eq!(pair.at_ana.expect("message:receive").await["message"]["id"], older["id"]);
    let read = pair.ana.messages(&pair.conversation).await;
    assert_eq!(
        read.iter().map(|message| message["id"].clone()).collect::<Vec<_>>(),
        [sent["id"].clone(), older["id"].clone()]
    );
    let row = listed(&pair.ana, &pair.conversation).await.unwrap();
    assert_eq!((&row["lastMessage"]["id"], &row["unreadCount"]), (&older["id"], &json!(2)));

    if way == Way::Http {
        assert_eq!(pair.ben.post(&pair.path(), &json!({ "content": " " }), 400).await["code"], "VALIDATION_ERROR");
    } else {
        send(&mut pair.at_ben, way, "message:send", &json!({ "conversationId": pair.conversation, "tempId": "t-3" }))
            .await;
        let error = pair.at_ben.expect("error").await;
        let expected = (json!("message:send"), json!("t-3"), json!("VALIDATION_ERROR"));
        assert_eq!((&error["request"], &error["tempId"], &error["code"]), (&expected.0, &expected.1, &expected.2));
    }
}

async fn answered_and_changed(stack: &TestStack, way: Way) {
    let mut pair = Pair::meet(stack).await;
    let question = say(&mut pair.at_ana, &pair.conversation, "¿?", &[&pair.at_ben]).await;
    let reply = json!({ "messageId": question["id"], "content": "something she never said", "senderName": "Nobody" });
    let answer = pair.ben_sends(way, &json!({ "content": "I think that they come tomorrow.", "replyTo": reply })).await;
    let told = pair.at_ana.expect("message:receive").await["message"]["replyTo"].clone();
    let expected = (json!("¿?"), json!(pair.ana.id));
    assert_eq!((&told["content"], &told["senderId"]), (&expected.0, &expected.1), "the client's words are ignored");

    let (words, id) = (format!("I know that they come on Friday. {way:?}"), id(&answer));
    let mine = format!("{}/{id}", pair.path());
    if way == Way::Http {
        let edited = pair.ben.patch(&mine, &json!({ "content": words }), 200).await["message"].clone();
        assert_eq!((&edited["content"], &edited["edited"]), (&json!(words), &json!(true)));
    } else {
        let data = json!({ "conversationId": pair.conversation, "messageId": id, "content": words });
        send(&mut pair.at_ben, way, "message:edit", &data).await;
    }
    assert_eq!(pair.at_ben.expect("message:edited").await["message"]["content"], json!(words));
    let edited = pair.at_ana.expect("message:edited").await["message"].clone();
    assert_eq!(edited["translatedContent"], json!(format!("«es» {words}")));
    assert_eq!(edited["replyTo"]["messageId"], question["id"]);
    let row = listed(&pair.ana, &pair.conversation).await.unwrap();
    assert_eq!(row["lastMessage"]["originalContent"], json!(words));

    // Nobody puts words into another's mouth.
    if way == Way::Http {
        assert_eq!(pair.ana.patch(&mine, &json!({ "content": "No." }), 403).await["code"], "FORBIDDEN");
    } else {
        let data = json!({ "conversationId": pair.conversation, "messageId": id, "content": "No." });
        send(&mut pair.at_ana, way, "message:edit", &data).await;
        assert_eq!(pair.at_ana.expect("error").await["code"], "FORBIDDEN");
    }
}

async fn taken_back(stack: &TestStack, way: Way) {
    let mut pair = Pair::meet(stack).await;
    let mut sent = Vec::new();
    for content in ["1", "2"] {
        sent.push(say(&mut pair.at_ben, &pair.conversation, content, &[&pair.at_ana]).await);
    }
    let [first, second] = [id(&sent[0]), id(&sent[1])];
    let (path, conversation) = (pair.path(), pair.conversation.clone());
    let data =
        |message: &str, all: bool| json!({ "conversationId": conversation, "messageId": message, "forEveryone": all });

    // She does not want to see the latest, and cannot take it from him.
    if way == Way::Http {
        let answer = pair.ana.delete(&format!("{path}/{second}"), 200).await;
        assert_eq!(answer["deletedForMe"], true, "{answer:#}");
        let refused = pair.ana.delete(&format!("{path}/{second}?forEveryone=true"), 403).await;
        assert_eq!(refused["code"], "FORBIDDEN");
    } else {
        send(&mut pair.at_ana, way, "message:delete", &data(&second, false)).await;
        send(&mut pair.at_ana, way, "message:delete", &data(&second, true)).await;
        assert_eq!(pair.at_ana.expect("error").await["code"], "FORBIDDEN");
        super::until("hidden from her", async || pair.ana.messages(&pair.conversation).await.len() == 1).await;
    }
    let ids = |messages: Vec<Value>| messages.iter().map(id).collect::<Vec<_>>();
    assert_eq!(ids(pair.ana.messages(&pair.conversation).await), std::slice::from_ref(&first));
    assert_eq!(ids(pair.ben.messages(&pair.conversation).await), [first.clone(), second]);

    // He takes the first one back, for everybody.
    match way {
        Way::Http => {
            let answer = pair.ben.delete_with(&format!("{path}/{first}"), &json!({ "forEveryone": true }), 200).await;
            assert_eq!(answer["deletedForEveryone"], true, "{answer:#}");
        }
        Way::Socket => pair.at_ben.send("message:delete", &data(&first, true)).await,
        // Under the name that older clients have for it.
        Way::Older => {
            let payload = json!({ "conversationId": pair.conversation, "messageId": first });
            super::send_older(&mut pair.at_ben, "message:deleted", &payload).await;
        }
    }
    for socket in [&pair.at_ana, &pair.at_ben] {
        let told = socket.expect("message:deleted").await;
        assert_eq!((&told["messageId"], &told["deletedBy"]), (&json!(first), &json!(pair.ben.id)));
    }
    let left = pair.ana.messages(&pair.conversation).await[0].clone();
    assert_eq!((&left["deleted"], &left["originalContent"]), (&json!(true), &json!("")));
}

async fn translated_when_it_is_read(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let path = format!("/api/conversations/{conversation}/messages");
    // Nobody was there to read them, so nobody had them translated.
    let texts = ["It will be dark soon, so let us go home now.", "We have left the lamp on in the kitchen."];
    let mut sent = Vec::new();
    for text in texts {
        sent.push(id(&ben.post(&path, &json!({ "content": text }), 201).await));
    }
    assert!(!stack.translator.asked().iter().any(|asked| texts.contains(&asked.text.as_str())));
    let details = ana.get(&format!("{path}/{}", sent[0]), 200).await;
    assert_eq!(details["message"]["translatedContent"], json!(format!("«es» {}", texts[0])));
    assert_eq!(details["receipts"], json!([{ "userId": ana.id, "status": "sent" }]));
    let read = ana.messages(&conversation).await;
    let seen: Vec<_> = read.iter().map(|message| message["translatedContent"].clone()).collect();
    assert_eq!(seen, texts.map(|text| json!(format!("«es» {text}"))));
    let times = stack.translator.asked().iter().filter(|asked| texts.contains(&asked.text.as_str())).count();
    assert_eq!(times, 2, "each is translated once");
}

async fn found_by_words(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let path = format!("/api/conversations/{conversation}/messages");
    for text in ["The ferry to Málaga sails at noon.", "We will be late for it.", "Then we take the next FERRY."] {
        ben.post(&path, &json!({ "content": text }), 201).await;
    }
    let search = async |person: &Person, query: &str| person.get(&format!("{path}/search?{query}"), 200).await;
    let latest = search(&ana, "q=ferry&limit=1").await;
    assert_eq!(latest["messages"][0]["originalContent"], "Then we take the next FERRY.");
    // What is shown is in her language, and from then on found in it.
    assert_eq!(latest["messages"][0]["translatedContent"], "«es» Then we take the next FERRY.");
    let cursor = latest["nextCursor"].as_str().unwrap();
    let earlier = search(&ana, &format!("q=ferry&cursor={cursor}")).await;
    assert_eq!(earlier["messages"][0]["originalContent"], "The ferry to Málaga sails at noon.");
    assert_eq!((&earlier["hasMore"], earlier["messages"].as_array().map(Vec::len)), (&json!(false), Some(1)));
    assert_eq!(search(&ana, "q=es+malaga").await["messages"][0]["id"], earlier["messages"][0]["id"]);
    assert_eq!(search(&ben, "q=es+malaga").await["messages"], json!([]));
    assert_eq!(ben.get(&format!("{path}/search?q=!"), 400).await["code"], "VALIDATION_ERROR");
}

async fn asking_for_a_translation(stack: &TestStack) {
    let mut pair = Pair::meet(stack).await;
    let text = "Somebody has eaten the last piece of the cake.";
    let preview = json!({ "content": text, "targetLanguage": "de" });
    let shown = pair.ben.post("/api/messages/preview-translation", &preview, 200).await;
    assert_eq!(
        (&shown["translatedContent"], &shown["detectedLanguage"]),
        (&json!(format!("«de» {text}")), &json!("en"))
    );
    let sent = pair.ben_sends(Way::Http, &json!({ "content": text })).await;
    let path = format!("{}/{}/translate", pair.path(), id(&sent));
    let italian = pair.ana.post(&path, &json!({ "targetLanguage": "it" }), 200).await;
    assert_eq!(
        (&italian["translatedContent"], &italian["originalContent"]),
        (&json!(format!("«it» {text}")), &json!(text))
    );
    let same = pair.ana.post(&path, &json!({ "targetLanguage": "en" }), 200).await;
    assert_eq!(same["translatedContent"], text, "it can be read as it is");
}

async fn reactions(stack: &TestStack) {
    let mut pair = Pair::meet(stack).await;
    let message = say(&mut pair.at_ben, &pair.conversation, ":-)", &[&pair.at_ana]).await;
    let data = json!({ "conversationId": pair.conversation, "messageId": message["id"], "emoji": "👍" });
    let (ana, ben) = (json!(pair.ana.id), json!(pair.ben.id));
    let steps = [(Way::Socket, json!({ "👍": [ana] })), (Way::Older, json!({})), (Way::Socket, json!({ "👍": [ana] }))];
    for (way, expected) in steps {
        send(&mut pair.at_ana, way, "message:reaction", &data).await;
        let told = pair.at_ana.expect("message:reaction").await;
        assert_eq!((&told["reactions"], &told["userId"], &told["emoji"]), (&expected, &ana, &json!("👍")));
        assert_eq!(pair.at_ben.expect("message:reaction").await["reactions"], expected);
    }
    let heart = json!({
        "conversationId": pair.conversation, "messageId": message["id"], "emoji": "❤️",
        "messageTimestamp": message["timestamp"],
    });
    pair.at_ben.send("message:reaction", &heart).await;
    let all = json!({ "👍": [ana], "❤️": [ben] });
    assert_eq!(pair.at_ana.expect("message:reaction").await["reactions"], all);
    assert_eq!(pair.ana.messages(&pair.conversation).await[0]["reactions"], all);
}

async fn delivered_and_read(stack: &TestStack) {
    for way in [Way::Socket, Way::Older] {
        let mut pair = Pair::meet(stack).await;
        let message = say(&mut pair.at_ben, &pair.conversation, "...", &[&pair.at_ana]).await;
        let data = json!({ "conversationId": pair.conversation, "messageId": message["id"] });
        let status = async || pair.ben.messages(&pair.conversation).await[0]["status"].clone();
        assert_eq!(status().await, "sent");
        send(&mut pair.at_ana, way, "message:delivered", &data).await;
        let told = pair.at_ben.expect("message:delivered").await;
        assert_eq!((&told["messageId"], &told["deliveredTo"]), (&message["id"], &json!(pair.ana.id)));
        assert_eq!(status().await, "delivered");
        send(&mut pair.at_ana, way, "message:read", &data).await;
        let told = pair.at_ben.expect("message:read").await;
        assert_eq!((&told["messageId"], &told["readBy"]), (&message["id"], &json!(pair.ana.id)));
        assert_eq!(status().await, "read");
        let seen = pair.ben.get(&format!("{}/{}", pair.path(), id(&message)), 200).await;
        assert_eq!(seen["receipts"], json!([{ "userId": pair.ana.id, "status": "read" }]));
        assert_eq!(seen["message"]["readBy"], json!([pair.ana.id]));
    }
}

async fn page_by_page(stack: &TestStack) {
    let mut pair = Pair::meet(stack).await;
    let mut sent = Vec::new();
    for content in ["1", "2", "3", "4", "5"] {
        sent.push(say(&mut pair.at_ben, &pair.conversation, content, &[&pair.at_ana]).await);
    }
    let ids: Vec<String> = sent.iter().map(id).collect();
    let page = async |query: &str| {
        let page = pair.ana.get(&format!("{}?{query}", pair.path()), 200).await;
        let found: Vec<String> = page["messages"].as_array().unwrap().iter().map(id).collect();
        (found, page["hasMore"] == true, page["nextCursor"].as_str().unwrap_or_default().to_owned())
    };
    let (latest, more, cursor) = page("limit=2").await;
    assert_eq!((latest.as_slice(), more), (&ids[3..], true));
    assert_eq!(page(&format!("limit=2&cursor={cursor}")).await.0, ids[1..3]);
    assert_eq!(page(&format!("limit=2&before={}", ids[1])).await, (ids[..1].to_vec(), false, String::new()));
    assert_eq!(page(&format!("limit=2&after={}", ids[1])).await.0, ids[2..4]);
    // As 004 has it: a time.
    let time = sent[4]["timestamp"].as_str().unwrap();
    let until = page(&format!("cursor={time}")).await.0;
    assert!(ids[..4].starts_with(&until) && !until.is_empty(), "{until:?}");
    let refused = pair.ana.get(&format!("{}?limit=101", pair.path()), 400).await;
    assert_eq!(refused["code"], "VALIDATION_ERROR");
}
