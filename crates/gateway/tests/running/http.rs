//! The HTTP API over a socket.

use std::time::Duration;

use gateway::Event;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Plan, Stack};

async fn body(answer: reqwest::Response) -> (u16, String) {
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Sends bytes as they are; everything until the server hangs up.
async fn raw(stack: &Stack, request: &str) -> String {
    let mut stream = TcpStream::connect(stack.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn t_05_w_09_a_host_that_names_an_api_means_that_api() {
    let mut plan = Plan::new().http("GET /pets").socket(&["$default"]);
    let id = plan.application.http_apis.keys().next().unwrap().clone();
    let mut other = plan.application.http_apis[&id].clone();
    other.api_id = "secondapi2".to_owned();
    plan.application.http_apis.insert("Zweite".to_owned(), other);
    let socket = plan.application.websocket_apis["Socket"].api_id.clone();
    let stack = plan.start().await;
    let get = async |host: &str| {
        let request = reqwest::Client::new().get(stack.url("/pets")).header("host", host);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let of = |(_, body): (u16, String)| {
        let event: serde_json::Value = serde_json::from_str(&body).unwrap();
        event["requestContext"]["apiId"].as_str().unwrap().to_owned()
    };
    assert_eq!(of(get("secondapi2.localhost:3001").await), "secondapi2");
    assert_ne!(of(get("localhost:3001").await), "secondapi2");
    let refused = (403, r#"{"message":"Forbidden"}"#.to_owned());
    assert_eq!(get(&format!("{socket}.execute-api.us-east-1.amazonaws.com")).await, refused);
}

#[tokio::test]
async fn a_request_reaches_the_function_and_its_reply_the_client() {
    let stack = Plan::new().http("POST /users/{userId}").start().await;
    let request = reqwest::Client::new()
        .post(stack.url("/users/a%20b?tag=1&tag=2"))
        .header("cookie", "a=1; b=2")
        .header("content-type", "application/json")
        .body("{\"x\":1}");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let request_id = answer.headers()["apigw-requestid"].to_str().unwrap().to_owned();
    let event: Value = answer.json().await.unwrap();
    assert_eq!(event["routeKey"], "POST /users/{userId}");
    assert_eq!(event["rawPath"], "/users/a b");
    assert_eq!(event["pathParameters"], json!({"userId": "a b"}));
    assert_eq!(event["queryStringParameters"], json!({"tag": "1,2"}));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["body"], "{\"x\":1}");
    assert_eq!(event["requestContext"]["requestId"], request_id);
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(event["requestContext"]["domainName"], stack.address.to_string());
    assert_eq!(event["headers"]["x-forwarded-port"], stack.address.port().to_string());
}

#[tokio::test]
async fn h45_headers_on_the_wire() {
    let stack = Plan::new().http("GET /x").start().await;
    let payload = json!({"statusCode": 201, "headers": {"myheader": "a"}, "cookies": ["c=1", "d=2"], "body": "hi"});
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("do", "raw")
        .append_pair("payload", &payload.to_string())
        .finish();
    let mut stream = TcpStream::connect(stack.address).await.unwrap();
    // Two requests on one connection: it is kept.
    for connection in ["keep-alive", "close"] {
        let request = format!("GET /x?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let mut read = 0;
        while !answer[..read].ends_with(b"\r\n\r\nhi") {
            let more = stream.read(&mut answer[read..]).await.unwrap();
            assert!(more > 0, "{}", String::from_utf8_lossy(&answer[..read]));
            read += more;
        }
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        for header in [
            "Myheader: a",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Length: 2",
            "Set-Cookie: c=1",
            "Set-Cookie: d=2",
        ] {
            assert!(answer.contains(&format!("\r\n{header}\r\n")), "{header} in {answer}");
        }
        assert!(answer.contains("\r\nApigw-Requestid: ") && answer.contains("\r\nDate: "), "{answer}");
        assert!(answer.to_lowercase().contains(&format!("\r\nconnection: {connection}\r\n")), "{answer}");
    }
}

#[tokio::test]
async fn h02_an_unknown_route_is_404() {
    let stack = Plan::new().http("GET /x").start().await;
    let answer = reqwest::get(stack.url("/y")).await.unwrap();
    assert!(answer.headers().contains_key("apigw-requestid"));
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(body(answer).await, (404, r#"{"message":"Not Found"}"#.to_owned()));
}

#[tokio::test]
async fn h46_errors_panics_exits_and_malformed_replies_are_500_and_the_next_request_works() {
    let stack = Plan::new().http("GET /x").start().await;
    let expected = (500, r#"{"message":"Internal Server Error"}"#.to_owned());
    for query in [
        &[("do", "error"), ("message", "no")][..],
        &[("do", "panic"), ("message", "boom")],
        &[("do", "exit"), ("code", "1")],
        &[("do", "raw"), ("payload", r#"{"statusCode":"200"}"#)],
    ] {
        assert_eq!(body(stack.get("/x", query).await).await, expected, "{query:?}");
    }
    assert_eq!(stack.get("/x", &[]).await.status(), 200);
}

#[tokio::test]
async fn h41_a_reply_without_a_status_is_the_body() {
    let stack = Plan::new().http("GET /x").start().await;
    let answer = stack.get("/x", &[("do", "raw"), ("payload", "[1,2,3]")]).await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(body(answer).await, (200, "[1,2,3]".to_owned()));
}

#[tokio::test]
async fn h47_an_integration_timeout_is_503_and_the_function_goes_on() {
    let mut stack = Plan::new().http_within("GET /x", Duration::from_millis(200)).start().await;
    let answer = stack.get("/x", &[("do", "sleep"), ("ms", "600")]).await;
    assert_eq!(body(answer).await, (503, r#"{"message":"Service Unavailable"}"#.to_owned()));
    stack.line(gateway::report::Source::Platform, "REPORT").await;
    // The same environment serves the next request.
    assert_eq!(stack.get("/x", &[]).await.status(), 200);
    assert_eq!(stack.cold_starts().len(), 1);
}

#[tokio::test]
async fn h34_large_bodies_are_413_whether_announced_or_not() {
    let stack = Plan::new().http("POST /x").start().await;
    let expected = (413, r#"{"message":"Request Entity Too Large"}"#.to_owned());
    let client = reqwest::Client::new();
    let eleven = vec![b'x'; 11 * 1024 * 1024];
    let announced = client.post(stack.url("/x")).body(eleven.clone()).send().await.unwrap();
    assert_eq!(body(announced).await, expected);
    // Six megabytes are within the gateway's limit, but not as base64 within Lambda's.
    let base64 = client.post(stack.url("/x")).body(eleven[..6_000_000].to_vec()).send().await.unwrap();
    assert_eq!(body(base64).await, expected);

    let mut stream = TcpStream::connect(stack.address).await.unwrap();
    let head = "POST /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 1024 * 1024, "x".repeat(1024 * 1024));
    for _ in 0..11 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    let small = client.post(stack.url("/x")).body("x").send().await.unwrap();
    assert_eq!(small.status(), 200);
}

#[tokio::test]
async fn h34_a_client_that_waits_for_100_continue_is_refused_before_it_sends() {
    let stack = Plan::new().http("POST /x").start().await;
    let head = "POST /x HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 11534336\r\n\r\n";
    let answer = raw(&stack, head).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn h35_large_headers_are_431() {
    let stack = Plan::new().http("GET /x").start().await;
    let request = |size: usize| reqwest::Client::new().get(stack.url("/x")).header("x-large", "a".repeat(size)).send();
    assert_eq!(request(9_000).await.unwrap().status(), 200);
    assert_eq!(request(10_240).await.unwrap().status(), 431);
}

#[tokio::test]
async fn c01_c03_preflights_do_not_reach_the_function_and_its_cors_headers_are_replaced() {
    let mut stack = Plan::new().http("GET /x").cors("https://a.example").start().await;
    let preflight = reqwest::Client::new()
        .request(reqwest::Method::OPTIONS, stack.url("/anything"))
        .header("origin", "https://a.example")
        .header("access-control-request-method", "GET");
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://a.example");
    assert!(stack.cold_starts().is_empty());

    let payload = json!({"statusCode": 200, "headers": {"access-control-allow-origin": "*"}});
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("do", "raw")
        .append_pair("payload", &payload.to_string())
        .finish();
    for (origin, expected) in [("https://a.example", Some("https://a.example")), ("https://b.example", None)] {
        let request = reqwest::Client::new().get(stack.url(&format!("/x?{query}"))).header("origin", origin);
        let answer = request.send().await.unwrap();
        let allowed = answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
        assert_eq!((answer.status().as_u16(), allowed), (200, expected));
    }
}

#[tokio::test]
async fn every_request_is_told() {
    let mut stack = Plan::new().http("GET /pets/{id}").start().await;
    for (warmth, cold) in [("cold", true), ("warm", false)] {
        stack.get("/pets/1", &[]).await;
        let request =
            stack.until(|event| if let Event::Request(request) = event { Some(request.clone()) } else { None }).await;
        assert_eq!((request.method.as_str(), request.path.as_str(), request.status), ("GET", "/pets/1", 200));
        assert_eq!(request.route.as_deref(), Some("GET /pets/{id}"));
        let execution = request.execution.unwrap();
        assert_eq!((execution.function.as_str(), execution.init.is_some()), ("Echo", cold), "{warmth}");
        assert!(execution.memory_mb.is_some_and(|mb| mb > 0));
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_end_the_invocation() {
    let mut stack = Plan::new().http("GET /x").start().await;
    let mut stream = TcpStream::connect(stack.address).await.unwrap();
    stream.write_all(b"GET /x?do=sleep&ms=200 HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    stack.event().await;
    drop(stream);
    stack.line(gateway::report::Source::Platform, "REPORT").await;
    assert_eq!(stack.get("/x", &[]).await.status(), 200);
    assert_eq!(stack.cold_starts().len(), 1);
}

#[tokio::test]
async fn nonsense_on_the_port_is_400_and_the_gateway_goes_on() {
    let stack = Plan::new().http("GET /x").start().await;
    let answer = raw(&stack, "\u{1}\u{2} nonsense\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(stack.get("/x", &[]).await.status(), 200);
}
