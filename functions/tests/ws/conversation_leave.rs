use serde_json::json;
use store::Consistency;

use crate::support::Bench;

#[tokio::test]
async fn a_connection_looks_away_from_what_it_looks_at_and_from_nothing_else() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (id, other) = (bench.direct(&ana, &ben).await, bench.group(&ana, &[&ben]).await);
    let phone = bench.phone(&ana).await;
    let join = bench.of("ws-conversation-join").await;
    let leave = bench.of("ws-conversation-leave").await;
    let viewing = async || {
        let user = &ana.actor.user;
        let people = store::presence::of(&bench.table(), [user], Consistency::Strong).await.unwrap();
        people[user].connections[phone.connection.as_str()].viewing.clone()
    };
    assert_eq!(viewing().await, None);
    let frame = json!({ "action": "conversation:join", "data": id });
    bench.act(&join, functions::ws::conversation_join::handle, &phone, &frame).await;
    assert_eq!(viewing().await.as_deref(), Some(id.as_str()));
    for (conversation, left) in [(&other, id.as_str()), (&id, ""), (&id, "")] {
        let frame = json!({ "type": "conversation:leave", "payload": { "conversationId": conversation } });
        bench.start_counting();
        bench.act(&leave, functions::ws::conversation_leave::handle, &phone, &frame).await;
        assert_eq!(bench.used(), "UpdateItem 2");
        assert_eq!(phone.expect("conversation:left").await["conversationId"], json!(conversation));
        assert_eq!(viewing().await.as_deref(), Some(left));
    }
    let frame = json!({ "action": "conversation:leave", "data": {} });
    bench.act(&leave, functions::ws::conversation_leave::handle, &phone, &frame).await;
    assert_eq!(phone.expect("error").await["code"], "VALIDATION_ERROR");
}
