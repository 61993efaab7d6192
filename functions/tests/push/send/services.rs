//! Push services that do not take what they are sent.

use serde_json::json;
use testkit::{LoopbackPushService, Reaction};

use super::Stage;
use crate::devices::register::tokens;
use crate::support::Pair;

#[tokio::test]
async fn h2_a_browser_that_is_gone_is_forgotten() {
    for status in [404, 410] {
        let stage = Stage::start().await;
        stage.service.meet("ben", &[Reaction::Status(status)]);
        stage.pushed("👋").await;
        assert!(tokens(&stage.bench, &stage.pair.ben).await.is_empty(), "{status}");
        stage.pushed("👋").await;
        assert_eq!(stage.service.pushed().len(), 1);
    }
}

#[tokio::test]
async fn what_is_too_much_for_a_moment_is_tried_again() {
    for reaction in [Reaction::Status(429), Reaction::Status(503), Reaction::After(429, 1)] {
        let stage = Stage::start().await;
        stage.service.meet("ben", &[reaction]);
        assert_eq!(stage.pushed("👋").await.len(), 1, "{reaction:?}");
        assert_eq!(stage.service.pushed().len(), 2);
    }
}

#[tokio::test]
async fn what_is_out_of_order_for_longer_comes_again_and_nobody_else_is_told_twice() {
    let stage = Stage::start().await;
    let Pair { ben, id, of_ana, .. } = &stage.pair;
    stage.bench.browser(ben, &stage.service, "tablet").await;
    stage.service.meet("ben", &[Reaction::Status(500); 3]);
    let records = stage.said(of_ana, id, "👋").await;
    assert_eq!(stage.bench.push(&records).await.batch_item_failures.len(), 1);
    assert_eq!((stage.service.shown("ben").len(), stage.service.shown("tablet").len()), (0, 1));
    assert!(stage.bench.push(&records).await.batch_item_failures.is_empty());
    assert_eq!((stage.service.shown("ben").len(), stage.service.shown("tablet").len()), (1, 1));
    // One that wants to be left alone for long is not waited for.
    stage.service.meet("ben", &[Reaction::After(429, 3600)]);
    let records = stage.said(of_ana, id, "👋").await;
    assert_eq!(stage.bench.push(&records).await.batch_item_failures.len(), 1);
}

#[tokio::test]
async fn what_may_have_been_taken_is_not_sent_again() {
    let stage = Stage::start().await;
    stage.service.meet("ben", &[Reaction::Silence]);
    let records = stage.said(&stage.pair.of_ana, &stage.pair.id, "👋").await;
    for _ in 0..2 {
        assert!(stage.bench.push(&records).await.batch_item_failures.is_empty());
    }
    assert_eq!(stage.service.pushed().len(), 1);
}

#[tokio::test]
async fn a_push_service_that_cannot_be_reached_is_asked_again() {
    let stage = Stage::start().await;
    let gone = LoopbackPushService::start().await;
    let body = json!({ "subscription": gone.subscription("lost") });
    stage.bench.subscribe(&stage.pair.ben, &body).await.expect(200);
    drop(gone);
    let records = stage.said(&stage.pair.of_ana, &stage.pair.id, "👋").await;
    assert_eq!(stage.bench.push(&records).await.batch_item_failures.len(), 1);
    assert_eq!(stage.service.shown("ben").len(), 1, "whom that does not concern is told");
}

#[tokio::test]
async fn h2_a_push_that_is_sent_elsewhere_is_not_followed() {
    let stage = Stage::start().await;
    stage.service.subscription("elsewhere");
    stage.service.meet("ben", &[Reaction::Redirect]);
    assert!(stage.pushed("👋").await.is_empty());
    assert_eq!(stage.service.pushed().len(), 1);
}

#[tokio::test]
async fn h2_a_push_service_that_is_allowed_no_more_is_called_no_more() {
    let stage = Stage::start().await;
    // As if the setting had been narrowed since: nothing of the kind is subscribed today.
    let keys = stage.service.subscription("other")["keys"].clone();
    let keys = domain::web_push::BrowserKeys::parse(keys["p256dh"].as_str().unwrap(), keys["auth"].as_str().unwrap());
    let Pair { ben, id, of_ana, .. } = &stage.pair;
    let owner = (&ben.actor.user, &ben.actor.session);
    let web = (domain::device::Platform::Web, Some(&keys.unwrap()));
    for bad in ["https://169.254.169.254/latest", "https://metadata.internal/x", "http://10.0.0.1:80/x"] {
        let bad = domain::device::DeviceToken::parse(bad).unwrap();
        store::devices::register(&stage.bench.table(), owner, &bad, web, crate::support::now()).await.unwrap();
    }
    let records = stage.said(of_ana, id, "👋").await;
    // None of them fails, for none of them is called.
    assert!(stage.bench.push(&records).await.batch_item_failures.is_empty());
    assert_eq!(stage.service.shown("ben").len(), 1);
}
