//! Our gateway: its program, with what it tells on the terminal.

use tokio::process::Command;

use super::{Side, Tools, free_port, with_function};

const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  Trivial:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: trivial/
      Handler: bootstrap
      Runtime: provided.al2023
      Events:
        Get: {Type: HttpApi, Properties: {Path: /trivial, Method: GET}}
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      StageName: dev
      Routes:
        $default: {FunctionArn: !GetAtt Trivial.Arn, RouteResponseSelectionExpression: $default}
  Answer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {ApiId: !Ref Socket, RouteId: !Ref SocketDefaultRoute, RouteResponseKey: $default}
";

pub(super) async fn start(tools: &Tools) -> Result<Side, String> {
    let (folder, port) = (with_function(), free_port());
    std::fs::write(folder.path().join("template.yaml"), TEMPLATE).map_err(|error| error.to_string())?;
    let mut command = Command::new(&tools.gateway);
    command.current_dir(folder.path()).args(["--port", &port.to_string(), "--function", "Trivial=./trivial"]);
    let mut side = Side::launch(command, folder, format!("http://127.0.0.1:{port}/trivial")).await?;
    side.socket = Some(format!("ws://127.0.0.1:{port}/dev"));
    Ok(side)
}
