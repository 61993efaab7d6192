use serde_json::json;
use store::devices;

use crate::devices::register::tokens;
use crate::support::{Bench, call, endpoint, fields, subscription};

#[tokio::test]
async fn subscribes_a_browser_of_the_caller() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let body = bench.subscribe(&ana, &json!({ "subscription": subscription("one") })).await.expect(200);
    assert_eq!(body, json!({ "success": true }));
    assert_eq!(bench.used(), "GetItem 1, TransactWriteItems 1, UpdateItem 2");
    // A browser that subscribes again is the same one.
    bench.subscribe(&ana, &json!({ "subscription": subscription("one") })).await.expect(200);
    let found = devices::of_user(&bench.table(), &ana.actor.user).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].token.clone(), found[0].platform.as_str()), (endpoint("one"), "web"));
    assert_eq!(found[0].session, ana.actor.session.to_string());
    assert!(found[0].keys().is_ok());
}

#[tokio::test]
async fn a_browser_that_changes_hands_is_one_persons() {
    let bench = Bench::start().await;
    let (ana, ben) = (bench.person("ana", "es").await, bench.person("ben", "en").await);
    for person in [&ana, &ben] {
        bench.subscribe(person, &json!({ "subscription": subscription("one") })).await.expect(200);
    }
    assert_eq!((tokens(&bench, &ana).await, tokens(&bench, &ben).await), (vec![], vec![endpoint("one")]));
}

#[tokio::test]
async fn every_bad_field_is_named() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let refused = async |body| {
        let details = bench.subscribe(&ana, &body).await.refused(400, "VALIDATION_ERROR");
        fields(&details).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(refused(json!({})).await, ["subscription"]);
    assert_eq!(refused(json!({ "subscription": "x" })).await, ["subscription"]);
    assert_eq!(refused(json!({ "subscription": {} })).await, ["subscription.endpoint", "subscription.keys"]);
    let keys = json!({ "p256dh": "AAAA", "auth": 7 });
    let all = ["subscription.endpoint", "subscription.keys.auth", "subscription.keys.p256dh"];
    assert_eq!(refused(json!({ "subscription": { "endpoint": "x", "keys": keys } })).await, all);
    call("POST", "/api/push/subscriptions", Some(&json!({})));
    assert!(tokens(&bench, &ana).await.is_empty());
}

#[tokio::test]
async fn h2_an_endpoint_that_leads_elsewhere_is_refused_and_never_called() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    for endpoint in [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "http://127.0.0.1:8000/x",
        "https://localhost/x",
        "https://metadata.internal/x",
        "https://updates.push.services.mozilla.com:8443/x",
        "https://updates.push.services.mozilla.com@evil.example/x",
        "https://updates.push.services.mozilla.com.evil.example/x",
        "http://updates.push.services.mozilla.com/x",
    ] {
        let mut bad = subscription("one");
        bad["endpoint"] = json!(endpoint);
        let details = bench.subscribe(&ana, &json!({ "subscription": bad })).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(fields(&details), ["subscription.endpoint"], "{endpoint}");
    }
    assert!(tokens(&bench, &ana).await.is_empty());
}

#[tokio::test]
async fn where_nothing_is_pushed_to_browsers_nobody_subscribes() {
    let bench = Bench::with(&[("WebPushKey", ""), ("WebPushPublicKey", "")]).await;
    let ana = bench.person("ana", "es").await;
    bench.subscribe(&ana, &json!({ "subscription": subscription("one") })).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn b8_a_browser_ends_with_the_session_that_subscribed_it() {
    let bench = Bench::start().await;
    let ana = bench.person("ana", "es").await;
    let laptop = bench.sign_in_again(&ana).await;
    bench.subscribe(&ana, &json!({ "subscription": subscription("phone") })).await.expect(200);
    bench.subscribe(&laptop, &json!({ "subscription": subscription("laptop") })).await.expect(200);
    let logout = call("POST", "/api/auth/logout", Some(&json!({}))).bearer(&laptop.token);
    bench.http("auth-logout", logout).await.expect(200);
    assert_eq!(tokens(&bench, &ana).await, [endpoint("phone")]);
}
