//! What goes wrong changes nothing but the language of the text.

use local::aws::translate::Fault;

use super::scripted::{Reply, Stack, marked};
use super::{LONG, SHORT, english, language, languages, now};

#[tokio::test]
async fn a_fault_of_the_moment_is_tried_again() {
    for fault in [
        Fault::TooManyRequests,
        Fault::InternalServer("defect".to_owned()),
        Fault::ServiceUnavailable("busy".to_owned()),
    ] {
        let stack = Stack::start(LONG, move |asked, before| match before {
            0 | 1 => Reply::Fail(fault.clone()),
            _ => marked(asked, before),
        })
        .await;
        let mut work = stack.translator.start(english("Hello"), languages(&["es"]), now());
        assert_eq!(work.rest(LONG).await[&language("es")], "es: Hello");
        assert_eq!(stack.asked().len(), 3);
        assert_eq!(work.characters(), 5, "failures cost nothing");
    }
}

#[tokio::test]
async fn a_refusal_is_final_and_the_original_stays() {
    for fault in [
        Fault::UnsupportedLanguagePair { source: "en".to_owned(), target: "es".to_owned() },
        Fault::DetectedLanguageLowConfidence(None),
        Fault::InvalidRequest("no".to_owned()),
    ] {
        let stack = Stack::start(LONG, move |asked, before| match asked.target.as_str() {
            "es" => Reply::Fail(fault.clone()),
            _ => marked(asked, before),
        })
        .await;
        let mut work = stack.translator.start(english("Hello"), languages(&["de", "es"]), now());
        let ready = work.within(LONG).await;
        assert_eq!(ready.into_keys().collect::<Vec<_>>(), languages(&["de"]));
        assert!(work.pending().is_empty(), "nothing more to wait for");
        assert_eq!(stack.asked().len(), 2);
    }
}

#[tokio::test]
async fn tries_end() {
    let stack = Stack::start(LONG, |_, _| Reply::Fail(Fault::TooManyRequests)).await;
    let mut work = stack.translator.start(english("Hello"), languages(&["es"]), now());
    assert!(work.rest(LONG).await.is_empty());
    assert!(work.pending().is_empty());
    assert_eq!(stack.asked().len(), 5);
}

#[tokio::test]
async fn an_answer_that_cannot_be_one_is_not_shown_and_not_kept() {
    for answer in [String::from(" \u{0}"), "buy ".repeat(1_000)] {
        let stack = Stack::start(LONG, move |_, _| Reply::Say(answer.clone())).await;
        let mut work = stack.translator.start(english("Hello"), languages(&["es"]), now());
        assert!(work.rest(LONG).await.is_empty());
        assert_eq!(stack.operations(), ["dynamodb:BatchGetItem", "translate:TranslateText"]);
    }
}

#[tokio::test]
async fn without_a_cache_the_translation_comes_all_the_same() {
    let stack = Stack::start(LONG, marked).await;
    let translator = stack.without_cache(LONG);
    let mut work = translator.start(english("Hello"), languages(&["es"]), now());
    assert_eq!(work.rest(LONG).await[&language("es")], "es: Hello");
    let page = translator.page(&[english("Hello")], language("es"), now()).await;
    assert_eq!(page.texts, [Some("es: Hello".to_owned())]);
}

#[tokio::test]
async fn a_translator_that_never_answers_is_waited_for_no_longer_than_said() {
    let stack = Stack::start(SHORT, |_, _| Reply::Hold(String::new())).await;
    let started = std::time::Instant::now();
    let mut work = stack.translator.start(english("Hello"), languages(&["es"]), now());
    assert!(work.within(stack.translator.deadline()).await.is_empty());
    assert!(work.rest(SHORT).await.is_empty());
    assert_eq!(stack.translator.page(&[english("Hello")], language("fr"), now()).await.texts, [None]);
    let waited = started.elapsed();
    assert!(waited >= SHORT * 3 && waited < LONG, "{waited:?}");
}
