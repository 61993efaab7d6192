use super::*;
use crate::lambda::unavailable;

#[test]
fn l_14_paths_and_types() {
    assert_eq!(function_of("/2015-03-31/functions/pets/invocations"), Some("pets"));
    assert_eq!(function_of("/2015-03-31/functions//invocations"), None);
    assert_eq!(function_of("/2015-03-31/functions/pets"), None);
    assert_eq!(InvocationType::parse(None), Some(InvocationType::RequestResponse));
    assert_eq!(InvocationType::parse(Some("Event")), Some(InvocationType::Event));
    assert_eq!(InvocationType::parse(Some("event")), None);
}

#[test]
fn l_08_a_function_error_is_a_200_with_a_header() {
    let payload = Bytes::from_static(br#"{"errorType":"E","errorMessage":"m"}"#);
    let invocation = Invocation { result: Err(Failure::Function(payload.clone())), ..unavailable("F") };
    let answer = answer(invocation, "$LATEST", false);
    assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, Some("Unhandled")));
    assert_eq!(answer.body, payload);
}

#[test]
fn l_10_throttling_is_a_429_with_its_reason() {
    let answer = answer(Invocation { result: Err(Failure::Throttled), ..unavailable("F") }, "$LATEST", false);
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.body,
        r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
    );
}

#[test]
fn l_14_the_log_tail_is_the_last_four_kilobytes() {
    let log = vec!["x".repeat(5000), "end".to_owned()];
    let answer = answer(Invocation { result: Ok(Bytes::new()), log, ..unavailable("F") }, "$LATEST", true);
    let tail = STANDARD.decode(answer.header("x-amz-log-result").unwrap()).unwrap();
    assert_eq!(tail.len(), 4096);
    assert!(tail.ends_with(b"end\n"));
}

#[test]
fn l_14_forms_of_a_name() {
    let name = |name, qualifier| Name { region: None, account: None, name, qualifier };
    assert_eq!(Name::parse("pets"), Ok(name("pets", None)));
    assert_eq!(Name::parse("pets:live"), Ok(name("pets", Some("live"))));
    assert_eq!(Name::parse("function:pets:$LATEST"), Ok(name("pets", Some("$LATEST"))));
    let account = Some("123456789012");
    assert_eq!(Name::parse("123456789012:function:pets"), Ok(Name { account, ..name("pets", None) }));
    assert_eq!(
        Name::parse("arn:aws:lambda:eu-west-1:123456789012:function:pets:7"),
        Ok(Name { region: Some("eu-west-1"), account, ..name("pets", Some("7")) })
    );
    for wrong in ["", "a b", "pets:", "a:b:c", "arn:aws:lambda:eu-west-1:1:function:pets", "arn:aws:s3:::x"] {
        assert_eq!(Name::parse(wrong).map_err(|answer| answer.status), Err(400), "{wrong}");
    }
}

#[test]
fn l_14_qualifiers_must_agree() {
    assert_eq!(qualifier(Some("a"), None), Ok(Some("a")));
    assert_eq!(qualifier(Some("a"), Some("a")), Ok(Some("a")));
    assert_eq!(qualifier(Some("a"), Some("b")).map_err(|answer| answer.status), Err(400));
}

#[test]
fn l_14_client_contexts_are_objects_in_base64() {
    let encoded = STANDARD.encode(r#"{"custom":{"a":"b"}}"#);
    assert_eq!(client_context(Some(&encoded)), Ok(Some(r#"{"custom":{"a":"b"}}"#.to_owned())));
    assert_eq!(client_context(None), Ok(None));
    let encoded = STANDARD.encode("{\"a\":\n\"é😀\"}");
    assert_eq!(client_context(Some(&encoded)), Ok(Some(r#"{"a": "\u00e9\ud83d\ude00"}"#.to_owned())));
    let long = STANDARD.encode(json!({ "a": "x".repeat(4000) }).to_string());
    for wrong in ["{}", &STANDARD.encode("[1]"), &STANDARD.encode("no"), &long] {
        let refused = client_context(Some(wrong)).unwrap_err();
        assert_eq!(refused.header("x-amzn-errortype"), Some("InvalidRequestContentException"), "{wrong}");
    }
}

#[test]
fn l_14_payloads_are_json_or_nothing() {
    assert_eq!(payload(Bytes::new()), Ok(Bytes::from_static(b"{}")));
    assert_eq!(payload(Bytes::from_static(b"[1] ")), Ok(Bytes::from_static(b"[1] ")));
    assert_eq!(payload(Bytes::from_static(b"{")).map_err(|answer| answer.status), Err(400));
}

#[test]
fn l_09_a_request_that_is_too_large_is_told_with_its_size() {
    let answer = too_large(Some(6_291_478), InvocationType::RequestResponse);
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (413, Some("RequestEntityTooLargeException")));
    assert_eq!(
        answer.body,
        r#"{"Type":"User","message":"6291478 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)"}"#
    );
}
