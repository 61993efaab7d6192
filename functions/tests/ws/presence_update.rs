use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields};

async fn act(bench: &Bench, phone: &Phone, data: Value) {
    let services = bench.of("ws-presence-update").await;
    bench.start_counting();
    let frame = json!({ "action": "presence:update", "data": data });
    bench.act(&services, functions::ws::presence_update::handle, phone, &frame).await;
}

#[tokio::test]
async fn friends_and_the_people_one_shares_a_conversation_with_are_told() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let (cem, dia) = (bench.person("cem", "tr").await, bench.person("dia", "pt").await);
    let eva = bench.person("eva", "de").await;
    let direct = bench.direct(&ana, &ben).await;
    bench.group(&cem, &[&ana]).await;
    bench.friends(&ana, &eva).await;
    bench.befriend(&dia, &ana).await.expect(201);
    let of_ana = bench.phone(&ana).await;
    let (of_ben, of_cem, of_dia) = (bench.phone(&ben).await, bench.phone(&cem).await, bench.phone(&dia).await);
    let of_eva = bench.phone(&eva).await;
    for status in ["away", "offline", "online"] {
        act(&bench, &of_ana, json!({ "status": status })).await;
        assert_eq!(bench.used(), "BatchGetItem 2, Query 4, UpdateItem 2");
        for phone in [&of_ana, &of_ben, &of_cem, &of_eva] {
            let told = phone.expect("presence:changed").await;
            assert_eq!(fields(&told), ["action", "isOnline", "lastSeen", "status", "userId"]);
            assert_eq!((&told["userId"], &told["status"]), (&json!(ana.id), &json!(status)));
            assert_eq!(told["isOnline"], status != "offline");
        }
        let seen = bench.details(&ben, &direct).await.expect(200)["conversation"]["participants"].clone();
        let of_ana = seen.as_array().unwrap().iter().find(|it| it["id"] == ana.id.as_str()).unwrap();
        assert_eq!(of_ana["presence"], status);
    }
    assert!(of_dia.received().is_empty(), "a stranger is told nothing");
}

#[tokio::test]
async fn opening_a_connection_is_being_there() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    let id = bench.direct(&ana, &ben).await;
    let phone = bench.phone(&ana).await;
    act(&bench, &phone, json!("away")).await;
    phone.expect("presence:changed").await;
    let _laptop = bench.phone(&ana).await;
    let seen = bench.details(&ben, &id).await.expect(200)["conversation"]["participants"].clone();
    assert!(seen.as_array().unwrap().iter().any(|it| it["presence"] == "online"), "{seen}");
}

#[tokio::test]
async fn anything_else_is_refused() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let phone = bench.phone(&ana).await;
    for data in [json!({}), json!({ "status": "busy" }), json!({ "status": true })] {
        act(&bench, &phone, data).await;
        let error = phone.expect("error").await;
        assert_eq!((&error["code"], fields(&error["details"])), (&json!("VALIDATION_ERROR"), vec!["status"]));
    }
}
