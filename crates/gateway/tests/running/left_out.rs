//! What a template leads to and does not run here answers as a failing function would, and is told; the rest runs.

use std::path::Path;

use gateway::Event;
use gateway::report::{Execution, Outcome};
use gateway::template::{Settings, read_text};
use serde_json::{Value, json};

use crate::support::{Plan, Stack};

const MIXED: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: echo/
      Timeout: 10
      Events:
        Rest: { Type: Api, Properties: { Path: /rest, Method: get } }
        Http: { Type: HttpApi, Properties: { Path: '/{any+}', Method: get } }
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      StageName: dev
      Routes:
        far: { FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:far' }
        near: { FunctionArn: !GetAtt Echo.Arn }
  Queue:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref ServerlessHttpApi, IntegrationType: AWS_PROXY, IntegrationSubtype: SQS-SendMessage }
  Send:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref ServerlessHttpApi, RouteKey: GET /send, Target: !Sub 'integrations/${Queue}' }
";

async fn mixed() -> Stack {
    let mut plan = Plan::new();
    plan.application = read_text(MIXED, Path::new("/app/template.yaml"), &Settings::default()).unwrap();
    plan.start().await
}

fn nothing(execution: Option<&Execution>) -> bool {
    execution.is_some_and(|execution| execution.error.as_deref() == Some("left out at start"))
}

#[tokio::test]
async fn everything_left_out_is_told_at_the_start() {
    let mut stack = mixed().await;
    let told = stack.told().iter().filter_map(|event| match event {
        Event::LeftOut(left_out) => Some(left_out.to_string()),
        _ => None,
    });
    let expected = [
        "/app/template.yaml:9:9: Echo, event Rest: `GET /rest` is of a REST API, and these do not run here",
        "/app/template.yaml:17:29: Socket, route far: no function of this application is `arn:aws:lambda:us-east-1:000000000000:function:far`: its routes answer 500",
        "/app/template.yaml:21:98: Queue: only integrations with a function run here, not SQS-SendMessage: its routes answer 500",
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_route_to_something_left_out_answers_500_and_not_by_the_next_best_route() {
    let mut stack = mixed().await;
    let answer = stack.get("/send", &[]).await;
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.json::<Value>().await.unwrap(), json!({"message": "Internal Server Error"}));
    let request =
        stack.until(|event| if let Event::Request(request) = event { Some(request.clone()) } else { None }).await;
    assert_eq!(request.route.as_deref(), Some("GET /send"));
    assert!(nothing(request.execution.as_ref()), "{request:?}");
    assert_eq!(stack.get("/other", &[("do", "raw"), ("payload", "1")]).await.status(), 200);
}

#[tokio::test]
async fn a_message_for_something_left_out_is_answered_with_a_failure() {
    let mut stack = mixed().await;
    let mut client = stack.connect("/dev").await;
    client.send(r#"{"action":"far"}"#).await;
    assert_eq!(client.json().await["message"], "Internal server error");
    let frame = stack.message().await;
    assert_eq!(frame.outcome, Outcome::Failed);
    assert!(nothing(frame.execution.as_ref()), "{frame:?}");
    client.send(r#"{"action":"near"}"#).await;
    assert_eq!(stack.message().await.outcome, Outcome::Done);
}
