//! Functions for Node.js and Python through their published runtime interface clients, where these are installed.

use std::path::Path;
use std::process::{Command, Stdio};

use futures_util::{SinkExt as _, StreamExt as _};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Run, command, folder, installed, refused, soon, template};

fn function(handler: &str, runtime: &str, file: &str, code: &str) -> TempDir {
    let folder = folder(&template("app/", handler, runtime));
    std::fs::create_dir(folder.path().join("app")).unwrap();
    std::fs::write(folder.path().join("app").join(file), code).unwrap();
    folder
}

fn node(code: &str) -> TempDir {
    function("index.handler", "nodejs20.x", "index.mjs", code)
}

fn python(code: &str) -> TempDir {
    function("index.handler", "python3.11", "index.py", code)
}

const NODE: &str = r"export const handler = async (event, context) =>
  ({ statusCode: 200, body: `node ${context.functionName} ${event.rawPath}` });
";
const PYTHON: &str = r#"import os
def handler(event, context):
    return {"statusCode": 200, "body": f"python {context.function_name} {event['rawPath']} {os.environ['AWS_EXECUTION_ENV']}"}
"#;

/// Folder of the Node client, beside the `node` of `PATH` or named by `GATEWAY_NODE_MODULES`; a missing one is told.
fn node_client() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("GATEWAY_NODE_MODULES").map(std::path::PathBuf::from);
    let beside = installed("node").and_then(|node| Some(node.parent()?.parent()?.join("lib/node_modules")));
    let places = ["aws-lambda-ric/bin/index.mjs", "aws-lambda-ric/index.mjs"];
    let found =
        named.into_iter().chain(beside).find(|modules| places.iter().any(|place| modules.join(place).is_file()));
    if found.is_none() {
        not_run("no aws-lambda-ric beside the node of PATH (npm install -g aws-lambda-ric)");
    }
    found
}

/// Whether there is the Python client; a missing one is told.
fn has_python_client() -> bool {
    let import = |python: &Path| {
        let mut python = Command::new(python);
        python.args(["-c", "import awslambdaric"]).stdout(Stdio::null()).stderr(Stdio::null());
        python.status().is_ok_and(|status| status.success())
    };
    let mut pythons = ["python3.11", "python3", "python"].iter().filter_map(|name| installed(name));
    let found = pythons.any(|python| import(&python));
    if !found {
        not_run("no python3 with awslambdaric in PATH (pip install awslambdaric)");
    }
    found
}

/// Says that a client is missing. Where `PARLANCE_REQUIRE_RUNTIME_CLIENTS` is set, none may be.
fn not_run(what: &str) {
    assert!(std::env::var_os("PARLANCE_REQUIRE_RUNTIME_CLIENTS").is_none(), "{what}");
    eprintln!("NOT RUN: {what}");
}

#[tokio::test]
async fn l_04_a_python_function_runs_by_its_client() {
    if !has_python_client() {
        return;
    }
    let folder = python(PYTHON);
    let mut run = Run::start(folder.path(), &["--watch"]).await;
    let expected = "python local-Echo /echo AWS_Lambda_python3.11";
    assert_eq!(run.get("/echo").await, (200, expected.to_owned()));
    // Nothing is built: the file is read again.
    run.event("watching").await;
    std::fs::write(folder.path().join("app/index.py"), PYTHON.replace("python {", "snake {")).unwrap();
    assert_eq!(run.event("swapped").await["functions"], serde_json::json!(["Echo"]));
    assert!(run.get("/echo").await.1.starts_with("snake "));
    assert!(run.stop().await);
}

#[tokio::test]
async fn l_04_a_node_function_runs_by_its_client() {
    let Some(modules) = node_client() else {
        return;
    };
    let folder = node(NODE);
    std::os::unix::fs::symlink(modules, folder.path().join("app/node_modules")).unwrap();
    let run = Run::start(folder.path(), &[]).await;
    assert_eq!(run.get("/echo").await, (200, "node local-Echo /echo".to_owned()));
    assert!(run.stop().await);
}

const INLINE: &str = r#"
Transform: AWS::Serverless-2016-10-31
Resources:
  Snake:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      InlineCode: |
        import os
        def handler(event, context):
            return {"statusCode": 200, "body": f"python {event['rawPath']} {os.path.basename(__file__)}"}
      Events: {Get: {Type: HttpApi, Properties: {Path: /it, Method: get}}}
"#;

#[tokio::test]
async fn code_in_the_template_runs_and_changes_with_it() {
    if !has_python_client() {
        return;
    }
    let folder = folder(INLINE);
    let mut run = Run::start(folder.path(), &["--watch"]).await;
    assert_eq!(run.get("/it").await, (200, "python /it index.py".to_owned()));
    run.event("watching").await;
    std::fs::write(folder.path().join("template.yaml"), INLINE.replace("f\"python", "f\"snake")).unwrap();
    run.event("templateFollowed").await;
    assert_eq!(run.get("/it").await, (200, "snake /it index.py".to_owned()));
    assert!(run.stop().await);
}

#[tokio::test]
async fn code_in_a_plain_template_runs_with_the_client_beside_the_template() {
    let Some(modules) = node_client() else {
        return;
    };
    let folder = folder(
        r"
Resources:
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
      Role: arn:aws:iam::000000000000:role/plain
      Code:
        ZipFile: |
          exports.handler = async (event) => ({ statusCode: 200, body: `node ${event.rawPath}` });
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: plain, ProtocolType: HTTP, Target: !GetAtt Plain.Arn}
",
    );
    std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).unwrap();
    let run = Run::start(folder.path(), &[]).await;
    assert_eq!(run.get("/it").await, (200, "node /it".to_owned()));
    assert!(run.stop().await);
}

/// As published code posts, by what Python and Node.js themselves bring; `ADDRESS` is where.
const POSTING: &str = r#"
Transform: AWS::Serverless-2016-10-31
Resources:
  Snake:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Timeout: 30
      Environment: {Variables: {PYTHONPATH: /nowhere}}
      InlineCode: |
        import urllib.parse
        import urllib.request
        def handler(event, context):
            of = event["requestContext"]
            who = urllib.parse.quote(of["connectionId"], safe="")
            url = f"ADDRESS/@connections/{who}".replace("$", "")
            signed = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261121/us-east-1/execute-api/aws4_request, "
            signed += "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
            headers = {"authorization": signed, "x-amz-date": "20261121T000000Z"}
            urllib.request.urlopen(urllib.request.Request(url, data=event["body"].encode(), headers=headers))
            return {"statusCode": 200}
  Node:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
      Timeout: 30
      Environment: {Variables: {NODE_OPTIONS: --enable-source-maps}}
      InlineCode: |
        const https = require('node:https');
        exports.handler = (event) => new Promise((done, failed) => {
          const of = event.requestContext;
          const authorization = 'AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261121/us-east-1/execute-api/aws4_request, '
            + 'SignedHeaders=host;x-amz-date, Signature=' + '0'.repeat(64);
          const headers = { authorization, 'x-amz-date': '20261121T000000Z' };
          const url = `ADDRESS/@connections/${encodeURIComponent(of.connectionId)}`;
          const request = https.request(url, { method: 'POST', headers }, () => done({ statusCode: 200 }));
          request.on('error', failed);
          request.end(event.body);
        });
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Routes: {snake: {FunctionArn: !GetAtt Snake.Arn}, node: {FunctionArn: !GetAtt Node.Arn}}
"#;

#[tokio::test]
async fn t_05_functions_post_by_https_to_the_name_of_the_event_and_to_that_of_aws() {
    let (Some(modules), true) = (node_client(), has_python_client()) else {
        return;
    };
    for address in
        ["https://${of.domainName}/${of.stage}", "https://${of.apiId}.execute-api.us-east-1.amazonaws.com/${of.stage}"]
    {
        // Python's way to say the same.
        let python = address.replace("of.", "of['").replace('}', "']}");
        let (first, second) = POSTING.split_once("  Node:").unwrap();
        let text = format!("{}  Node:{}", first.replace("ADDRESS", &python), second.replace("ADDRESS", address));
        let folder = folder(&text);
        std::os::unix::fs::symlink(&modules, folder.path().join("node_modules")).unwrap();
        let run = Run::start(folder.path(), &[]).await;
        let url = run.url.replace("http:", "ws:") + "/default";
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        for message in [r#"{"action":"snake"}"#, r#"{"action":"node"}"#] {
            socket.send(Message::text(message)).await.unwrap();
            let posted = soon(socket.next()).await.unwrap().unwrap();
            assert_eq!(posted.into_text().unwrap(), message, "{address}");
        }
        assert!(run.stop().await);
    }
}

#[tokio::test]
async fn what_sam_built_is_preferred_with_what_was_installed_beside_it() {
    if !has_python_client() {
        return;
    }
    let folder = python("raise RuntimeError('the source, without what it needs')");
    let built = folder.path().join(".aws-sam/build/Echo");
    std::fs::create_dir_all(&built).unwrap();
    std::fs::write(built.join("needed.py"), "WORD = 'built'").unwrap();
    std::fs::write(built.join("index.py"), "import needed\ndef handler(event, context):\n    return needed.WORD\n")
        .unwrap();
    let run = Run::start(folder.path(), &[]).await;
    assert_eq!(run.get("/echo").await, (200, "built".to_owned()));
    assert!(run.stop().await);
}

#[tokio::test]
async fn a_missing_client_is_named_with_how_to_install_it() {
    let empty = tempfile::tempdir().unwrap();
    for (folder, how) in [(node(NODE), "npm install aws-lambda-ric"), (python(PYTHON), "pip install awslambdaric")] {
        let mut command = command(folder.path(), &[]);
        let output = command.env("PATH", empty.path()).output().await.unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && errors.contains(how), "{errors}");
    }
}

#[tokio::test]
async fn an_unknown_runtime_asks_for_a_program() {
    let folder = folder(&template("app/", "Main", "java21"));
    assert!(refused(folder.path(), &[]).await.contains("there is no program "));
}

#[tokio::test]
async fn l_07_a_missing_wrapper_is_exit_status_127() {
    if !has_python_client() {
        return;
    }
    let folder = python(PYTHON);
    let path = folder.path().join("template.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let variables = "      Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /nowhere/wrapper}}\n      Events:";
    std::fs::write(&path, text.replacen("      Events:", variables, 1)).unwrap();
    let mut run = Run::start(folder.path(), &[]).await;
    assert_eq!(run.get("/echo").await.0, 500);
    assert_eq!(run.event("crash").await["reason"], "Runtime exited with error: exit status 127");
    assert!(run.stop().await);
}
