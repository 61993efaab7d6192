//! A conversation ends for everybody: everybody hears it, however many that are, and nothing of it is left.

use std::time::Duration;

use domain::ConversationId;
use reqwest::Method;
use serde_json::json;
use testkit::TestStack;

use crate::PARLANCE;

const FILE: &[u8] = b"%PDF-1.7 and so on";

#[tokio::test]
async fn everybody_is_told_and_its_items_and_files_are_cleared() {
    let stack = TestStack::builder(PARLANCE).parameter("FanOutFrom", "1").start().await;
    let (ana, ben) = (stack.register("ana", "en").await, stack.register("ben", "en").await);
    let id = ana.group("soon over", &[&ben]).await;
    let mut phones = vec![ana.connect().await, ben.connect().await, ben.connect().await, ben.connect().await];

    let asked = json!({
        "fileName": "a.pdf", "contentType": "application/pdf", "fileSize": FILE.len(), "conversationId": id,
    });
    let file = ana.post("/api/attachments/upload-url", &asked, 200).await;
    let put = reqwest::Client::new().put(file["uploadUrl"].as_str().unwrap());
    let put = put.header("content-type", "application/pdf").body(FILE);
    assert_eq!(put.send().await.unwrap().status(), 200);
    let attachment = json!({ "id": file["attachmentId"] });
    phones[0].send("message:send", &json!({ "conversationId": id, "type": "file", "attachment": attachment })).await;
    for phone in &phones {
        phone.expect("message:receive").await;
    }
    let key = file["key"].as_str().unwrap();
    let download = ben.get(&format!("/api/attachments/download-url?key={key}"), 200).await;
    let download = download["downloadUrl"].as_str().unwrap();
    assert_eq!(reqwest::get(download).await.unwrap().status(), 200);

    stack.take_usage();
    let path = format!("/api/conversations/{id}?forEveryone=true");
    assert_eq!(ana.request(Method::DELETE, &path).send().await.unwrap().status(), 200);
    for phone in &phones {
        phone.expect("conversation:deleted").await;
    }
    let table = store::Table::new(stack.dynamodb(), stack.table_name());
    let id = ConversationId::parse(&id).unwrap();
    let cleared = async {
        let later = domain::Timestamp::from_millis(i64::MAX);
        while !store::ended::left_over(&table, later, 1).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(testkit::PATIENCE, cleared).await.expect("the mark goes last");
    assert!(store::ended::remains(&table, &id).await.unwrap().is_empty());
    assert_ne!(reqwest::get(download).await.unwrap().status(), 200, "the file is gone");
    let invoked: Vec<_> = stack
        .usage()
        .into_iter()
        .filter(|usage| usage.operation == "lambda:InvokeFunction")
        .flat_map(|usage| usage.permissions.into_iter().map(move |it| (usage.caller.clone(), it.resource)))
        .collect();
    for function in ["ws-fan-out", "conversations-clear"] {
        let used = |(caller, to): &(String, String)| caller == "ConversationsDeleteFunction" && to.ends_with(function);
        assert!(invoked.iter().any(used), "{function}: {invoked:?}");
    }
    stack.stop().await;
}
