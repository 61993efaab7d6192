use std::sync::Arc;

use aws_sdk_translate::Client;
use aws_sdk_translate::error::SdkError;
use aws_sdk_translate::operation::translate_text::TranslateTextError;
use aws_sdk_translate::types::{Brevity, DisplayLanguageCode, Formality, Profanity, TranslationSettings};
use local::aws::translate::engine::{Apertium, FirstOf, LibreTranslate, Marked};
use local::aws::translate::{self, Engine, Fault, LANGUAGES, Passage};
use local::aws::{Account, Endpoint};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use super::{account, config, told};

async fn start(engine: impl Engine + 'static) -> (Endpoint, Client, Account) {
    let account = account();
    let endpoint = translate::start(&account, Arc::new(engine)).await.unwrap();
    let client = Client::new(&config(&account, "sender", &endpoint.url()));
    (endpoint, client, account)
}

async fn failure(client: &Client, source: &str, target: &str, text: &str) -> TranslateTextError {
    let call = client.translate_text().source_language_code(source).target_language_code(target).text(text);
    call.send().await.unwrap_err().into_service_error()
}

#[tokio::test]
async fn without_an_engine_text_is_marked() {
    let (_endpoint, client, account) = start(FirstOf::new(vec![])).await;
    let call = client.translate_text().source_language_code("en").target_language_code("es").text("Hello");
    let answer = call.send().await.unwrap();
    assert_eq!(answer.translated_text(), "[es] Hello");
    assert_eq!((answer.source_language_code(), answer.target_language_code()), ("en", "es"));
    assert!(answer.applied_settings().is_none());
    assert_eq!(told(&account.take_usage()), ["sender: translate:TranslateText (translate:TranslateText *)"]);
}

#[tokio::test]
async fn automatic_detection_names_the_language_and_needs_comprehend() {
    let (_endpoint, client, account) = start(Marked).await;
    let text = "Me gustaría reservar una mesa para dos personas esta noche, si es posible.";
    let call = client.translate_text().source_language_code("auto").target_language_code("en").text(text);
    assert_eq!(call.send().await.unwrap().source_language_code(), "es");
    let expected = "sender: translate:TranslateText (translate:TranslateText *, comprehend:DetectDominantLanguage *)";
    assert_eq!(told(&account.take_usage()), [expected]);
    // Nothing to translate: it is in the wanted language already.
    let call = client.translate_text().source_language_code("auto").target_language_code("es").text(text);
    assert_eq!(call.send().await.unwrap().translated_text(), text);
    let error = failure(&client, "auto", "en", "12345").await;
    assert!(error.is_detected_language_low_confidence_exception(), "{error:?}");
}

#[tokio::test]
async fn settings_are_applied_and_checked() {
    let (_endpoint, client, _account) = start(Marked).await;
    let call = || client.translate_text().source_language_code("en").target_language_code("es").text("Hello");
    let settings = TranslationSettings::builder()
        .formality(Formality::Informal)
        .profanity(Profanity::Mask)
        .brevity(Brevity::On)
        .build();
    let answer = call().settings(settings.clone()).send().await.unwrap();
    assert_eq!(answer.applied_settings(), Some(&settings));
    let settings = TranslationSettings::builder().formality("CASUAL".into()).build();
    let error = call().settings(settings).send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_request_exception(), "{error:?}");
}

#[tokio::test]
async fn requests_that_cannot_be_answered() {
    let (_endpoint, client, _account) = start(Marked).await;
    let error = failure(&client, "en", "es", "").await;
    assert!(error.is_invalid_request_exception(), "{error:?}");
    let error = failure(&client, "english", "es", "Hello").await;
    assert!(error.is_invalid_request_exception(), "{error:?}");

    let limit = "ä".repeat(5_000);
    let call = client.translate_text().source_language_code("en").target_language_code("es").text(&limit);
    call.send().await.unwrap();
    let error = failure(&client, "en", "es", &format!("{limit}a")).await;
    assert!(error.is_text_size_limit_exceeded_exception(), "{error:?}");
    assert!(error.meta().message().unwrap().contains("10001 bytes"), "{error:?}");

    match failure(&client, "en", "tlh", "Hello").await {
        TranslateTextError::UnsupportedLanguagePairException(error) => {
            assert_eq!((error.source_language_code(), error.target_language_code()), (Some("en"), Some("tlh")));
        }
        error => panic!("{error:?}"),
    }
    let call = client.translate_text().source_language_code("en").target_language_code("es").text("Hello");
    let error = call.terminology_names("names").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
}

/// Fails as it is told.
struct Failing(Fault);

#[async_trait::async_trait]
impl Engine for Failing {
    fn describe(&self) -> String {
        "one that fails".to_owned()
    }

    fn sources(&self, _target: &str) -> Vec<&'static str> {
        vec!["en"]
    }

    async fn translate(&self, _passage: Passage<'_>) -> Result<String, Fault> {
        Err(self.0.clone())
    }
}

type Is = fn(&TranslateTextError) -> bool;

#[tokio::test]
async fn an_engine_in_trouble_is_the_service_in_trouble() {
    let cases: [(Fault, u16, Is); 3] = [
        (Fault::TooManyRequests, 400, TranslateTextError::is_too_many_requests_exception),
        (Fault::ServiceUnavailable("down".into()), 400, TranslateTextError::is_service_unavailable_exception),
        (Fault::InternalServer("broken".into()), 500, TranslateTextError::is_internal_server_exception),
    ];
    for (fault, status, expected) in cases {
        let (_endpoint, client, _account) = start(Failing(fault)).await;
        let call = client.translate_text().source_language_code("en").target_language_code("es").text("Hello");
        let error = call.send().await.unwrap_err();
        let SdkError::ServiceError(error) = &error else { panic!("{error:?}") };
        assert_eq!(error.raw().status().as_u16(), status);
        assert!(expected(error.err()), "{error:?}");
    }
}

#[tokio::test]
async fn languages_come_in_pages() {
    let (_endpoint, client, _account) = start(Marked).await;
    let all = client.list_languages().send().await.unwrap();
    assert_eq!(all.languages().len(), LANGUAGES.len());
    assert_eq!(all.display_language_code(), Some(&DisplayLanguageCode::En));
    assert!(all.next_token().is_none());

    let mut pages = client.list_languages().display_language_code(DisplayLanguageCode::Fr).max_results(20);
    let mut codes = Vec::new();
    let mut calls = 0;
    loop {
        let page = pages.clone().send().await.unwrap();
        assert_eq!(page.display_language_code(), Some(&DisplayLanguageCode::Fr));
        codes.extend(page.languages().iter().map(|language| language.language_code().to_owned()));
        calls += 1;
        match page.next_token() {
            Some(token) => pages = pages.next_token(token),
            None => break,
        }
    }
    assert_eq!(calls, 4);
    assert!(codes.iter().eq(all.languages().iter().map(aws_sdk_translate::types::Language::language_code)));

    let call = client.list_languages().display_language_code("xx".into());
    let error = call.send().await.unwrap_err().into_service_error();
    assert!(error.is_unsupported_display_language_code_exception(), "{error:?}");
    let error = client.list_languages().max_results(0).send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_parameter_value_exception(), "{error:?}");
    let error = client.list_languages().next_token("!").send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_parameter_value_exception(), "{error:?}");
}

/// Other SDKs and the command line speak AWS JSON, where the client of this test speaks CBOR.
#[tokio::test]
async fn the_json_protocol_is_answered_too() {
    let (endpoint, _client, account) = start(Marked).await;
    let credential = format!("AWS4-HMAC-SHA256 Credential={}/20261120/us-east-1/translate", account.issue("cli").id);
    let call = |operation: &str, body: Value| {
        let request = reqwest::Client::new()
            .post(endpoint.url())
            .header("authorization", &credential)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AWSShineFrontendService_20170701.{operation}"))
            .body(body.to_string());
        async move {
            let response = request.send().await.unwrap();
            assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        }
    };
    let body = json!({ "Text": "Hi", "SourceLanguageCode": "en", "TargetLanguageCode": "de" });
    let (status, answer) = call("TranslateText", body).await;
    assert_eq!((status, &answer["TranslatedText"]), (200, &json!("[de] Hi")));
    let (status, answer) = call("TranslateText", json!({ "Text": "Hi", "TargetLanguageCode": "de" })).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("InvalidRequestException")));
    let (status, answer) = call("TranslateDocument", json!({})).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("UnknownOperationException")));
    let (status, answer) = call("TranslateText", json!("Hi")).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("SerializationException")));
}

/// Apertium, or nothing if it is not installed, which is a failure where it must be.
async fn apertium() -> Option<Apertium> {
    let found = Apertium::installed().await;
    if found.is_none() {
        assert!(std::env::var_os("PARLANCE_REQUIRE_APERTIUM").is_none(), "Apertium is not installed");
        eprintln!("skipped: Apertium is not installed");
    }
    found
}

#[tokio::test]
async fn apertium_translates_a_sentence_and_leaves_alone_what_it_shall() {
    let Some(apertium) = apertium().await else { return };
    let (_endpoint, client, _account) = start(FirstOf::new(vec![Arc::new(apertium)])).await;
    let translated = async |source: &str, target: &str, text: &str| {
        let call = client.translate_text().source_language_code(source).target_language_code(target).text(text);
        call.send().await.unwrap().translated_text().to_owned()
    };
    let text = "I would like to book a table for two people tonight.";
    assert_eq!(translated("auto", "es", text).await, "Me gustaría reservar una mesa para dos personas esta noche.");
    assert_eq!(translated("en", "es-MX", "The house is red.").await, "La casa es roja.");
    let text = "The house of <span translate=\"no\">@The.house</span> is red.\n\nThe \"cats\" [sleep] & <eat>.";
    let spanish = translated("en", "es", text).await;
    assert!(spanish.contains("<span translate=\"no\">@The.house</span> es roj"), "{spanish}");
    assert!(spanish.contains(".\n\n") && spanish.contains('[') && spanish.contains("] & <"), "{spanish}");
    assert!(!spanish.contains('*') && !spanish.contains('\\'), "{spanish}");
    assert_eq!(translated("en", "ja", "The house").await, "[ja] The house");
}

/// A server that speaks LibreTranslate's two routes and writes everything in capitals.
async fn capitals() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_in_capitals(BufReader::new(stream)));
        }
    });
    url
}

async fn answer_in_capitals(mut stream: BufReader<tokio::net::TcpStream>) -> std::io::Result<()> {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        stream.read_line(&mut request).await?;
    }
    let header =
        request.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; header.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    let answer = if request.starts_with("GET /languages ") {
        json!([{ "code": "en", "name": "English", "targets": ["es", "zh-Hans"] }])
    } else {
        let body: Value = serde_json::from_slice(&body)?;
        assert_eq!((&body["source"], &body["format"]), (&json!("en"), &json!("text")));
        let texts = body["q"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_uppercase());
        json!({ "translatedText": texts.collect::<Vec<_>>() })
    };
    let answer = answer.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{answer}", answer.len()).as_bytes()).await
}

#[tokio::test]
async fn libretranslate_translates_the_pairs_it_has() {
    let libretranslate = LibreTranslate::connect(&format!("{}/", capitals().await)).await.unwrap();
    let (_endpoint, client, _account) = start(FirstOf::new(vec![Arc::new(libretranslate)])).await;
    let translated = async |target: &str, text: &str| {
        let call = client.translate_text().source_language_code("en").target_language_code(target).text(text);
        call.send().await.unwrap().translated_text().to_owned()
    };
    let text = "Dear <span translate=\"no\">@ana</span>, hello.";
    assert_eq!(translated("es", text).await, "DEAR <span translate=\"no\">@ana</span>, HELLO.");
    assert_eq!(translated("zh", "hi").await, "HI");
    assert_eq!(translated("es-MX", "hi").await, "HI");
    assert_eq!(translated("fr", "hi").await, "[fr] hi");
}

#[tokio::test]
async fn an_address_without_libretranslate_is_refused_at_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let Err(error) = LibreTranslate::connect(&url).await else { panic!("connected") };
    assert!(error.to_string().starts_with(&format!("no LibreTranslate at {url}: ")), "{error}");
}
