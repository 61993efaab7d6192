//! Who is told, and who is left alone.

use serde_json::json;

use super::Stage;
use crate::support::{Pair, call};

#[tokio::test]
async fn who_looks_at_the_conversation_is_left_alone() {
    let stage = Stage::start().await;
    let Pair { of_ben, id, .. } = &stage.pair;
    assert_eq!(stage.pushed("👋").await.len(), 1, "connected, and looking at nothing");
    let join = json!({ "action": "conversation:join", "data": { "conversationId": id } });
    stage.bench.frame("ws-conversation-join", of_ben, &join).await;
    assert_eq!(stage.pushed("👋").await.len(), 1, "looking");
    for (status, shown) in [("away", 2), ("online", 2)] {
        let update = json!({ "action": "presence:update", "data": { "status": status } });
        stage.bench.frame("ws-presence-update", of_ben, &update).await;
        assert_eq!(stage.pushed("👋").await.len(), shown, "{status}");
    }
    let leave = json!({ "action": "conversation:leave", "data": { "conversationId": id } });
    stage.bench.frame("ws-conversation-leave", of_ben, &leave).await;
    assert_eq!(stage.pushed("👋").await.len(), 3, "looking away");
}

#[tokio::test]
async fn the_sender_and_who_has_read_it_are_left_alone() {
    let stage = Stage::start().await;
    let Pair { ana, ben, id, of_ana, .. } = &stage.pair;
    stage.bench.browser(ana, &stage.service, "ana").await;
    let records = stage.said(of_ana, id, "👋").await;
    stage.bench.read(ben, id, None).await.expect(200);
    stage.bench.push(&records).await;
    assert!(stage.service.pushed().is_empty());
}

#[tokio::test]
async fn muted_means_silent_unless_one_is_mentioned() {
    let stage = Stage::start().await;
    let Pair { ben, id, .. } = &stage.pair;
    let muted = json!({ "mutedUntil": "2100-01-01T00:00:00.000Z" });
    stage.bench.settings(ben, id, &muted).await.expect(200);
    assert!(stage.pushed("👋").await.is_empty());
    let shown = stage.pushed("@ben 👋").await;
    assert_eq!((shown.len(), &shown[0]["mentioned"]), (1, &json!(true)));
}

#[tokio::test]
async fn who_wants_no_notifications_gets_none_not_even_mentions() {
    let stage = Stage::start().await;
    let settings = |enabled: bool| {
        let body = json!({ "settings": { "notificationsEnabled": enabled } });
        call("PATCH", "/api/users/me", Some(&body)).bearer(&stage.pair.ben.token)
    };
    stage.bench.http("users-update", settings(false)).await.expect(200);
    assert!(stage.pushed("@ben 👋").await.is_empty());
    stage.bench.http("users-update", settings(true)).await.expect(200);
    assert_eq!(stage.pushed("👋").await.len(), 1);
}

#[tokio::test]
async fn d7_over_a_block_nothing_is_pushed() {
    let stage = Stage::start().await;
    let Pair { ana, ben, of_ana, .. } = &stage.pair;
    let cem = stage.bench.person("cem", "en").await;
    stage.bench.browser(&cem, &stage.service, "cem").await;
    let group = stage.bench.group(ana, &[ben, &cem]).await;
    stage.bench.note_block(ben, ana).await;
    let records = stage.said(of_ana, &group, "@ben 👋").await;
    stage.bench.push(&records).await;
    assert_eq!((stage.service.shown("ben").len(), stage.service.shown("cem").len()), (0, 1));
}

#[tokio::test]
async fn c5_who_was_removed_meanwhile_hears_nothing() {
    let stage = Stage::start().await;
    let Pair { ana, ben, of_ana, .. } = &stage.pair;
    let cem = stage.bench.person("cem", "en").await;
    let group = stage.bench.group(ana, &[ben, &cem]).await;
    let records = stage.said(of_ana, &group, "👋").await;
    stage.bench.remove(ana, &group, &ben.id).await.expect(200);
    stage.bench.push(&records).await;
    assert!(stage.service.pushed().is_empty());
}

#[tokio::test]
async fn g8_a_device_gets_so_many_pushes_in_an_hour_and_no_more() {
    let stage = Stage::with(&[("PushesPerHour", "2")]).await;
    let mut shown = Vec::new();
    for _ in 0..5 {
        shown = stage.pushed("👋").await;
    }
    // An hour may have begun in between.
    assert!((2..=4).contains(&shown.len()), "{shown:#?}");
    let Pair { ben, .. } = &stage.pair;
    stage.bench.browser(ben, &stage.service, "another").await;
    stage.pushed("👋").await;
    assert_eq!(stage.service.shown("another").len(), 1, "each device has its own hour");
}

#[tokio::test]
async fn each_device_is_told_once_in_its_owners_language() {
    let stage = Stage::start().await;
    let Pair { ana, ben, of_ana, .. } = &stage.pair;
    let cem = stage.bench.person("cem", "tr").await;
    for name in ["cem-1", "cem-2"] {
        stage.bench.browser(&cem, &stage.service, name).await;
    }
    let group = stage.bench.group(ana, &[ben, &cem]).await;
    let records = stage.said(of_ana, &group, "Buenos días a todos, ¿qué tal estáis?").await;
    stage.bench.push(&records).await;
    for (name, language) in [("ben", "en"), ("cem-1", "tr"), ("cem-2", "tr")] {
        let shown = stage.service.shown(name);
        assert_eq!(shown.len(), 1, "{name}");
        let body = format!("ana: «{language}» Buenos días a todos, ¿qué tal estáis?");
        assert_eq!((&shown[0]["language"], &shown[0]["body"]), (&json!(language), &json!(body)));
    }
}
