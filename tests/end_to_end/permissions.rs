//! What each function really does against what its role may do, in both directions (security J5): nothing it uses is
//! missing from the template, and nothing stands there that it does not use. The contract tests hold the first direction
//! for every function; here both are held for what is played, and the rest is listed in `not_played_yet.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use local::aws::Permission;
use serde_json::json;
use testkit::{Socket, TestStack};

use crate::PARLANCE;

/// Plays everything that a function does in one of its branches.
async fn play(stack: &TestStack) {
    let (ana, ben) = (stack.register("ana", "es").await, stack.register("ben", "en").await);
    let anybody = stack.anonymous();
    anybody.post("/api/auth/login", &json!({ "email": ana.email, "password": ana.password }), 200).await;
    ana.get("/api/auth/me", 200).await;
    anybody.get("/api/no/such/route", 404).await;

    // A connection that is gone without the backend's knowing is found out by the next push, whoever pushes.
    let mut at_ben = ben.connect().await;
    stack.lose_connection(&ana).await;
    let direct = ben.direct(&ana).await;
    ben.post("/api/conversations", &json!({ "type": "direct", "participantIds": [ana.id] }), 200).await;
    let group = ben.group("Everybody", &[&ana]).await;

    let at_ana = ana.connect().await;
    stack.lose_connection(&ana).await;
    let text = "The weather is lovely today, is it not?";
    let data = json!({ "conversationId": direct, "content": text, "tempId": "t" });
    let mut first = None;
    for envelope in ["action", "type"] {
        let frame = match envelope {
            "action" => json!({ "action": "message:send", "data": data }),
            _ => json!({ "type": "message:send", "payload": {
                "conversationId": group, "content": format!("{text} {envelope}"), "tempId": "t",
            } }),
        };
        // Once, and again as a retry.
        for _ in 0..2 {
            at_ben.send_text(&frame.to_string()).await;
            let sent = at_ben.expect("message:receive").await;
            first.get_or_insert(sent["message"]["id"].clone());
        }
        at_ana.expect("message:receive").await;
    }
    let reply = json!({ "conversationId": direct, "content": "sí", "replyTo": { "messageId": first } });
    at_ben.send("message:send", &reply).await;
    at_ben.expect("message:receive").await;
    at_ben.send("no:such:action", &json!({})).await;
    at_ben.expect("error").await;

    // A message that nobody has had translated yet: its reader was never there.
    let cem = stack.register("cem", "es").await;
    let unread = ben.direct(&cem).await;
    let data = json!({ "conversationId": unread, "content": "It will be dark soon, so let us go home now." });
    at_ben.send("message:send", &data).await;
    at_ben.expect("message:receive").await;
    cem.get(&format!("/api/conversations/{unread}/messages"), 200).await;
    for person in [&ana, &ben] {
        person.get("/api/conversations", 200).await;
    }

    // One connection more than a person may have.
    let mut open: Vec<Socket> = Vec::new();
    for _ in 0..11 {
        open.push(ana.connect().await);
    }
    open[0].expect_close().await;
    // `$disconnect` runs after the close, whenever it likes (gateway fact W-36).
    let goodbye = async {
        while !stack.usage().iter().any(|usage| usage.caller == "WsDisconnectFunction") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(testkit::PATIENCE, goodbye).await.expect("no $disconnect");
}

#[tokio::test]
async fn j5_roles_allow_what_is_used_and_nothing_else() {
    let stack = TestStack::start(PARLANCE).await;
    play(&stack).await;
    let mut used: BTreeMap<String, BTreeSet<Permission>> = BTreeMap::new();
    for usage in stack.usage() {
        used.entry(usage.caller).or_default().extend(usage.permissions);
    }
    let mut wrong = Vec::new();
    let mut unused = BTreeSet::new();
    for (id, function) in &stack.application().functions {
        let used = used.get(id).cloned().unwrap_or_default();
        for Permission { action, resource } in &used {
            if !gateway::policy::allows(&function.policies, action, resource) {
                wrong.push(format!("{id} uses {action} on {resource}, which its role does not allow"));
            }
        }
        for statement in &function.policies {
            assert_eq!(statement.actions.len(), 1, "{id}: one statement for each action");
            let one = std::slice::from_ref(statement);
            if !used.iter().any(|Permission { action, resource }| gateway::policy::allows(one, action, resource)) {
                unused.insert(format!("{id} {} {}", statement.actions[0], statement.resources.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What is not played here yet stands in a list that may only shrink.
    let listed: BTreeSet<String> = include_str!("not_played_yet.txt").lines().map(str::to_owned).collect();
    let new: Vec<_> = unused.difference(&listed).collect();
    assert!(new.is_empty(), "allowed, and neither used nor listed in not_played_yet.txt: {new:#?}");
    let done: Vec<_> = listed.difference(&unused).collect();
    assert!(done.is_empty(), "used now: to be taken out of not_played_yet.txt: {done:#?}");
    stack.stop().await;
}
