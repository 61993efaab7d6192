use serde_json::{Value, json};

use crate::support::{Bench, Phone, fields, text};

async fn sync(bench: &Bench, phone: &Phone, data: Value) {
    let services = bench.of("ws-sync").await;
    bench.start_counting();
    let frame = json!({ "action": "sync", "data": data });
    bench.act(&services, functions::ws::sync::handle, phone, &frame).await;
}

#[tokio::test]
async fn answers_the_asking_connection_in_pages_that_fit_a_frame() {
    let bench = Bench::start().await;
    let pair = bench.pair().await;
    sync(&bench, &pair.of_ana, json!({})).await;
    let mut cursor = pair.of_ana.expect("sync").await["cursor"].clone();
    for number in 0..12 {
        bench.say(&pair.of_ben, &pair.id, &format!("{number} {}", "é".repeat(4_900))).await;
    }
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        sync(&bench, &pair.of_ana, json!({ "since": cursor, "limit": 100 })).await;
        let page = pair.of_ana.expect("sync").await;
        assert!(page.to_string().len() < 131_072, "a frame takes no more");
        seen.extend(page["messages"].as_array().unwrap().iter().map(|message| message["seq"].as_u64().unwrap()));
        cursor = page["cursor"].clone();
        pages += 1;
        if page["hasMore"] == false {
            break;
        }
    }
    assert_eq!(seen, (1..=12).collect::<Vec<_>>());
    assert!(pages > 2, "{pages}");
    assert_eq!(pair.of_ben.count("sync"), 0);
    // The same cursor is good over HTTP.
    let services = bench.of("messages-sync").await;
    let call = crate::support::get(&format!("/api/sync?since={}", text(&cursor))).bearer(&pair.ana.token);
    call.to(&services, functions::messages::sync::handle).await.expect(200);
}

#[tokio::test]
async fn bad_cursors_are_an_error() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "en").await;
    let phone = bench.phone(&ana).await;
    sync(&bench, &phone, json!({ "since": "x", "limit": 0 })).await;
    let error = phone.expect("error").await;
    assert_eq!(fields(&error["details"]), ["limit", "since"]);
    assert_eq!(error["request"], "sync");
}
