//! Sockets: being there, looking at a conversation, typing, and how many one person may have.

use domain::conversation::Role;
use domain::{ConversationId, SessionId, Timestamp, UserId};
use serde_json::{Value, json};
use store::Table;
use store::members::MemberRecord;
use testkit::{Socket, TestStack};

use super::{Way, send, until};

const OVER_THE_SOCKET: [Way; 2] = [Way::Socket, Way::Older];

pub(super) async fn play(stack: &TestStack) {
    for way in OVER_THE_SOCKET {
        ping(stack, way).await;
        coming_and_going(stack, way).await;
        typing_where_somebody_looks(stack, way).await;
        nobody_is_told_of_typing_in_a_crowd(stack, way).await;
    }
    what_is_no_action(stack).await;
    the_eleventh_connection(stack).await;
    a_connection_that_outlives_its_session(stack).await;
    who_goes_without_a_word(stack).await;
}

async fn ping(stack: &TestStack, way: Way) {
    let ana = stack.register("ana", "es").await;
    let mut socket = ana.open("/dev").await;
    send(&mut socket, way, "ping", &Value::Null).await;
    assert!(socket.expect("pong").await["timestamp"].is_string());
}

async fn coming_and_going(stack: &TestStack, way: Way) {
    let (ana, ben, cem) =
        tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"), stack.register("cem", "en"));
    ana.direct(&ben).await;
    ana.group("Office", &[&cem]).await;
    let (mut phone, tablet) = tokio::join!(ana.connect(), ana.connect());
    let (at_ben, at_cem) = tokio::join!(ben.connect(), cem.connect());
    for (data, status) in
        [(json!({ "status": "away" }), "away"), (json!("offline"), "offline"), (json!("online"), "online")]
    {
        send(&mut phone, way, "presence:update", &data).await;
        for socket in [&phone, &tablet, &at_ben, &at_cem] {
            // Whoever has come was told of, too.
            let told = loop {
                let told = socket.expect("presence:changed").await;
                if told["userId"] == ana.id.as_str() && told["status"] == status {
                    break told;
                }
            };
            assert_eq!(told["isOnline"], status != "offline");
        }
    }
    send(&mut phone, way, "presence:update", &json!({ "status": "asleep" })).await;
    assert_eq!(phone.expect("error").await["code"], "VALIDATION_ERROR");

    let here = async || ben.get(&format!("/api/users/{}", ana.id), 200).await["user"]["isOnline"] == true;
    assert!(here().await);
    phone.close().await;
    tablet.vanish();
    // `$disconnect` runs after the close, whenever it likes (gateway fact W-36).
    until("she is gone", async || !here().await).await;
}

async fn typing_where_somebody_looks(stack: &TestStack, way: Way) {
    let (ana, ben, cem) =
        tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"), stack.register("cem", "en"));
    let group = ana.group("Here", &[&ben, &cem]).await;
    let elsewhere = ana.direct(&ben).await;
    let (mut at_ana, mut at_ben, at_cem) = tokio::join!(ana.connect(), ben.connect(), cem.connect());
    send(&mut at_ben, way, "conversation:join", &json!(elsewhere)).await;
    assert_eq!(at_ben.expect("conversation:joined").await["conversationId"], json!(elsewhere));
    let mut types = async |is_typing: bool| {
        send(&mut at_ana, way, "message:typing", &json!({ "conversationId": group, "isTyping": is_typing })).await;
        let told = at_cem.expect("message:typing").await;
        assert_eq!((&told["userId"], &told["isTyping"]), (&json!(ana.id), &json!(is_typing)), "to who never says");
        assert!(told["userName"].is_string());
    };
    types(true).await;
    // He looks away, and then at this one.
    send(&mut at_ben, way, "conversation:leave", &json!({ "conversationId": elsewhere })).await;
    assert_eq!(at_ben.expect("conversation:left").await["conversationId"], json!(elsewhere));
    send(&mut at_ben, way, "conversation:join", &json!({ "conversationId": group })).await;
    at_ben.expect("conversation:joined").await;
    types(false).await;
    let told = at_ben.expect("message:typing").await;
    assert_eq!((&told["conversationId"], &told["isTyping"]), (&json!(group), &json!(false)), "not that she began");

    let eve = stack.register("eve", "en").await;
    let mut at_eve = eve.connect().await;
    for action in ["conversation:join", "message:typing"] {
        send(&mut at_eve, way, action, &json!({ "conversationId": group, "isTyping": true })).await;
        let error = at_eve.expect("error").await;
        assert_eq!((&error["request"], &error["code"]), (&json!(action), &json!("NOT_FOUND")));
    }
}

/// In a group of more than a hundred somebody always types.
async fn nobody_is_told_of_typing_in_a_crowd(stack: &TestStack, way: Way) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let group = ana.group("Stadium", &[&ben]).await;
    let table = Table::new(stack.dynamodb(), stack.table_name());
    let conversation = ConversationId::parse(&group).unwrap();
    let now = Timestamp::EPOCH;
    // The rest of the crowd has an account somewhere and no connection.
    let stranger = |number: usize| UserId::new(uuid::Uuid::from_u128((0x4000_8000 << 64) + number as u128));
    let place = |number: usize| MemberRecord::new(&conversation, &stranger(number), Role::Member, 0, now);
    let places: Vec<MemberRecord> = (0..app::typing::TOLD_UP_TO).map(place).collect();
    for places in places.chunks(store::places::MOST_ADDED) {
        let added = store::places::add(&table, &conversation, places, 1000, now).await.unwrap();
        assert_eq!(added, store::places::Changed::Done);
    }
    let (mut at_ana, at_ben) = tokio::join!(ana.connect(), ben.connect());
    send(&mut at_ana, way, "message:typing", &json!({ "conversationId": group, "isTyping": true })).await;
    // What comes after it has come, so it has not.
    ana.post(&format!("/api/conversations/{group}/messages"), &json!({ "content": "Goal!" }), 201).await;
    at_ben.expect("message:receive").await;
    assert_eq!((at_ben.count("message:typing"), at_ana.count("error")), (0, 0));
}

async fn what_is_no_action(stack: &TestStack) {
    let ana = stack.register("ana", "es").await;
    let mut socket = ana.connect().await;
    for text in ["{\"action\":\"message:sing\"}", "{\"type\":\"message:sing\",\"payload\":{}}", "good morning"] {
        socket.send_text(text).await;
        assert_eq!(socket.expect("error").await["code"], "VALIDATION_ERROR", "{text}");
    }
}

async fn the_eleventh_connection(stack: &TestStack) {
    let ana = stack.register("ana", "es").await;
    let mut open: Vec<Socket> = Vec::new();
    for _ in 0..11 {
        open.push(ana.connect().await);
    }
    open[0].expect_close().await;
    for socket in &mut open[1..] {
        socket.send("ping", &json!({})).await;
        socket.expect("pong").await;
    }
}

/// A session ends, and the word of it to its connections is lost: the next frame of each is its last (security C7).
async fn a_connection_that_outlives_its_session(stack: &TestStack) {
    let actions = [
        "message:send",
        "message:edit",
        "message:delete",
        "message:typing",
        "message:reaction",
        "message:read",
        "message:delivered",
        "conversation:join",
        "conversation:leave",
        "presence:update",
        "sync",
        "ping",
    ];
    let ways =
        actions.map(|action| (Way::Socket, action)).into_iter().chain([(Way::Older, "ping")]).collect::<Vec<_>>();
    let table = Table::new(stack.dynamodb(), stack.table_name());
    // One person may have ten connections.
    for ways in ways.chunks(10) {
        let ana = stack.register("ana", "es").await;
        let mut sockets = Vec::new();
        for (way, action) in ways {
            sockets.push((*way, *action, ana.connect().await));
        }
        let sessions = ana.get("/api/auth/sessions", 200).await;
        let session = SessionId::parse(sessions["sessions"][0]["id"].as_str().unwrap()).unwrap();
        store::access::end(&table, &UserId::parse(&ana.id).unwrap(), &[session], now()).await.unwrap();
        for (way, action, socket) in &mut sockets {
            send(socket, *way, action, &json!({})).await;
            let error = socket.expect("error").await;
            assert_eq!((&error["request"], &error["code"]), (&json!(action), &json!("UNAUTHORIZED")));
            socket.expect_close().await;
        }
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

/// A closed laptop says no goodbye: a post that finds nobody, or the end of the connection's time, tells it.
async fn who_goes_without_a_word(stack: &TestStack) {
    let (ana, ben) = tokio::join!(stack.register("ana", "en"), stack.register("ben", "en"));
    let direct = ana.direct(&ben).await;
    let at_ben = ben.connect().await;
    let told = async |status: &str| loop {
        let told = at_ben.expect("presence:changed").await;
        if told["userId"] == ana.id.as_str() {
            assert_eq!(told["status"], status);
            break;
        }
    };
    let laptop = ana.connect().await;
    told("online").await;
    // Another of hers is already gone, and nobody knows: she counts as there.
    stack.lose_connection(&ana).await;
    laptop.close().await;
    until("her laptop is forgotten", async || stack.connections(&ana).await == 1).await;
    ben.post(&format!("/api/conversations/{direct}/messages"), &json!({ "content": "👋" }), 201).await;
    told("offline").await;

    let laptop = ana.connect().await;
    told("online").await;
    stack.end_connections(&ana).await;
    assert_eq!(ben.get(&format!("/api/users/{}", ana.id), 200).await["user"]["isOnline"], false);
    laptop.expect_close().await;
    told("offline").await;
}
