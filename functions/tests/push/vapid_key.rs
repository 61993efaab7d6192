use crate::support::{Bench, get};

#[tokio::test]
async fn the_key_is_everybodys_and_costs_nothing() {
    let bench = Bench::start().await;
    bench.start_counting();
    let body = bench.http("push-vapid-key", get("/api/push/vapid-public-key")).await.expect(200);
    let key = body["publicKey"].as_str().unwrap();
    assert!(key.len() == 87 && key.starts_with('B'), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 1);
    assert_eq!(bench.used(), "");
}

#[tokio::test]
async fn where_nothing_is_pushed_to_browsers_there_is_none() {
    let bench = Bench::with(&[("WebPushKey", ""), ("WebPushPublicKey", "")]).await;
    bench.http("push-vapid-key", get("/api/push/vapid-public-key")).await.refused(409, "CONFLICT");
}
