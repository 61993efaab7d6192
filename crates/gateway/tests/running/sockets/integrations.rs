//! WebSocket routes with HTTP servers and templates behind them: W-50 to W-54.

use std::fmt::Write as _;
use std::time::Duration;

use gateway::time::ManualClock;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::support::{Plan, Stack, read_text};

/// An API in which each of these routes, two-way, has an integration of its own with these properties.
fn template(routes: &[(&str, &str)]) -> String {
    let mut text = "
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: f/ } }
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Api, StageName: dev, StageVariables: { base: below } }
"
    .to_owned();
    for (place, (key, properties)) in routes.iter().enumerate() {
        write!(
            text,
            "  Integration{place}:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
{properties}
  Route{place}:
    Type: AWS::ApiGatewayV2::Route
    Properties: {{ ApiId: !Ref Api, RouteKey: {key}, Target: !Sub 'integrations/${{Integration{place}}}' }}
  Answer{place}:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {{ ApiId: !Ref Api, RouteId: !Ref Route{place}, RouteResponseKey: $default }}
"
        )
        .unwrap();
    }
    text
}

/// An integration of a type with an address, and more properties.
fn to(kind: &str, uri: &str, more: &str) -> String {
    format!("      IntegrationType: {kind}\n      IntegrationUri: '{uri}'\n{more}")
}

fn plan(text: &str) -> Plan {
    Plan::of(read_text(text).unwrap())
}

async fn started(text: &str) -> Stack {
    plan(text).start().await
}

#[tokio::test]
async fn w_50_a_server_gets_the_messages_and_its_responses_come_back() {
    let mut backend = Backend::start().await;
    let server = |path: &str| to("HTTP_PROXY", &format!("http://{}/{path}", backend.address), "");
    let quiet = template(&[("$default", &server("${stageVariables.base}/echo")), ("missing", &server("status/404"))]);
    let one_way = quiet.replace("RouteId: !Ref Route1", "RouteId: none");
    let stack = started(&one_way).await;
    let mut client = stack.connect("/dev").await;
    // One-way: nothing is said, not even before what follows.
    client.send(r#"{"action":"missing"}"#).await;
    assert_eq!(backend.asked().await["target"], "/status/404");
    client.send("a message").await;
    let seen = client.json().await;
    assert_eq!(seen, backend.asked().await);
    assert_eq!(
        (&seen["method"], &seen["target"], &seen["body"]),
        (&json!("POST"), &json!("/below/echo"), &json!("a message"))
    );
    assert_eq!(seen["headers"]["host"], json!([backend.address]));

    // As with functions, the status of an answer to a message means nothing.
    let stack = started(&quiet).await;
    let mut client = stack.connect("/dev").await;
    client.send(r#"{"action":"missing"}"#).await;
    assert_eq!(client.json().await, json!({"status": 404}));
}

#[tokio::test]
async fn w_50_a_server_that_fails_or_takes_too_long_is_an_error_frame() {
    let mut backend = Backend::start().await;
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let server = |path: &str, more: &str| to("HTTP_PROXY", &format!("http://{}/{path}", backend.address), more);
    let text = template(&[
        ("lost", &server("hang-up", "")),
        ("large", &server("big/131073", "")),
        ("slow", &server("silent", "      TimeoutInMillis: 3000")),
    ]);
    let stack = plan(&text).clock(&clock).start().await;
    let mut client = stack.connect("/dev").await;
    for action in ["lost", "large"] {
        client.send(&json!({ "action": action }).to_string()).await;
        assert_eq!(client.json().await["message"], "Internal server error", "{action}");
    }
    client.send(r#"{"action":"slow"}"#).await;
    backend.was_asked(3).await;
    clock.advance(Duration::from_secs(3));
    assert_eq!(client.json().await["message"], "Endpoint request timed out");
}

#[tokio::test]
async fn w_50_connecting_and_leaving_are_told_and_the_status_decides() {
    let mut backend = Backend::start().await;
    let address = backend.address.clone();
    let server = |path: &str, more: &str| to("HTTP_PROXY", &format!("http://{address}/{path}"), more);
    let id = "      RequestParameters: { integration.request.header.connectionId: context.connectionId }";
    let stack = started(&template(&[("$connect", &server("in", id)), ("$disconnect", &server("out", id))])).await;
    let mut client = stack.connect("/dev?token=t").await;
    let connected = backend.asked().await;
    assert_eq!((&connected["method"], &connected["target"]), (&json!("POST"), &json!("/in?token=t")));
    client.0.close(None).await.unwrap();
    let left = backend.asked().await;
    assert_eq!((&left["target"], &left["body"]), (&json!("/out"), &json!("")));
    assert_eq!(left["headers"]["connectionid"], connected["headers"]["connectionid"]);

    let refusing = started(&template(&[("$connect", &server("status/403", ""))])).await;
    assert_eq!(refusing.refused("/dev").await, (403, r#"{"status":403}"#.to_owned()));
    let gone = started(&template(&[("$connect", &server("hang-up", ""))])).await;
    assert_eq!(gone.refused("/dev").await.0, 502);
}

#[tokio::test]
async fn w_51_parameters_become_headers_query_and_path() {
    let backend = Backend::start().await;
    let more = "      RequestParameters:
        integration.request.header.X-Kind: route.request.body.kinds[1]
        integration.request.querystring.by: stageVariables.base
        integration.request.path.room: route.request.body.room
        integration.request.header.x-fixed: '''fixed'''";
    let server = to("HTTP_PROXY", &format!("http://{}/rooms/{{room}}?own=1", backend.address), more);
    let text = template(&[("$default", &server)]);
    let stack = started(&text).await;
    let mut client = stack.connect("/dev").await;
    client.send(r#"{"kinds":["a","b"],"room":"x y"}"#).await;
    let seen = client.json().await;
    assert_eq!(seen["target"], "/rooms/x%20y?own=1&by=below");
    assert_eq!((&seen["headers"]["x-kind"], &seen["headers"]["x-fixed"]), (&json!(["b"]), &json!(["fixed"])));
    let error = read_text(&text.replace("stageVariables.base", "unquoted")).unwrap_err();
    assert!(error.contains(":18:9: Integration0: `unquoted` is no value"), "{error}");
}

#[tokio::test]
async fn w_52_a_handshakes_headers_and_query_go_along_unless_the_switch_says_otherwise() {
    let mut backend = Backend::start().await;
    let server = to("HTTP_PROXY", &format!("http://{}/in", backend.address), "");
    for along in [true, false] {
        let plan = plan(&template(&[("$connect", &server)]));
        let stack = plan.behaviour(|behaviour| behaviour.connect_passes_headers_and_query = along).start().await;
        stack.try_connect("/dev?a=1&a=2", &[("x-own", "1")]).await.unwrap();
        let seen = backend.asked().await;
        let (target, own) = if along { ("/in?a=1&a=2", json!(["1"])) } else { ("/in", Value::Null) };
        assert_eq!((&seen["target"], &seen["headers"]["x-own"]), (&json!(target), &own));
        assert_eq!(seen["headers"]["upgrade"], Value::Null);
    }
}

#[tokio::test]
async fn w_54_templates_stand_between_messages_and_servers() {
    let backend = Backend::start().await;
    let more = r##"      IntegrationMethod: PUT
      TemplateSelectionExpression: ${request.body.kind}
      PassthroughBehavior: NEVER
      RequestTemplates:
        list: |
          #set($body = $input.path('$'))
          {"from": "$context.connectionId", "items": [#foreach($item in $body.items)"$util.escapeJavaScript($item)"#if($foreach.hasNext),#end#end]}"##;
    let server = to("HTTP", &format!("http://{}/list", backend.address), more);
    let response = "  Response:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties:
      ApiId: !Ref Api
      IntegrationId: !Ref Integration0
      IntegrationResponseKey: /2\\d\\d/
      ResponseTemplates: { $default: '$input.path(''$.method'') $input.path(''$.body'')' }
";
    let stack = started(&(template(&[("$default", &server)]) + response)).await;
    let mut client = stack.connect("/dev").await;
    client.send(r#"{"kind":"list","items":["a\"b","c"]}"#).await;
    let answer = client.text().await;
    let (method, body) = answer.split_once(' ').unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!((method, &body["items"]), ("PUT", &json!(["a\"b", "c"])));
    assert!(body["from"].as_str().unwrap().len() >= 16);
    // No template is for it, and it may not pass as it is.
    client.send(r#"{"kind":"other"}"#).await;
    assert_eq!(client.json().await["message"], "Internal server error");
}

#[tokio::test]
async fn w_54_templates_stand_between_messages_and_functions() {
    let more =
        "      RequestTemplates: { $default: '{\"asked\": $input.json(''$.n''), \"by\": \"$context.routeKey\"}' }";
    let function = "      IntegrationType: AWS\n      IntegrationUri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations\n";
    let response = "  Response:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties: { ApiId: !Ref Api, IntegrationId: !Ref Integration0, IntegrationResponseKey: $default, ResponseTemplates: { $default: $input.path('$.body') } }
";
    let stack = started(&(template(&[("$default", &format!("{function}{more}"))]) + response)).await;
    let mut client = stack.connect("/dev").await;
    client.send(r#"{"n":7}"#).await;
    // The echo function's body is the event that it got.
    assert_eq!(client.json().await, json!({"asked": 7, "by": "$default"}));
    client.send("[").await;
    assert_eq!(client.json().await, json!({"asked": "", "by": "$default"}));
}
