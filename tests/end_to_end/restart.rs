//! Data outlives the stack.

use serde_json::json;
use testkit::TestStack;

use crate::PARLANCE;

#[tokio::test]
async fn accounts_messages_and_sessions_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let stack = TestStack::builder(PARLANCE).data(&data).start().await;
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let mut at_ben = ben.connect().await;
    at_ben.send("message:send", &json!({ "conversationId": conversation, "content": "Remember me tomorrow." })).await;
    let sent = at_ben.expect("message:receive").await;
    stack.stop().await;

    let stack = TestStack::builder(PARLANCE).data(&data).start().await;
    let anybody = stack.anonymous();
    let body = json!({ "email": ana.email, "password": ana.password });
    let signed_in = anybody.post("/api/auth/login", &body, 200).await;
    assert_eq!(signed_in["user"]["id"], json!(ana.id));
    // The token of before: the signing key is kept too.
    let list = anybody.with_token(&ana.token).get(&format!("/api/conversations/{conversation}/messages"), 200).await;
    assert_eq!(list["messages"][0]["id"], sent["message"]["id"]);
    stack.stop().await;

    let stack = TestStack::builder(PARLANCE).data(&data).options(|options| options.fresh = true).start().await;
    stack.anonymous().post("/api/auth/login", &body, 401).await;
    stack.stop().await;
}
