//! `ministack`: the same program as a function of `provided.al2023`, which it runs without Docker.

use serde_json::{Value, json};
use tokio::process::Command;

use super::{Side, Tools, free_port, with_function};
use std::time::{Duration, Instant};

pub(super) async fn start(tools: &Tools) -> Result<Side, String> {
    let python = tools.find("python/bin/python")?;
    let (folder, port) = (with_function(), free_port());
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    std::fs::copy(own, folder.path().join("bootstrap")).map_err(|error| error.to_string())?;
    let mut zip = Command::new(&python);
    zip.current_dir(folder.path()).args(["-m", "zipfile", "-c", "code.zip", "bootstrap"]);
    let encode = "import base64; open('code.txt', 'wb').write(base64.b64encode(open('code.zip', 'rb').read()))";
    let mut text = Command::new(&python);
    text.current_dir(folder.path()).args(["-c", encode]);
    for mut step in [zip, text] {
        if !step.status().await.is_ok_and(|status| status.success()) {
            return Err("the function cannot be packed".to_owned());
        }
    }
    let code = std::fs::read_to_string(folder.path().join("code.txt")).map_err(|error| error.to_string())?;

    let mut command = Command::new(tools.find("python/bin/ministack")?);
    command.current_dir(folder.path());
    command.envs([("BIND_HOST", "127.0.0.1"), ("GATEWAY_PORT", &*port.to_string()), ("LAMBDA_EXECUTOR", "local")]);
    let started = Instant::now();
    let process = super::spawn(&mut command, folder.path())?;
    let mut side = Side { process, folder, http: String::new(), socket: None, first_answer: Duration::ZERO };
    let base = format!("http://127.0.0.1:{port}");
    let client = reqwest::Client::new();
    side.until(async || {
        let alive = client.get(format!("{base}/_ministack/health")).send().await;
        alive.map(|_| ()).map_err(|error| error.to_string())
    })
    .await?;
    let function = json!({
        "FunctionName": "trivial", "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 30,
        "Role": "arn:aws:iam::000000000000:role/trivial", "Code": { "ZipFile": code.trim() },
    });
    let function = made(&client, &base, "lambda", "/2015-03-31/functions", &function).await?;
    let mut http = Api::new(&client, &base, json!({ "name": "trivial", "protocolType": "HTTP" })).await?;
    http.integrate(&function, Some("2.0")).await?;
    http.route(json!({ "routeKey": "GET /trivial" })).await?;
    http.publish("$default").await?;
    let socket = json!({
        "name": "trivial-socket", "protocolType": "WEBSOCKET", "routeSelectionExpression": "$request.body.action",
    });
    let mut socket = Api::new(&client, &base, socket).await?;
    socket.integrate(&function, None).await?;
    for route in ["$connect", "$disconnect", "$default"] {
        let answers = (route == "$default").then_some("$default");
        socket.route(json!({ "routeKey": route, "routeResponseSelectionExpression": answers })).await?;
    }
    socket.publish("dev").await?;
    side.socket = Some(format!("ws://127.0.0.1:{port}/_aws/execute-api/{}/dev", socket.id));
    side.http = format!("{base}/_aws/execute-api/{}/$default/trivial", http.id);
    let url = side.http.clone();
    side.until(async || crate::load::answers(&url).await).await?;
    side.first_answer = started.elapsed();
    Ok(side)
}

/// An API in the making.
struct Api<'a> {
    client: &'a reqwest::Client,
    base: &'a str,
    id: String,
    target: String,
}

impl<'a> Api<'a> {
    async fn new(client: &'a reqwest::Client, base: &'a str, api: Value) -> Result<Self, String> {
        let id = text_of(&made(client, base, "apigateway", "/v2/apis", &api).await?, "apiId")?;
        Ok(Self { client, base, id, target: String::new() })
    }

    /// What its routes ask.
    async fn integrate(&mut self, function: &Value, format: Option<&str>) -> Result<(), String> {
        let integration = json!({
            "integrationType": "AWS_PROXY", "integrationUri": function["FunctionArn"], "payloadFormatVersion": format,
        });
        let integration = self.made("integrations", &integration).await?;
        self.target = format!("integrations/{}", text_of(&integration, "integrationId")?);
        Ok(())
    }

    async fn route(&self, mut route: Value) -> Result<(), String> {
        route["target"] = json!(self.target);
        self.made("routes", &route).await.map(drop)
    }

    async fn publish(&self, stage: &str) -> Result<(), String> {
        self.made("stages", &json!({ "stageName": stage, "autoDeploy": true })).await.map(drop)
    }

    async fn made(&self, what: &str, body: &Value) -> Result<Value, String> {
        made(self.client, self.base, "apigateway", &format!("/v2/apis/{}/{what}", self.id), body).await
    }
}

/// Makes something over an API of AWS.
async fn made(client: &reqwest::Client, base: &str, service: &str, path: &str, body: &Value) -> Result<Value, String> {
    let credential = format!("Credential=any/20260101/us-east-1/{service}/aws4_request");
    let signed = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0");
    let request = client.post(format!("{base}{path}")).header("authorization", signed).json(body);
    let answer = request.send().await.map_err(|error| format!("{path}: {error}"))?;
    let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
    if !status.is_success() {
        return Err(format!("{path}: {status} {text}"));
    }
    serde_json::from_str(&text).map_err(|error| format!("{path}: {error}: {text}"))
}

fn text_of(value: &Value, name: &str) -> Result<String, String> {
    value[name].as_str().map(str::to_owned).ok_or_else(|| format!("no {name} in {value}"))
}
