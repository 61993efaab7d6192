//! One run of the program in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// No wait in these tests is meant to take this long; a build on a busy machine may.
const PATIENCE: Duration = Duration::from_mins(3);

/// A template with a function `Echo` behind an HTTP API and a two-way WebSocket API.
pub(crate) fn template(code: &str, handler: &str, runtime: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: {code}
      Handler: {handler}
      Runtime: {runtime}
      Timeout: 30
      Events:
        All: {{Type: HttpApi, Properties: {{Path: /echo, Method: GET}}}}
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Routes:
        $default: {{FunctionArn: !GetAtt Echo.Arn, RouteResponseSelectionExpression: $default}}
  Answer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {{ApiId: !Ref Socket, RouteId: !Ref SocketDefaultRoute, RouteResponseKey: $default}}
"
    )
}

/// A folder with a template in it.
pub(crate) fn folder(template: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("template.yaml"), template).unwrap();
    folder
}

/// The test function under another name.
pub(crate) fn place(program: &Path) {
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_gateway-echo"), program).unwrap();
}

pub(crate) fn command(folder: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    let form: &[&str] = if options.contains(&"--log") { &[] } else { &["--log", "json"] };
    command.current_dir(folder).args(["--port", "0"]).args(form).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// A running program.
pub(crate) struct Run {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) url: String,
    /// What it said of its APIs.
    pub(crate) apis: Value,
}

impl Run {
    /// Runs it with these options until it says where it is.
    pub(crate) async fn start(folder: &Path, options: &[&str]) -> Self {
        Self::of(command(folder, options)).await
    }

    pub(crate) async fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut run = Self { child, lines, url: String::new(), apis: Value::Null };
        let started = run.event("started").await;
        run.url = String::from(started["url"].as_str().unwrap());
        run.apis = started["apis"].clone();
        run
    }

    /// The next event of this kind.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        let waiting = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                let event: Value = serde_json::from_str(&line).unwrap();
                if event["event"] == kind {
                    return event;
                }
            }
            let mut errors = String::new();
            self.child.stderr.take().unwrap().read_to_string(&mut errors).await.unwrap();
            panic!("no {kind}, it ended: {errors}")
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {kind}"))
    }

    /// Status and body of a GET.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let answer = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Ends it as a supervisor would; whether it went well.
    pub(crate) async fn stop(mut self) -> bool {
        let process = rustix::process::Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        // It may still write.
        while let Ok(Some(_)) = self.lines.next_line().await {}
        tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().success()
    }
}

/// Waits for what is meant to come.
pub(crate) async fn soon<T>(coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, coming).await.expect("never")
}

/// What it says when it cannot start.
pub(crate) async fn refused(folder: &Path, options: &[&str]) -> String {
    let output = tokio::time::timeout(PATIENCE, command(folder, options).output()).await.unwrap().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// The first program of this name in `PATH`.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
