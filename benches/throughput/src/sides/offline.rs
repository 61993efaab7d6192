//! `serverless-offline`: the same function for Node.js, in its own process.

use std::os::unix::fs::symlink;

use tokio::process::Command;

use super::{Side, Tools, free_port, with_function};

const FUNCTION: &str = "module.exports.handler = async () =>
  ({ statusCode: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' });
";
const SERVICE: &str = "service: trivial
provider:
  name: aws
  runtime: nodejs20.x
  websocketsApiRouteSelectionExpression: $request.body.action
plugins: [serverless-offline]
functions:
  trivial:
    handler: index.handler
    events:
      - httpApi: GET /trivial
      - websocket: {route: $connect}
      - websocket: {route: $disconnect}
      - websocket: {route: $default, routeResponseSelectionExpression: $default}
";

pub(super) async fn start(tools: &Tools) -> Result<Side, String> {
    let script = tools.find("node/node_modules/serverless/bin/serverless.js")?;
    let modules = script.ancestors().nth(3).ok_or("no folder of modules")?;
    let folder = with_function();
    let written = std::fs::write(folder.path().join("index.js"), FUNCTION)
        .and_then(|()| std::fs::write(folder.path().join("serverless.yml"), SERVICE))
        .and_then(|()| symlink(modules, folder.path().join("node_modules")));
    written.map_err(|error| error.to_string())?;
    let ports = [free_port(), free_port(), free_port()].map(|port| port.to_string());
    let mut command = Command::new("node");
    command.current_dir(folder.path()).arg(&script).args(["offline", "start", "--host", "127.0.0.1"]);
    command.args(["--httpPort", &ports[0], "--websocketPort", &ports[1], "--lambdaPort", &ports[2]]);
    command.envs([("SLS_TELEMETRY_DISABLED", "1"), ("SLS_NOTIFICATIONS_MODE", "off"), ("CI", "1")]);
    command.envs([("AWS_ACCESS_KEY_ID", "any"), ("AWS_SECRET_ACCESS_KEY", "any")]);
    let mut side = Side::launch(command, folder, format!("http://127.0.0.1:{}/trivial", ports[0])).await?;
    side.socket = Some(format!("ws://127.0.0.1:{}", ports[1]));
    Ok(side)
}
