//! Many texts into one language.

use app::translation::{Page, Source};
use tokio::time::timeout;

use super::scripted::{Reply, Stack, marked};
use super::{LONG, SHORT, english, language, now};

#[tokio::test]
async fn each_distinct_text_is_translated_once_and_stands_in_its_place() {
    let stack = Stack::start(LONG, marked).await;
    let spanish = language("es");
    let texts = [
        english("Hello"),
        Source { text: "Hola", language: spanish },
        english("👍"),
        english("Bye"),
        english("Hello"),
        Source { text: "Hello", language: language("de") },
    ];
    let page = stack.translator.page(&texts, spanish, now()).await;
    let translated = |text: &str| Some(text.to_owned());
    let expected =
        [translated("es: Hello"), None, None, translated("es: Bye"), translated("es: Hello"), translated("es: Hello")];
    assert_eq!(page, Page { texts: expected.to_vec(), characters: 13 });
    let mut sources: Vec<_> = stack.asked().into_iter().map(|asked| (asked.source, asked.text)).collect();
    sources.sort();
    assert_eq!(sources, [("de", "Hello"), ("en", "Bye"), ("en", "Hello")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    stack.operations();

    let again = stack.translator.page(&texts, spanish, now()).await;
    assert_eq!(again, Page { texts: expected.to_vec(), characters: 0 });
    assert_eq!(stack.operations(), ["dynamodb:BatchGetItem"]);

    assert_eq!(stack.kept(&texts, spanish).await, expected, "nothing for what needs no translation");
}

#[tokio::test]
async fn a_page_without_words_reaches_no_service() {
    let stack = Stack::start(LONG, marked).await;
    for texts in [&[][..], &[english("👍"), english("Hello")]] {
        let page = stack.translator.page(texts, language("en"), now()).await;
        assert_eq!(page, Page { texts: vec![None; texts.len()], characters: 0 });
    }
    assert!(stack.operations().is_empty());
}

#[tokio::test]
async fn eight_at_a_time() {
    let stack = Stack::start(LONG, |asked, _| Reply::Hold(asked.text.to_lowercase())).await;
    let texts: Vec<String> = (0..20).map(|number| format!("Text {number}")).collect();
    let sources: Vec<Source<'_>> = texts.iter().map(|text| english(text)).collect();
    let asked = async |requests: usize| {
        while stack.asked().len() < requests {
            tokio::task::yield_now().await;
        }
    };
    let watch = async {
        timeout(LONG, asked(8)).await.expect("eight requests");
        timeout(SHORT, asked(9)).await.expect_err("no ninth before an answer");
        stack.release(20);
    };
    let (page, ()) = tokio::join!(stack.translator.page(&sources, language("es"), now()), watch);
    let expected: Vec<_> = texts.iter().map(|text| Some(text.to_lowercase())).collect();
    assert_eq!(page.texts, expected);
}

#[tokio::test]
async fn at_the_deadline_what_is_ready_is_shown_and_the_rest_comes_next_time() {
    let stack = Stack::start(SHORT, |asked, before| match asked.text.as_str() {
        "Slow" => Reply::Hold("lento".to_owned()),
        _ => marked(asked, before),
    })
    .await;
    let texts = [english("Slow"), english("Quick")];
    let page = stack.translator.page(&texts, language("es"), now()).await;
    assert_eq!(page.texts, [None, Some("es: Quick".to_owned())]);

    stack.release(1);
    let next = async {
        while stack.kept(&texts, language("es")).await.contains(&None) {
            tokio::task::yield_now().await;
        }
        stack.translator.page(&texts, language("es"), now()).await
    };
    let page = timeout(LONG, next).await.unwrap();
    assert_eq!(page, Page { texts: vec![Some("lento".to_owned()), Some("es: Quick".to_owned())], characters: 0 });
    assert_eq!(stack.asked().len(), 2);
}
