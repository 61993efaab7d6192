//! HTTP APIs with HTTP servers behind them: H-50 to H-54.

use std::time::Duration;

use gateway::Event;
use gateway::time::ManualClock;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::support::{Plan, Stack, read_text};

/// An API with one route to this address, and more properties of its integration.
fn template(key: &str, uri: &str, more: &str) -> String {
    format!(
        "
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {{ Name: a, ProtocolType: HTTP }}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {{ ApiId: !Ref Api, StageName: $default, StageVariables: {{ base: below }} }}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: HTTP_PROXY
      IntegrationUri: '{uri}'
      PayloadFormatVersion: '1.0'
      {more}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {{ ApiId: !Ref Api, RouteKey: '{key}', Target: !Sub 'integrations/${{Integration}}' }}
"
    )
}

fn plan(text: &str) -> Plan {
    Plan::of(read_text(text).unwrap())
}

async fn started(key: &str, uri: &str, more: &str) -> Stack {
    plan(&template(key, uri, more)).start().await
}

async fn status_and_body(answer: reqwest::Response) -> (u16, String) {
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn h_50_a_backend_gets_the_request_and_the_client_its_response() {
    let mut backend = Backend::start().await;
    let uri = format!("http://{}/${{stageVariables.base}}/{{proxy}}?own=1", backend.address);
    let stack = started("ANY /in/{proxy+}", &uri, "IntegrationMethod: ANY").await;
    let request = reqwest::Client::new()
        .put(stack.url("/in/a%20b/c%2Fd?q=%41&q=2"))
        .header("content-type", "text/plain")
        .header("x-many", "1")
        .header("x-many", "2")
        .header("cookie", "c=1")
        .body("a body");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["x-backend"], "here");
    assert!(answer.headers().contains_key("apigw-requestid"));
    let seen: Value = answer.json().await.unwrap();
    assert_eq!(seen, backend.asked().await);
    assert_eq!((&seen["method"], &seen["body"]), (&json!("PUT"), &json!("a body")));
    // Variables are decoded, and encoded again as far as an address needs it; the query stays as it was sent.
    assert_eq!(seen["target"], "/below/a%20b/c/d?own=1&q=%41&q=2");
    assert_eq!(seen["headers"]["x-many"], json!(["1", "2"]));
    assert_eq!(seen["headers"]["cookie"], json!(["c=1"]));
    assert_eq!(seen["headers"]["content-length"], json!(["6"]));
}

#[tokio::test]
async fn h_50_a_method_of_the_integration_replaces_the_requests() {
    let backend = Backend::start().await;
    let uri = format!("http://{}", backend.address);
    let stack = started("GET /", &uri, "IntegrationMethod: post").await;
    let seen: Value = reqwest::get(stack.url("/?a=b")).await.unwrap().json().await.unwrap();
    assert_eq!((&seen["method"], &seen["target"]), (&json!("POST"), &json!("/?a=b")));
}

#[tokio::test]
async fn h_50_definitions_and_quick_create_lead_to_backends_too() {
    let backend = Backend::start().await;
    let address = &backend.address;
    let quick = format!(
        "Resources:\n  A: {{ Type: AWS::ApiGatewayV2::Api, Properties: {{ Name: a, ProtocolType: HTTP, Target: 'http://{address}/quick' }} }}\n"
    );
    let defined = format!(
        "Resources:\n  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      DefinitionBody:\n        paths:\n          \
         /in/{{id}}:\n            get:\n              x-amazon-apigateway-integration:\n                {{ type: http_proxy, \
         httpMethod: GET, uri: 'http://{address}/defined/{{id}}', payloadFormatVersion: '1.0', requestParameters: {{ \
         'append:querystring.by': $context.routeKey }}, responseParameters: {{ '200': {{ 'overwrite:statuscode': '203' }} }} }}\n"
    );
    for (template, target, status) in [(quick, "/quick", 200), (defined, "/defined/7?by=GET+%2Fin%2F%7Bid%7D", 203)] {
        let stack = plan(&template).start().await;
        let answer = reqwest::get(stack.url("/in/7")).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.json::<Value>().await.unwrap()["target"], target);
    }
}

#[tokio::test]
async fn h_51_the_backend_is_told_who_asked() {
    let backend = Backend::start().await;
    let stack = started("GET /x", &format!("http://{}/x", backend.address), "").await;
    let request = reqwest::Client::new()
        .get(stack.url("/x"))
        .header("forwarded", "for=203.0.113.9")
        .header("via", "1.1 before")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .header("x-forwarded-for", "203.0.113.9");
    let seen: Value = request.send().await.unwrap().json().await.unwrap();
    let headers = &seen["headers"];
    assert_eq!(headers["host"], json!([backend.address]));
    let by_us = format!("for=203.0.113.9, for=127.0.0.1;host=\"{}\";proto=http", stack.address);
    assert_eq!(headers["forwarded"], json!([by_us]));
    assert_eq!(headers["via"], json!(["1.1 before, HTTP/1.1 AmazonAPIGateway"]));
    assert!(headers["x-amzn-trace-id"][0].as_str().unwrap().starts_with("Root=1-"));
    assert_eq!(headers["x-forwarded-for"], json!(["203.0.113.9"]));
    assert_eq!((&headers["x-hop"], &headers["connection"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn h_52_the_client_gets_the_response_as_it_is() {
    let backend = Backend::start().await;
    let stack = started("ANY /{proxy+}", &format!("http://{}/{{proxy}}", backend.address), "").await;
    for status in [201, 302, 404, 503] {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = client.get(stack.url(&format!("/status/{status}"))).send().await.unwrap();
        assert_eq!(answer.status(), status);
        let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert!(!answer.headers().contains_key("x-hop"));
        assert_eq!(answer.text().await.unwrap(), format!("{{\"status\":{status}}}"));
    }
    let head = reqwest::Client::new().head(stack.url("/big/5")).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], "5");
}

#[tokio::test]
async fn h_53_a_backend_that_cannot_be_reached_is_503() {
    let gone = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let backend = Backend::start().await;
    let cases = [
        (format!("http://{gone}/"), 503, "Service Unavailable"),
        (format!("http://{}/hang-up", backend.address), 502, "Bad Gateway"),
        (format!("https://{}/tls", backend.address), 503, "Service Unavailable"),
    ];
    for (uri, status, message) in cases {
        let plan = plan(&template("GET /x", &uri, ""));
        let mut stack = plan.behaviour(|behaviour| behaviour.unreachable_backend_status = status).start().await;
        let answer = reqwest::get(stack.url("/x?secret=1")).await.unwrap();
        let expected = json!({ "message": message }).to_string();
        assert_eq!(status_and_body(answer).await, (status, expected));
        let told =
            stack.until(|event| if let Event::Request(request) = event { request.execution.clone() } else { None });
        let told = told.await;
        assert_eq!(told.function, format!("GET {uri}"));
        assert!(told.error.is_some());
    }
}

#[tokio::test]
async fn h_54_a_backend_has_its_time_and_ten_megabytes() {
    let mut backend = Backend::start().await;
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let uri = format!("http://{}/{{proxy}}", backend.address);
    let text = template("ANY /{proxy+}", &uri, "TimeoutInMillis: 2000");
    let stack = plan(&text).clock(&clock).limits(|limits| limits.http_body = 1_000).start().await;
    let url = stack.url("/silent");
    let asking = tokio::spawn(async move { status_and_body(reqwest::get(url).await.unwrap()).await });
    backend.was_asked(1).await;
    clock.advance(Duration::from_secs(2));
    assert_eq!(asking.await.unwrap(), (503, json!({"message": "Service Unavailable"}).to_string()));
    for (bytes, status) in [(1_000, 200), (1_001, 503)] {
        assert_eq!(reqwest::get(stack.url(&format!("/big/{bytes}"))).await.unwrap().status(), status);
    }
    let large = reqwest::Client::new().post(stack.url("/x")).body("x".repeat(1_001)).send().await.unwrap();
    assert_eq!(large.status(), 413);
    let error = read_text(&text.replace("2000", "30001")).unwrap_err();
    assert!(error.contains("from 50 to 30000"), "{error}");
}
