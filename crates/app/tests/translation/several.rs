//! One text into several languages.

use std::collections::BTreeSet;
use std::time::Duration;

use app::translation::{Source, Translations};
use domain::Language;

use super::scripted::{Reply, Stack, marked};
use super::{LONG, SHORT, english, language, languages, now};

fn translations(pairs: &[(&str, &str)]) -> Translations {
    pairs.iter().map(|(code, text)| (language(code), (*text).to_owned())).collect()
}

#[tokio::test]
async fn each_language_is_paid_for_once_and_then_never() {
    let stack = Stack::start(LONG, marked).await;
    let expected = translations(&[("de", "de: Hello"), ("es", "es: Hello"), ("fr", "fr: Hello")]);

    let mut work = stack.translator.start(english("Hello"), languages(&["es", "de", "fr", "es"]), now());
    assert_eq!(work.within(LONG).await, expected);
    assert_eq!(work.rest(LONG).await, Translations::new());
    assert_eq!(work.characters(), 15);
    let one_each = ["translate:TranslateText"; 3];
    assert_eq!(
        stack.operations(),
        [&["dynamodb:BatchGetItem"][..], &["dynamodb:PutItem"; 3], &one_each].concat(),
        "one look into the cache, one request and one write for each language"
    );

    let mut again = stack.translator.start(english(" Hello\n"), languages(&["fr", "es", "de"]), now());
    assert_eq!(again.within(LONG).await, expected);
    assert_eq!(again.rest(LONG).await, Translations::new());
    assert_eq!(again.characters(), 0);
    assert_eq!(stack.operations(), ["dynamodb:BatchGetItem"]);

    let mut more = stack.translator.start(english("Hello"), languages(&["es", "it"]), now());
    assert_eq!(more.within(LONG).await, translations(&[("es", "es: Hello"), ("it", "it: Hello")]));
    assert_eq!(more.characters(), 5, "only the new language");
}

#[tokio::test]
async fn what_can_be_read_as_it_is_reaches_no_service() {
    let stack = Stack::start(LONG, marked).await;
    let mexican = Source { text: "Buenos días", language: language("es-MX") };
    for (source, targets) in [
        (mexican, &["es", "es-MX"][..]),
        (english("👍 https://example.com @ana 12:30"), &["es", "zh"]),
        (english("Hello"), &["en"]),
        (english("Hello"), &[]),
    ] {
        let mut work = stack.translator.start(source, languages(targets), now());
        assert!(work.pending().is_empty());
        assert_eq!(work.within(LONG).await, Translations::new());
        assert_eq!(work.rest(LONG).await, Translations::new());
    }
    assert!(stack.operations().is_empty());

    let mainland = Source { text: "你们好", language: language("zh") };
    let mut work = stack.translator.start(mainland, languages(&["zh-TW"]), now());
    assert_eq!(work.within(LONG).await, translations(&[("zh-TW", "zh-TW: 你们好")]));
}

#[tokio::test]
async fn a_slow_language_delays_no_other_and_comes_later() {
    let stack = Stack::start(LONG, |asked, before| match asked.target.as_str() {
        "fr" => Reply::Hold("Bonjour".to_owned()),
        _ => marked(asked, before),
    })
    .await;
    let mut work = stack.translator.start(english("Hello"), languages(&["es", "fr"]), now());
    assert_eq!(work.within(SHORT).await, translations(&[("es", "es: Hello")]));
    assert_eq!(work.pending(), &BTreeSet::from([language("fr")]));

    stack.release(1);
    assert_eq!(work.rest(LONG).await, translations(&[("fr", "Bonjour")]));
    assert!(work.pending().is_empty());
    assert_eq!(stack.asked().len(), 2, "never asked again");

    let mut again = stack.translator.start(english("Hello"), languages(&["fr"]), now());
    assert_eq!(again.within(LONG).await, translations(&[("fr", "Bonjour")]));
}

#[tokio::test]
async fn work_given_up_is_kept_all_the_same() {
    let stack = Stack::start(LONG, |_, _| Reply::Hold("Hola".to_owned())).await;
    let mut work = stack.translator.start(english("Hello"), languages(&["es"]), now());
    assert_eq!(work.rest(SHORT).await, Translations::new());
    drop(work);
    stack.release(1);
    let kept = async {
        loop {
            if let [Some(text)] = &stack.kept(&[english("Hello")], language("es")).await[..] {
                return text.clone();
            }
            tokio::task::yield_now().await;
        }
    };
    assert_eq!(tokio::time::timeout(LONG, kept).await.unwrap(), "Hola");
}

#[tokio::test]
async fn names_links_and_code_come_back_whole() {
    // An engine that moves, respaces and drops what it was told to leave alone.
    let stack = Stack::start(LONG, |asked, _| {
        let link = "< SPAN translate='no'>https://example.com/?a=1&amp;b=2</ span>";
        Reply::Say(if asked.text.contains("@ana") {
            format!("{link}: mira ,&nbsp;por favor")
        } else {
            asked.text.clone()
        })
    })
    .await;
    let text = "@ana please look at https://example.com/?a=1&b=2";
    let mut work = stack.translator.start(english(text), languages(&["es"]), now());
    let ready = work.within(LONG).await;
    assert_eq!(ready[&language("es")], "@ana https://example.com/?a=1&b=2: mira ,\u{a0}por favor");
    let sent = &stack.asked()[0].text;
    assert_eq!(
        sent,
        "<span translate=\"no\">@ana</span> please look at \
         <span translate=\"no\">https://example.com/?a=1&amp;b=2</span>"
    );
    assert_eq!(work.characters(), sent.chars().count() as u64);
}

#[tokio::test]
async fn a_text_over_the_limit_of_the_service_goes_in_parts() {
    let stack = Stack::start(LONG, |asked, _| Reply::Say(asked.text.to_uppercase())).await;
    let text = "Это довольно длинное сообщение. ".repeat(400);
    assert!(text.len() > 20_000);
    let source = Source { text: &text, language: language("ru") };
    let mut work = stack.translator.start(source, [Language::english()], now());
    assert_eq!(work.within(LONG).await[&Language::english()], text.to_uppercase());
    let asked = stack.asked();
    assert!(asked.len() >= 3);
    assert!(asked.iter().all(|request| request.text.len() <= 10_000 && request.text.ends_with('.')));
}

#[tokio::test]
async fn after_thirty_days_it_is_paid_for_again() {
    let stack = Stack::start(LONG, marked).await;
    for (days, requests) in [(0, 1), (29, 1), (31, 2)] {
        let later = now().plus(Duration::from_hours(days * 24));
        let mut work = stack.translator.start(english("Hello"), languages(&["es"]), later);
        assert_eq!(work.within(LONG).await.len(), 1);
        work.rest(LONG).await;
        assert_eq!(stack.asked().len(), requests);
    }
}
