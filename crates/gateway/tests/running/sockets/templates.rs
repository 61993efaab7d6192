//! What a template says of a WebSocket API, as it runs: W-12, W-31, W-40, W-46.

use gateway::model::Application;

use crate::support::{Plan, read_text};

const API: &str = "
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: f/ } }
  Api:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
";

#[test]
fn w_12_the_stage_is_called_default_unless_it_is_named() {
    let routes = "      Routes: { $default: { FunctionArn: !GetAtt F.Arn } }\n";
    assert_eq!(read_text(&format!("{API}{routes}")).unwrap().websocket_apis["Api"].stage, "default");
    let error = read_text(&format!("{API}      StageName: $default\n{routes}")).unwrap_err();
    assert!(error.contains("`$default`"), "{error}");
}

#[test]
fn w_31_an_integration_has_from_50_ms_to_29_s() {
    let route = |timeout: &str| {
        read_text(&format!("{API}      Routes: {{ send: {{ FunctionArn: !GetAtt F.Arn{timeout} }} }}\n"))
    };
    let of = |application: Application| application.websocket_apis["Api"].routes["send"].timeout.as_millis();
    assert_eq!(of(route("").unwrap()), 29_000);
    assert_eq!(of(route(", IntegrationTimeout: 50").unwrap()), 50);
    for refused in ["49", "29001"] {
        assert!(route(&format!(", IntegrationTimeout: {refused}")).unwrap_err().contains("from 50 to 29000"));
    }
}

/// The property is read over, as on AWS: a value that it does not match reaches the authorizer.
#[tokio::test]
async fn w_46_an_identity_validation_expression_is_not_applied() {
    let raw = "
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: f/ } }
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Api, StageName: dev, AutoDeploy: true }
  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Api
      Name: a
      AuthorizerType: REQUEST
      AuthorizerUri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations
      IdentitySource: [route.request.querystring.token]
      IdentityValidationExpression: '^never$'
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: $connect
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref Authorizer
      Target: !Sub integrations/${Integration}
";
    let mut plan = Plan::new();
    plan.application = read_text(raw).unwrap();
    let stack = plan.start().await;
    stack.connect("/dev?token=allow").await;
    assert_eq!(stack.refused("/dev?token=deny").await.0, 403);

    // And only `$connect` may have an authorizer (W-40).
    let error = read_text(&raw.replace("RouteKey: $connect", "RouteKey: send")).unwrap_err();
    assert!(error.contains("$connect"), "{error}");
}

#[tokio::test]
async fn w_37_mocks_answer_by_their_templates() {
    let raw = "
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Api, StageName: dev }
  Open:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Api, IntegrationType: MOCK, RequestTemplates: { $default: '{\"statusCode\": 200}' } }
  Ping:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: MOCK
      TemplateSelectionExpression: ${request.body.kind}
      RequestTemplates: { $default: '{\"statusCode\": 200}', bad: '{\"statusCode\": 500}', odd: '{}' }
  Pong:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties:
      ApiId: !Ref Api
      IntegrationId: !Ref Ping
      IntegrationResponseKey: /200/
      ResponseTemplates: { $default: '{\"pong\":$input.json(''$.id''),\"to\":\"$context.connectionId\"}' }
  Sorry:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties: { ApiId: !Ref Api, IntegrationId: !Ref Ping, IntegrationResponseKey: $default, ResponseTemplates: { $default: sorry } }
  ConnectRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: $connect, Target: !Sub 'integrations/${Open}' }
  DisconnectRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: $disconnect, Target: !Sub 'integrations/${Open}' }
  PingRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: ping, Target: !Sub 'integrations/${Ping}' }
  QuietRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: quiet, Target: !Sub 'integrations/${Ping}' }
  Answer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: { ApiId: !Ref Api, RouteId: !Ref PingRoute, RouteResponseKey: $default }
";
    let mut plan = Plan::new();
    plan.application = read_text(raw).unwrap();
    let stack = plan.start().await;
    let mut client = stack.connect("/dev").await;
    // One-way: nothing is said, not even before what follows.
    client.send(r#"{"action":"quiet"}"#).await;
    client.send(r#"{"action":"ping","id":7}"#).await;
    let answer = client.json().await;
    assert_eq!(answer["pong"], 7);
    assert!(answer["to"].as_str().unwrap().len() >= 16, "{answer}");
    client.send(r#"{"action":"ping","kind":"bad"}"#).await;
    assert_eq!(client.next().await.to_text().unwrap(), "sorry");
    client.send(r#"{"action":"ping","kind":"odd"}"#).await;
    assert_eq!(client.json().await["message"], "Internal server error");

    let mut plan = Plan::new();
    plan.application = read_text(&raw.replacen("\"statusCode\": 200", "\"statusCode\": 403", 1)).unwrap();
    let stack = plan.start().await;
    assert_eq!(stack.refused("/dev").await.0, 403);
}
