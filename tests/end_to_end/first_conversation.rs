//! Two people, two languages: the main job.

use serde_json::json;
use testkit::translator::Asked;
use testkit::{ScriptedTranslate, TestStack};

use crate::PARLANCE;

#[tokio::test]
async fn each_reads_the_other_in_their_own_language() {
    let stack = TestStack::start(PARLANCE).await;
    stack.translator.say("Good morning, how are you?", "en", "es", "Buenos días, ¿cómo estás?");
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let (at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());

    let data = json!({
        "conversationId": conversation, "content": "Good morning, how are you?", "type": "text", "tempId": "t-1",
    });
    at_ben.send("message:send", &data).await;

    let received = at_ana.expect("message:receive").await;
    let message = &received["message"];
    assert_eq!(message["originalContent"], "Good morning, how are you?");
    assert_eq!(message["originalLanguage"], "en");
    assert_eq!(message["translatedContent"], "Buenos días, ¿cómo estás?");
    assert_eq!(message["targetLanguage"], "es");
    assert_eq!(message["senderId"], json!(ben.id));
    assert!(received.get("tempId").is_none(), "only the sender knows it: {received:#}");

    let acknowledged = at_ben.expect("message:receive").await;
    assert_eq!(acknowledged["tempId"], "t-1");
    assert_eq!(acknowledged["message"]["id"], message["id"]);

    let (read_by_ana, read_by_ben) = (ana.messages(&conversation).await, ben.messages(&conversation).await);
    assert_eq!(read_by_ana.len(), 1);
    assert_eq!(read_by_ana[0]["translatedContent"], "Buenos días, ¿cómo estás?");
    assert_eq!(read_by_ben[0]["originalContent"], "Good morning, how are you?");
    for person in [&ana, &ben] {
        let list = person.get("/api/conversations", 200).await;
        assert_eq!(list["conversations"][0]["id"], json!(conversation));
        assert_eq!(list["conversations"][0]["lastMessage"]["id"], message["id"]);
    }
    assert_eq!(translations(&stack.translator, "Good morning, how are you?"), ["es"], "once, whoever reads it");
    stack.stop().await;
}

/// Target languages that a text was translated into, in order.
fn translations(translator: &ScriptedTranslate, text: &str) -> Vec<String> {
    let asked = translator.asked().into_iter().filter(|asked: &Asked| asked.text == text);
    asked.map(|asked| asked.target).collect()
}

#[tokio::test]
async fn a_real_spanish_sentence_arrives() {
    let apertium = local::aws::translate::engine::Apertium::installed().await;
    if apertium.is_none() {
        assert!(std::env::var_os("PARLANCE_REQUIRE_APERTIUM").is_none(), "Apertium is not installed");
        eprintln!("skipped: Apertium is not installed");
        return;
    }
    let stack = TestStack::builder(PARLANCE).installed_translator().start().await;
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let (at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());
    let data = json!({
        "conversationId": conversation, "content": "I would like to book a table for two people tonight.",
    });
    at_ben.send("message:send", &data).await;
    let received = at_ana.expect("message:receive").await;
    let spanish = "Me gustaría reservar una mesa para dos personas esta noche.";
    let mut shown = received["message"]["translatedContent"].clone();
    // Apertium is six processes: on a busy machine the words may go out before them, and follow when somebody reads.
    let reading = async {
        while shown == received["message"]["originalContent"] {
            shown = ana.messages(&conversation).await[0]["translatedContent"].clone();
        }
    };
    tokio::time::timeout(4 * testkit::PATIENCE, reading).await.expect("no translation");
    assert_eq!(shown, spanish, "{received:#}");
    stack.stop().await;
}

#[tokio::test]
async fn a_translator_that_fails_delays_and_loses_nothing() {
    let stack = TestStack::start(PARLANCE).await;
    stack.translator.fail(local::aws::translate::Fault::ServiceUnavailable("out of order".to_owned()));
    let (ana, ben) = tokio::join!(stack.register("ana", "es"), stack.register("ben", "en"));
    let conversation = ben.direct(&ana).await;
    let (at_ana, mut at_ben) = tokio::join!(ana.connect(), ben.connect());
    at_ben.send("message:send", &json!({ "conversationId": conversation, "content": "Are you there tonight?" })).await;
    let received = at_ana.expect("message:receive").await;
    assert_eq!(received["message"]["originalContent"], "Are you there tonight?");
    assert_eq!(received["message"]["translatedContent"], "Are you there tonight?", "the words go out as they are");

    stack.translator.recover();
    let read = ana.messages(&conversation).await;
    assert_eq!(read[0]["translatedContent"], "«es» Are you there tonight?");
    stack.stop().await;
}
