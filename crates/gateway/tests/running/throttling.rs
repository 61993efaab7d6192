//! Limits of stages and routes: H-70, H-71, W-13.

use std::time::Duration;

use gateway::time::ManualClock;
use jiff::Timestamp;
use serde_json::json;

use crate::support::{Plan, read_text};

const TEMPLATE: &str = "
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: f/
      Events:
        Any: { Type: HttpApi, Properties: { ApiId: !Ref Http } }
        Named: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /named, Method: get } }
        Own:
          Type: HttpApi
          Properties:
            ApiId: !Ref Http
            Path: /own
            Method: get
            RouteSettings: { ThrottlingRateLimit: 0.5, ThrottlingBurstLimit: 1 }
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 }
      RouteSettings: { GET /named: { ThrottlingRateLimit: 0, ThrottlingBurstLimit: 1 } }
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 }
      RouteSettings: { send: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 } }
      Routes:
        $connect: { FunctionArn: !GetAtt F.Arn }
        $default: { FunctionArn: !GetAtt F.Arn }
        send: { FunctionArn: !GetAtt F.Arn }
";

fn plan() -> (ManualClock, Plan) {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let plan = Plan::of(read_text(TEMPLATE).unwrap()).clock(&clock);
    (clock, plan)
}

#[tokio::test]
async fn h_70_a_stage_and_its_routes_let_so_much_through() {
    let (clock, plan) = plan();
    let stack = plan.start().await;
    let of = async |path: &str| reqwest::get(stack.url(path)).await.unwrap().status().as_u16();
    assert_eq!([of("/a").await, of("/b").await, of("/c").await], [200, 200, 429]);
    // Routes with limits of their own have buckets of their own.
    assert_eq!([of("/own").await, of("/own").await], [200, 429]);
    assert_eq!([of("/named").await, of("/named").await], [200, 429]);
    clock.advance(Duration::from_secs(1));
    assert_eq!([of("/a").await, of("/a").await, of("/own").await], [200, 429, 429]);
    clock.advance(Duration::from_secs(1));
    assert_eq!([of("/own").await, of("/named").await], [200, 429]);
}

#[tokio::test]
async fn h_70_nothing_is_held_back_when_the_switch_says_so() {
    let (_clock, plan) = plan();
    let stack = plan.behaviour(|behaviour| behaviour.throttling = false).start().await;
    for _ in 0..4 {
        assert_eq!(reqwest::get(stack.url("/named")).await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn h_71_what_a_throttled_client_is_told() {
    for (message, switched) in [("Too Many Requests", false), ("Slow down", true)] {
        let (_clock, plan) = plan();
        let change = |behaviour: &mut gateway::Behaviour| behaviour.throttled_message = "Slow down".to_owned();
        let plan = if switched { plan.behaviour(change) } else { plan };
        let stack = plan.start().await;
        reqwest::get(stack.url("/named")).await.unwrap();
        let answer = reqwest::get(stack.url("/named")).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (429, &"application/json".parse().unwrap())
        );
        assert!(answer.headers().contains_key("apigw-requestid"));
        assert_eq!(answer.text().await.unwrap(), json!({ "message": message }).to_string());
    }
}

#[tokio::test]
async fn w_13_handshakes_and_messages_are_held_back_and_the_connection_stays() {
    let (clock, plan) = plan();
    let stack = plan.start().await;
    let mut client = stack.connect("/default").await;
    client.send(r#"{"action":"send"}"#).await;
    client.send(r#"{"action":"send"}"#).await;
    let told = client.json().await;
    assert_eq!(told["message"], "Too Many Requests");
    assert!(told["connectionId"].is_string() && told["requestId"].is_string(), "{told}");
    // The stage's second token, and then it has none.
    client.send("anything").await;
    client.send("anything").await;
    assert_eq!(client.json().await["message"], "Too Many Requests");
    assert_eq!(stack.refused("/default").await, (429, json!({"message": "Too Many Requests"}).to_string()));
    clock.advance(Duration::from_secs(1));
    stack.connect("/default").await;
}

#[test]
fn h_70_limits_are_numbers_of_routes_that_there_are() {
    let told = |from: &str, to: &str| read_text(&TEMPLATE.replace(from, to)).unwrap_err();
    let error = told("ThrottlingRateLimit: 0.5", "ThrottlingRateLimit: -1");
    assert!(error.contains(":16:51: F, event Own: `ThrottlingRateLimit` must be a number from 0, not `-1`"), "{error}");
    let error = told("GET /named:", "GET /other:");
    assert!(error.contains("Http: `RouteSettings` names a route `GET /other` that there is not"), "{error}");
}
