//! `$connect` with IAM authorization: W-47.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use gateway::model::Statement;
use gateway::{Behaviour, Signatures};
use serde_json::{Value, json};

use super::saw;
use crate::support::{Plan, Stack, read_text};

/// One API in SAM's form, one in plain resources.
const TEMPLATES: [&str; 2] = [
    "
Resources:
  Echo: { Type: AWS::Serverless::Function, Properties: { CodeUri: f/ } }
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      StageName: dev
      RouteSelectionExpression: $request.body.action
      Auth: { AuthType: AWS_IAM }
      Routes: { $connect: { FunctionArn: !GetAtt Echo.Arn }, $default: { FunctionArn: !GetAtt Echo.Arn } }
",
    "
Resources:
  Echo: { Type: AWS::Serverless::Function, Properties: { CodeUri: f/ } }
  Socket:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Socket, StageName: dev } }
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Socket, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Echo.Arn }
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Socket, RouteKey: $connect, AuthorizationType: AWS_IAM, Target: !Sub 'integrations/${Integration}' }
  Default:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Socket, RouteKey: $default, Target: !Sub 'integrations/${Integration}' }
",
];

async fn started(template: &str, policies: Vec<Statement>, signatures: Signatures) -> Stack {
    let mut plan = Plan::of(read_text(template).unwrap());
    plan.application.functions.get_mut("Echo").unwrap().policies = policies;
    plan.behaviour(|behaviour: &mut Behaviour| behaviour.signatures = signatures).start().await
}

fn invoke() -> Vec<Statement> {
    statement("arn:aws:execute-api:*:*:*/dev/$connect")
}

fn statement(resources: &str) -> Vec<Statement> {
    let actions = "execute-api:Invoke";
    let one = |text: &str| vec![text.to_owned()];
    vec![Statement { allow: true, actions: one(actions), resources: one(resources), ..Statement::default() }]
}

/// Who may be signed as.
struct Signer {
    key: String,
    secret: String,
    token: Option<String>,
}

/// The keys that the gateway gave its function.
async fn echo(stack: &Stack) -> Signer {
    let (_, _, environment) = stack.invoke(&echo_name(stack), &json!({"do": "environment"})).await;
    let of = |name: &str| environment[name].as_str().unwrap().to_owned();
    Signer { key: of("AWS_ACCESS_KEY_ID"), secret: of("AWS_SECRET_ACCESS_KEY"), token: Some(of("AWS_SESSION_TOKEN")) }
}

fn echo_name(stack: &Stack) -> String {
    stack.running.application().functions["Echo"].name.clone()
}

fn anybody() -> Signer {
    Signer { key: "AKIALOCAL".to_owned(), secret: "secret".to_owned(), token: None }
}

/// A handshake's target, presigned as a browser needs it.
fn presigned(stack: &Stack, target: &str, signer: &Signer) -> String {
    let identity = Credentials::new(&signer.key, &signer.secret, signer.token.clone(), None, "test").into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_mins(5));
    let params = v4::SigningParams::builder().identity(&identity).region("us-east-1").name("execute-api");
    let params = params.time(SystemTime::now()).settings(settings).build().unwrap().into();
    let url = format!("http://{}{target}", stack.address);
    let request = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(b"")).unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    let mut handshake = http::Request::get(&url).body(()).unwrap();
    instructions.apply_to_request_http1x(&mut handshake);
    handshake.uri().path_and_query().unwrap().to_string()
}

#[tokio::test]
async fn w_47_a_signed_handshake_connects_and_its_signer_is_told() {
    for template in TEMPLATES {
        let mut stack = started(template, Vec::new(), Signatures::Formed).await;
        assert_eq!(stack.refused("/dev").await.0, 403);
        assert_eq!(stack.refused("/dev?X-Amz-Credential=x").await.0, 403);
        let mut client = stack.connect(&presigned(&stack, "/dev?room=a%20b", &anybody())).await;
        let connected = saw(&mut stack, "CONNECT").await;
        client.send("a message").await;
        for event in [connected, saw(&mut stack, "MESSAGE").await] {
            let identity = &event["requestContext"]["identity"];
            let expected =
                json!(["AKIALOCAL", "000000000000", "AIDALOCAL", "AIDALOCAL", "arn:aws:iam::000000000000:user/local"]);
            let told: Value =
                ["accessKey", "accountId", "caller", "user", "userArn"].map(|name| identity[name].clone()).into();
            assert_eq!(told, expected);
            assert_eq!(identity["sourceIp"], "127.0.0.1");
        }
    }
}

#[tokio::test]
async fn w_47_a_header_signs_as_well() {
    let stack = started(TEMPLATES[0], Vec::new(), Signatures::Formed).await;
    let value = "AWS4-HMAC-SHA256 Credential=AKIALOCAL/20261120/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    stack.try_connect("/dev", &[("authorization", value)]).await.unwrap();
    assert!(stack.try_connect("/dev", &[("authorization", "Bearer x")]).await.is_err());
}

#[tokio::test]
async fn w_47_a_function_needs_the_permission_to_connect() {
    for (policies, allowed) in [(invoke(), true), (Vec::new(), false)] {
        let stack = started(TEMPLATES[0], policies, Signatures::Formed).await;
        let target = presigned(&stack, "/dev", &echo(&stack).await);
        assert_eq!(stack.try_connect(&target, &[]).await.is_ok(), allowed);
    }
}

#[tokio::test]
async fn w_47_a_function_needs_the_permission_to_send_to_a_route() {
    let mut stack = started(TEMPLATES[0], invoke(), Signatures::Formed).await;
    let mut client = stack.connect(&presigned(&stack, "/dev", &echo(&stack).await)).await;
    client.send("a message").await;
    assert_eq!(client.json().await["message"], "Forbidden");
    assert_eq!(stack.message().await.outcome, gateway::report::Outcome::Refused(403));

    let stack = &mut started(TEMPLATES[0], statement("arn:aws:execute-api:*:*:*/dev/*"), Signatures::Formed).await;
    let mut client = stack.connect(&presigned(stack, "/dev", &echo(stack).await)).await;
    client.send("a message").await;
    assert_eq!(saw(stack, "MESSAGE").await["body"], "a message");
}

#[tokio::test]
async fn w_47_a_presigned_handshake_is_verified_where_signatures_are() {
    let stack = started(TEMPLATES[0], invoke(), Signatures::Verified).await;
    let echo = echo(&stack).await;
    let target = presigned(&stack, "/dev?room=a%20b&b=c", &echo);
    stack.connect(&target).await;
    for forged in
        [target.replace("room=a", "room=b"), presigned(&stack, "/dev", &Signer { secret: "other".to_owned(), ..echo })]
    {
        assert_eq!(stack.refused(&forged).await.0, 403, "{forged}");
    }
    assert_eq!(stack.refused(&presigned(&stack, "/dev", &anybody())).await.0, 403);
}
