//! Events, byte for byte.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Request, Target, build, v1, v2};
use crate::http_api::authorizer::Caller;
use crate::http_api::authorizer::iam::Iam;
use crate::http_api::authorizer::identity;
use crate::http_api::routes::choose;
use crate::model::{
    Authorization, HttpApi, HttpRoute, IdentitySource, Location, Mapping, PayloadFormat, Stage, Throttling,
};
use crate::origin::Origin;
use crate::{Behaviour, Domain};

const TRACE: &str = "Root=1-6a5145a9-1bae89e2512ec92d5d9438a0";

struct Sent<'a> {
    route: &'a str,
    request: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a [u8],
}

/// An API with one route, and what of a request to it the functions below read.
fn with<T>(sent: &Sent<'_>, stage: &str, format: PayloadFormat, read: impl FnOnce(Target<'_>, Request<'_>) -> T) -> T {
    let location = Location { file: PathBuf::new(), line: 1, column: 1 };
    let (method, path) = sent.route.split_once(' ').unwrap();
    let route = HttpRoute {
        method: method.to_owned(),
        path: path.to_owned(),
        function: "F".to_owned(),
        backend: None,
        mapping: Mapping::default(),
        payload_format: format,
        authorization: Authorization::Open,
        timeout: Duration::from_secs(30),
        location: location.clone(),
    };
    let api = HttpApi {
        logical_id: "Api".to_owned(),
        api_id: "sjzepsqsu5".to_owned(),
        stages: vec![Stage {
            name: stage.to_owned(),
            variables: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            throttling: Throttling::default(),
            location: location.clone(),
        }],
        routes: vec![route],
        cors: None,
        authorizers: BTreeMap::new(),
        location,
    };
    let (method, target) = sent.request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (stage, below) = crate::http_api::routes::stage(&api.stages, path).unwrap();
    let found = choose(&api.routes, method, below, &Behaviour::default()).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in sent.headers {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let domain = "sjzepsqsu5.execute-api.us-west-2.amazonaws.com";
    let peer = "203.0.113.9".parse().unwrap();
    let origin = Origin::new(Domain::Aws, domain, 3001, peer, "sjzepsqsu5", "us-west-2");
    let request = Request {
        method,
        path,
        query,
        protocol: "HTTP/1.1",
        headers: &headers,
        origin: &origin,
        region: "us-west-2",
        account_id: "123456789012",
        request_id: "ATfSmjLgPHcESJw=",
        trace_id: TRACE,
        now: Timestamp::from_millisecond(1_783_711_145_766).unwrap(),
    };
    read(Target { api: &api, stage, found: &found }, request)
}

fn text(sent: &Sent<'_>, stage: &str, behaviour: &Behaviour) -> String {
    with(sent, stage, PayloadFormat::V2, |target, request| {
        string(&build(target, request, sent.body, &Caller::Unknown, behaviour))
    })
}

fn string(event: &[u8]) -> String {
    String::from_utf8(event.to_vec()).unwrap()
}

fn aws() -> Behaviour {
    Behaviour { domain: Domain::Aws, ..Behaviour::default() }
}

fn event(sent: &Sent<'_>) -> Value {
    serde_json::from_str(&text(sent, "$default", &Behaviour::default())).unwrap()
}

fn get(request: &str) -> Value {
    event(&Sent { route: "ANY /{proxy+}", request, headers: &[], body: b"" })
}

fn with_body(headers: &[(&str, &str)], body: &[u8], behaviour: &Behaviour) -> (Value, Value) {
    let sent = Sent { route: "POST /x", request: "POST /x", headers, body };
    let event: Value = serde_json::from_str(&text(&sent, "$default", behaviour)).unwrap();
    (event["body"].clone(), event["isBase64Encoded"].clone())
}

#[test]
fn h20_whole_event_in_the_order_of_aws() {
    let sent = Sent {
        route: "POST /users/{userId}/orders",
        request: "POST /users/123/orders?status=pending&tag=important&tag=urgent",
        headers: &[
            ("User-Agent", "curl/8.7.1"),
            ("Host", "localhost:3001"),
            ("Accept", "*/*"),
            ("Cookie", "session=abc123; theme=dark"),
            ("Content-Type", "application/json"),
        ],
        body: b"{\"a\":1}",
    };
    let expected = concat!(
        r#"{"version":"2.0","routeKey":"POST /users/{userId}/orders","rawPath":"/users/123/orders","#,
        r#""rawQueryString":"status=pending&tag=important&tag=urgent","#,
        r#""cookies":["session=abc123","theme=dark"],"#,
        r#""headers":{"accept":"*/*","content-length":"7","content-type":"application/json","#,
        r#""host":"sjzepsqsu5.execute-api.us-west-2.amazonaws.com","user-agent":"curl/8.7.1","#,
        r#""x-amzn-trace-id":"Root=1-6a5145a9-1bae89e2512ec92d5d9438a0","#,
        r#""x-forwarded-for":"203.0.113.9","x-forwarded-port":"443","x-forwarded-proto":"https"},"#,
        r#""queryStringParameters":{"status":"pending","tag":"important,urgent"},"#,
        r#""requestContext":{"accountId":"123456789012","apiId":"sjzepsqsu5","#,
        r#""domainName":"sjzepsqsu5.execute-api.us-west-2.amazonaws.com","domainPrefix":"sjzepsqsu5","#,
        r#""http":{"method":"POST","path":"/users/123/orders","protocol":"HTTP/1.1","#,
        r#""sourceIp":"203.0.113.9","userAgent":"curl/8.7.1"},"#,
        r#""requestId":"ATfSmjLgPHcESJw=","routeKey":"POST /users/{userId}/orders","stage":"$default","#,
        r#""time":"10/Jul/2026:19:19:05 +0000","timeEpoch":1783711145766},"#,
        r#""body":"{\"a\":1}","pathParameters":{"userId":"123"},"stageVariables":{"a":"b"},"#,
        r#""isBase64Encoded":false}"#,
    );
    let behaviour = Behaviour { domain: Domain::Aws, ..Behaviour::default() };
    assert_eq!(text(&sent, "$default", &behaviour), expected);
}

#[test]
fn h20_what_does_not_apply_is_absent() {
    let event = event(&Sent { route: "GET /x", request: "GET /x", headers: &[], body: b"" });
    for key in ["cookies", "queryStringParameters", "pathParameters", "body"] {
        assert!(event.get(key).is_none(), "{key}");
    }
    assert!(event["requestContext"].get("authorizer").is_none());
}

#[test]
fn h11_a_named_stage_is_part_of_the_path() {
    let sent = Sent { route: "GET /hello", request: "GET /dev/hello", headers: &[], body: b"" };
    let event: Value = serde_json::from_str(&text(&sent, "dev", &Behaviour::default())).unwrap();
    assert_eq!(
        (&event["rawPath"], &event["requestContext"]["http"]["path"]),
        (&json!("/dev/hello"), &json!("/dev/hello"))
    );
    assert_eq!(event["requestContext"]["stage"], "dev");
}

#[test]
fn h10_a_trailing_slash_stays() {
    assert_eq!(get("GET /x/")["rawPath"], "/x/");
}

#[test]
fn h21_the_raw_query_is_as_sent() {
    assert_eq!(get("GET /x?literalPlus=a+b&e=%C3%A9")["rawQueryString"], "literalPlus=a+b&e=%C3%A9");
    assert_eq!(get("GET /x")["rawQueryString"], "");
}

#[test]
fn h22_query_values_are_decoded_and_repeated_keys_joined() {
    let event = get("GET /x?plus=a+b&coded=a%2Bb&empty=&tag=1&tag=2&bare");
    let expected = json!({"plus": "a b", "coded": "a+b", "empty": "", "tag": "1,2", "bare": ""});
    assert_eq!(event["queryStringParameters"], expected);
}

#[test]
fn h23_the_path_is_decoded() {
    let table = [
        ("GET /capture/space%20value", "/capture/space value"),
        ("GET /%E2%98%95", "/☕"),
        ("GET /RSC/%40id%2Fassets%2Frsf0.js%23save.txt", "/RSC/@id/assets/rsf0.js#save.txt"),
        ("GET /a+b", "/a+b"),
    ];
    for (request, path) in table {
        let event = get(request);
        assert_eq!((&event["rawPath"], &event["requestContext"]["http"]["path"]), (&json!(path), &json!(path)));
    }
}

#[test]
fn h24_a_decoded_question_mark_cuts_the_path() {
    assert_eq!(get("GET /a%3Fb/c")["rawPath"], "/a");
}

#[test]
fn h26_headers_are_lower_case_sorted_and_joined() {
    let sent = Sent {
        route: "GET /x",
        request: "GET /x",
        headers: &[("X-Probe", "first"), ("Accept", "a"), ("x-probe", "second"), ("Connection", "keep-alive")],
        body: b"",
    };
    let event = event(&sent);
    assert_eq!(event["headers"]["x-probe"], "first,second");
    assert!(event["headers"].get("connection").is_none());
    let names: Vec<_> = event["headers"].as_object().unwrap().keys().cloned().collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted);
}

#[test]
fn h27_cookies_move_out_of_the_headers() {
    let sent =
        Sent { route: "GET /x", request: "GET /x", headers: &[("Cookie", "a=1;b=2; "), ("Cookie", "c=3")], body: b"" };
    let event = event(&sent);
    assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=3"]));
    assert!(event["headers"].get("cookie").is_none());
}

#[test]
fn h28_content_length_is_always_there_and_no_type_is_invented() {
    let event = get("GET /x");
    assert_eq!(event["headers"]["content-length"], "0");
    assert!(event["headers"].get("content-type").is_none());
}

#[test]
fn h29_the_gateway_adds_a_trace_and_forwarding() {
    let headers = get("GET /x")["headers"].clone();
    assert_eq!(headers["x-amzn-trace-id"], TRACE);
    assert_eq!(headers["x-forwarded-for"], "203.0.113.9");
}

#[test]
fn h30_no_user_agent_is_an_empty_string() {
    assert_eq!(get("GET /x")["requestContext"]["http"]["userAgent"], "");
}

#[test]
fn h33_text_or_base64_by_media_type() {
    let default = Behaviour::default();
    for media_type in
        ["text/csv", "application/json", "Application/JSON; charset=utf-8", "application/xml", "application/javascript"]
    {
        let sent = with_body(&[("content-type", media_type)], b"abc", &default);
        assert_eq!(sent, (json!("abc"), json!(false)), "{media_type}");
    }
    for media_type in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/problem+json",
    ] {
        let sent = with_body(&[("content-type", media_type)], b"abc", &default);
        assert_eq!(sent, (json!("YWJj"), json!(true)), "{media_type}");
    }
    assert_eq!(with_body(&[], b"abc", &default), (json!("YWJj"), json!(true)));
    assert_eq!(with_body(&[("content-type", "text/plain")], b"\xff", &default), (json!("/w=="), json!(true)));
}

#[test]
fn h33_open_rows_are_switches() {
    let suffix = Behaviour { json_suffix_is_text: true, ..Behaviour::default() };
    assert_eq!(with_body(&[("content-type", "application/problem+json")], b"a", &suffix).1, json!(false));
    let encoded = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(with_body(&encoded, b"a", &Behaviour::default()).1, json!(false));
    let binary = Behaviour { encoded_body_is_binary: true, ..Behaviour::default() };
    assert_eq!(with_body(&encoded, b"a", &binary).1, json!(true));
}

#[test]
fn h32_the_request_id_is_the_clients() {
    assert_eq!(get("GET /x")["requestContext"]["requestId"], "ATfSmjLgPHcESJw=");
}

#[test]
fn h31_the_time_in_both_forms() {
    let context = get("GET /x")["requestContext"].clone();
    assert_eq!(
        (&context["time"], &context["timeEpoch"]),
        (&json!("10/Jul/2026:19:19:05 +0000"), &json!(1_783_711_145_766_i64))
    );
}

#[test]
fn h04_the_route_key_is_the_configured_one() {
    let event = get("GET /x/y");
    assert_eq!(
        (&event["routeKey"], &event["requestContext"]["routeKey"]),
        (&json!("ANY /{proxy+}"), &json!("ANY /{proxy+}"))
    );
    assert_eq!(event["requestContext"]["http"]["method"], "GET");
}

#[test]
fn h33_graphql_is_a_switch() {
    let sent = [("content-type", "application/graphql")];
    assert_eq!(with_body(&sent, b"{a}", &Behaviour::default()).1, json!(true));
    let text = Behaviour { graphql_is_text: true, ..Behaviour::default() };
    assert_eq!(with_body(&sent, b"{a}", &text), (json!("{a}"), json!(false)));
}

#[test]
fn h24_the_cut_is_a_switch() {
    let whole = Behaviour { decoded_question_mark_truncates: false, ..Behaviour::default() };
    let sent = Sent { route: "ANY /{proxy+}", request: "GET /a%3Fb/c", headers: &[], body: b"" };
    let event: Value = serde_json::from_str(&text(&sent, "$default", &whole)).unwrap();
    assert_eq!(event["rawPath"], "/a?b/c");
}

const SHAPE: Sent<'_> = Sent {
    route: "GET /v1/item/{item}",
    request: "GET /v1/item/value%20space?dup=one&dup=two&empty=&encoded=a%2Bb",
    headers: &[
        ("Accept-Encoding", "identity"),
        ("Authorization", "probe-shape-token"),
        ("Cookie", "one=1; two=2"),
        ("Host", "localhost:3001"),
        ("User-Agent", "probe"),
        ("X-mixed-header", "ProbeValue"),
    ],
    body: b"",
};

/// Keys, their order and the case of names are those of the recordings of AWS.
#[test]
fn a01_authorizer_event_2_0_in_the_order_of_aws() {
    let identity = ["probe-shape-token".to_owned()];
    let event = with(&SHAPE, "$default", PayloadFormat::V2, |target, request| {
        string(&v2::authorizer(target, request, &identity, &aws()))
    });
    let expected = concat!(
        r#"{"version":"2.0","type":"REQUEST","#,
        r#""routeArn":"arn:aws:execute-api:us-west-2:123456789012:sjzepsqsu5/$default/GET/v1/item/value space","#,
        r#""identitySource":["probe-shape-token"],"routeKey":"GET /v1/item/{item}","rawPath":"/v1/item/value space","#,
        r#""rawQueryString":"dup=one&dup=two&empty=&encoded=a%2Bb","cookies":["one=1","two=2"],"#,
        r#""headers":{"accept-encoding":"identity","authorization":"probe-shape-token","content-length":"0","#,
        r#""cookie":"one=1; two=2","host":"sjzepsqsu5.execute-api.us-west-2.amazonaws.com","user-agent":"probe","#,
        r#""x-amzn-trace-id":"Root=1-6a5145a9-1bae89e2512ec92d5d9438a0","x-forwarded-for":"203.0.113.9","#,
        r#""x-forwarded-port":"443","x-forwarded-proto":"https","x-mixed-header":"ProbeValue"},"#,
        r#""queryStringParameters":{"dup":"one,two","empty":"","encoded":"a+b"},"#,
        r#""requestContext":{"accountId":"123456789012","apiId":"sjzepsqsu5","#,
        r#""domainName":"sjzepsqsu5.execute-api.us-west-2.amazonaws.com","domainPrefix":"sjzepsqsu5","#,
        r#""http":{"method":"GET","path":"/v1/item/value space","protocol":"HTTP/1.1","sourceIp":"203.0.113.9","#,
        r#""userAgent":"probe"},"requestId":"ATfSmjLgPHcESJw=","routeKey":"GET /v1/item/{item}","stage":"$default","#,
        r#""time":"10/Jul/2026:19:19:05 +0000","timeEpoch":1783711145766},"#,
        r#""pathParameters":{"item":"value space"},"stageVariables":{"a":"b"}}"#,
    );
    assert_eq!(event, expected);
    let nobody = with(&SHAPE, "$default", PayloadFormat::V2, |target, request| {
        string(&v2::authorizer(target, request, &[], &aws()))
    });
    assert!(nobody.contains(r#""identitySource":null,"#), "{nobody}");
}

#[test]
fn a08_authorizer_event_1_0_in_the_order_of_aws() {
    let identity = ["probe-shape-token".to_owned()];
    let event = with(&SHAPE, "$default", PayloadFormat::V2, |target, request| {
        string(&v1::authorizer(target, request, &identity, &aws()))
    });
    let expected = concat!(
        r#"{"version":"1.0","type":"REQUEST","#,
        r#""methodArn":"arn:aws:execute-api:us-west-2:123456789012:sjzepsqsu5/$default/GET/v1/item/value space","#,
        r#""identitySource":"probe-shape-token","authorizationToken":"probe-shape-token","resource":"","#,
        r#""path":"/v1/item/value space","httpMethod":"GET","#,
        r#""headers":{"Content-Length":"0","Cookie":"one=1; two=2","#,
        r#""Host":"sjzepsqsu5.execute-api.us-west-2.amazonaws.com","User-Agent":"probe","#,
        r#""X-Amzn-Trace-Id":"Root=1-6a5145a9-1bae89e2512ec92d5d9438a0","X-Forwarded-For":"203.0.113.9","#,
        r#""X-Forwarded-Port":"443","X-Forwarded-Proto":"https","X-Mixed-Header":"ProbeValue","#,
        r#""accept-encoding":"identity","authorization":"probe-shape-token"},"#,
        r#""queryStringParameters":{"dup":"two","empty":"","encoded":"a+b"},"#,
        r#""requestContext":{"accountId":"123456789012","apiId":"sjzepsqsu5","#,
        r#""domainName":"sjzepsqsu5.execute-api.us-west-2.amazonaws.com","domainPrefix":"sjzepsqsu5","#,
        r#""extendedRequestId":"ATfSmjLgPHcESJw=","httpMethod":"GET","identity":{"accessKey":null,"accountId":null,"#,
        r#""caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"#,
        r#""cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"203.0.113.9","#,
        r#""user":null,"userAgent":"probe","userArn":null},"path":"/v1/item/value space","protocol":"HTTP/1.1","#,
        r#""requestId":"ATfSmjLgPHcESJw=","requestTime":"10/Jul/2026:19:19:05 +0000","#,
        r#""requestTimeEpoch":1783711145766,"resourceId":"GET /v1/item/{item}","resourcePath":"/v1/item/{item}","#,
        r#""stage":"$default"},"pathParameters":{"item":"value space"},"stageVariables":{"a":"b"}}"#,
    );
    assert_eq!(event, expected);
}

#[test]
fn t01_payload_format_1_0_has_every_value_and_nulls() {
    let build = |sent: &Sent<'_>, caller: &Caller| -> Value {
        with(sent, "$default", PayloadFormat::V1, |target, request| {
            serde_json::from_slice(&build(target, request, sent.body, caller, &aws())).unwrap()
        })
    };
    let event = build(&SHAPE, &Caller::Unknown);
    let keys: Vec<&String> = event.as_object().unwrap().keys().collect();
    let expected = [
        "version",
        "resource",
        "path",
        "httpMethod",
        "headers",
        "multiValueHeaders",
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "requestContext",
        "pathParameters",
        "stageVariables",
        "body",
        "isBase64Encoded",
    ];
    assert_eq!(keys, expected);
    assert_eq!((&event["version"], &event["resource"]), (&json!("1.0"), &json!("/v1/item/{item}")));
    assert_eq!(event["queryStringParameters"], json!({"dup": "two", "empty": "", "encoded": "a+b"}));
    assert_eq!(event["multiValueQueryStringParameters"]["dup"], json!(["one", "two"]));
    assert_eq!(event["multiValueHeaders"]["Cookie"], json!(["one=1; two=2"]));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&Value::Null, &json!(false)));
    assert!(event["requestContext"].get("authorizer").is_none());
    let bare = build(&Sent { route: "GET /x", request: "GET /x", headers: &[], body: b"" }, &Caller::Unknown);
    for key in ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body"] {
        assert_eq!(bare[key], Value::Null, "{key}");
    }
    let context = Map::from_iter([("k".to_owned(), json!(1))]);
    let caller = Caller::Lambda { principal: Some("me".to_owned()), context };
    assert_eq!(build(&SHAPE, &caller)["requestContext"]["authorizer"], json!({"k": 1, "principalId": "me"}));
}

#[test]
fn a02_a09_a10_the_callers_place_in_the_event() {
    let event = |caller: &Caller| -> Value {
        let sent = Sent { route: "GET /x", request: "GET /x", headers: &[], body: b"" };
        with(&sent, "$default", PayloadFormat::V2, |target, request| {
            let text = string(&build(target, request, b"", caller, &aws()));
            // Between `apiId` and `domainName`, as in the recordings.
            assert!(text.contains(r#""apiId":"sjzepsqsu5","authorizer":{"#), "{text}");
            serde_json::from_str::<Value>(&text).unwrap()["requestContext"]["authorizer"].clone()
        })
    };
    let context = Map::from_iter([("a".to_owned(), json!([1, null]))]);
    assert_eq!(event(&Caller::Lambda { principal: None, context }), json!({"lambda": {"a": [1, null]}}));
    let claims = Map::from_iter([("sub".to_owned(), json!("me"))]);
    let jwt = Caller::Jwt { claims, scopes: None };
    assert_eq!(event(&jwt), json!({"jwt": {"claims": {"sub": "me"}, "scopes": null}}));
    let iam = Caller::Iam(Iam {
        access_key: "AKIAX".to_owned(),
        account_id: "123456789012".to_owned(),
        caller_id: "AIDAX".to_owned(),
        cognito_identity: Value::Null,
        principal_org_id: Value::Null,
        user_arn: "arn:aws:iam::123456789012:user/local".to_owned(),
        user_id: "AIDAX".to_owned(),
    });
    let expected = r#"{"iam":{"accessKey":"AKIAX","accountId":"123456789012","callerId":"AIDAX","cognitoIdentity":null,"principalOrgId":null,"userArn":"arn:aws:iam::123456789012:user/local","userId":"AIDAX"}}"#;
    assert_eq!(event(&iam).to_string(), expected);
}

#[test]
fn a01_a07_identity_sources() {
    let sources = |names: &[IdentitySource], format| {
        with(&SHAPE, "$default", PayloadFormat::V2, |target, request| {
            identity::values(names, format, &target, &request)
        })
    };
    let header = |name: &str| IdentitySource::Header(name.to_owned());
    let query = |name: &str| IdentitySource::Query(name.to_owned());
    let context = |name: &str| IdentitySource::Context(name.to_owned());
    let stage = |name: &str| IdentitySource::StageVariable(name.to_owned());
    let table = [
        (header("authorization"), Some("probe-shape-token"), Some("probe-shape-token")),
        (header("AUTHORIZATION"), Some("probe-shape-token"), Some("probe-shape-token")),
        (header("X-None"), None, None),
        (query("dup"), Some("one,two"), Some("two")),
        (query("empty"), Some(""), None),
        (query("Dup"), None, None),
        (stage("a"), Some("b"), Some("b")),
        (stage("c"), None, None),
        (context("routeKey"), Some("GET /v1/item/{item}"), Some("GET /v1/item/{item}")),
        (context("identity.sourceIp"), Some("203.0.113.9"), Some("203.0.113.9")),
        (context("nonsense"), None, None),
    ];
    for (source, v2, v1) in table {
        let one = std::slice::from_ref(&source);
        let expected = |value: Option<&str>| value.map(|value| vec![value.to_owned()]);
        assert_eq!(sources(one, PayloadFormat::V2), expected(v2), "{source:?}");
        assert_eq!(sources(one, PayloadFormat::V1), expected(v1), "{source:?}");
    }
    assert_eq!(sources(&[header("authorization"), header("x-none")], PayloadFormat::V2), None);
    assert_eq!(sources(&[], PayloadFormat::V2), Some(Vec::new()));
}
