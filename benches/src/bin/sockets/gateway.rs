//! The gateway that is measured, and its function.

use std::path::Path;
use std::sync::Arc;

use gateway::model::Function;
use gateway::template::{Settings, read_text};
use gateway::{Launch, LaunchError, Launcher, Options, Signatures};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// One two-way route.
const TEMPLATE: &str = "
Resources:
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      StageName: dev
      RouteSelectionExpression: $request.body.action
      Routes:
        $default: { FunctionArn: !GetAtt Answer.Arn }
  Reply:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: { ApiId: !Ref Chat, RouteId: !Ref ChatDefaultRoute, RouteResponseKey: $default }
  Answer:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: answer/, Handler: bootstrap, Runtime: provided.al2023 }
";

/// This program, as a function.
struct Itself;

impl Launcher for Itself {
    fn launch(&self, _: &Function) -> Result<Launch, LaunchError> {
        let program = std::env::current_exe().map_err(|error| LaunchError(error.to_string()))?;
        Ok(Launch { program, arguments: vec!["function".into()], ..Launch::default() })
    }
}

/// Runs until the input ends; says first where it listens.
pub(crate) async fn run() {
    let application = read_text(TEMPLATE, Path::new("template.yaml"), &Settings::default()).expect("a template");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut options = Options::new(listener, Arc::new(Itself));
    // Nobody here has a key; and 500 handshakes in a second (W-10) would be all there is to see.
    options.behaviour.signatures = Signatures::Optional;
    options.behaviour.throttling = false;
    options.limits.handshakes = u32::MAX;
    let running = gateway::start(application, options).expect("a gateway");
    println!("{}", running.address());
    let mut rest = Vec::new();
    let _ = tokio::io::stdin().read_to_end(&mut rest).await;
    running.shutdown().await;
}

/// Answers with the connection's id.
pub(crate) async fn function() {
    let answer = |event: LambdaEvent<Value>| async move {
        let id = event.payload["requestContext"]["connectionId"].as_str().unwrap_or_default();
        Ok::<_, Error>(json!({ "statusCode": 200, "body": id }))
    };
    lambda_runtime::run(service_fn(answer)).await.expect("a runtime");
}
