//! What a template means once every reference in it is resolved: functions, routes, sockets, and the rest as it stands.
//!
//! The reader ([`crate::template`]) is the only thing that builds these values; everything that runs reads them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// A whole application: the template and the nested applications it includes, resolved.
#[derive(Debug, Clone, Default)]
pub struct Application {
    /// Region that pseudo-parameters resolved to.
    pub region: String,
    /// Account id that pseudo-parameters resolved to (12 digits).
    pub account_id: String,
    /// Functions by logical id.
    pub functions: BTreeMap<String, Function>,
    /// HTTP APIs by logical id.
    pub http_apis: BTreeMap<String, HttpApi>,
    /// WebSocket APIs by logical id.
    pub websocket_apis: BTreeMap<String, WebSocketApi>,
    /// Every other resource, nested ones under `Parent.Child`, with resolved properties.
    pub resources: BTreeMap<String, Resource>,
    /// Resolved outputs of the root template.
    pub outputs: BTreeMap<String, serde_json::Value>,
    /// Effective value of every parameter of the root template.
    pub parameters: BTreeMap<String, String>,
}

/// A resource the gateway does not run itself (a table, a bucket, a secret, an alarm …).
#[derive(Debug, Clone)]
pub struct Resource {
    /// CloudFormation type, e.g. `AWS::DynamoDB::Table`.
    pub kind: String,
    /// Resolved `Properties`, as JSON.
    pub properties: serde_json::Value,
    /// Where it stands in the template.
    pub location: Location,
}

/// A place in a template file; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// File, as it was given or as it was included.
    pub file: PathBuf,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// One `AWS::Serverless::Function` or `AWS::Lambda::Function`.
#[derive(Debug, Clone)]
pub struct Function {
    /// Name of the resource in the template.
    pub logical_id: String,
    /// `FunctionName`, or a deterministic name built from the stack name and the logical id.
    pub name: String,
    /// `CodeUri`, relative paths resolved against the template's folder.
    pub code: PathBuf,
    /// `Handler`.
    pub handler: String,
    /// `Runtime`, e.g. `provided.al2023`.
    pub runtime: String,
    /// `Architectures[0]`, `x86_64` when absent.
    pub architecture: String,
    /// `MemorySize` in MB (default 128).
    pub memory_mb: u32,
    /// `Timeout` (default 3 s).
    pub timeout: Duration,
    /// `Environment.Variables`, resolved.
    pub environment: BTreeMap<String, String>,
    /// `ReservedConcurrentExecutions`.
    pub reserved_concurrency: Option<u32>,
    /// What its role may do: inline statements and expanded SAM policy templates.
    pub policies: Vec<Statement>,
    /// Where it stands in the template.
    pub location: Location,
}

/// One IAM statement, resolved. Single strings are lists of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
    /// `true` for `Allow`.
    pub allow: bool,
    /// `Action`.
    pub actions: Vec<String>,
    /// `NotAction`: the statement covers every action but these; used only when `actions` is empty.
    pub not_actions: Vec<String>,
    /// `Resource`.
    pub resources: Vec<String>,
    /// `NotResource`: the statement covers every resource but these; used only when `resources` is empty.
    pub not_resources: Vec<String>,
    /// `Condition`, as JSON; null when absent.
    pub condition: serde_json::Value,
}

/// One HTTP API with its routes.
#[derive(Debug, Clone)]
pub struct HttpApi {
    /// Logical id (`ServerlessHttpApi` for the implicit one).
    pub logical_id: String,
    /// Deterministic API id: 10 lower-case alphanumerics.
    pub api_id: String,
    /// Stage name, `$default` by default.
    pub stage: String,
    /// Stage variables.
    pub stage_variables: BTreeMap<String, String>,
    /// Routes in template order.
    pub routes: Vec<HttpRoute>,
    /// CORS, when configured.
    pub cors: Option<Cors>,
    /// Where it stands in the template (of the implicit one: its first event).
    pub location: Location,
}

/// One route of an HTTP API.
#[derive(Debug, Clone)]
pub struct HttpRoute {
    /// Method in upper case, `ANY`, or `$default`.
    pub method: String,
    /// Path with `{var}` and `{var+}`; empty for `$default`.
    pub path: String,
    /// Logical id of the function.
    pub function: String,
    /// Integration timeout (at most 30 s, the default).
    pub timeout: Duration,
    /// Where the event stands in the template.
    pub location: Location,
}

impl HttpRoute {
    /// The configured route key as it appears in events (gateway fact H-04): `GET /pets/{id}`, `ANY /x`, `$default`.
    pub fn key(&self) -> String {
        if self.method == "$default" { self.method.clone() } else { format!("{} {}", self.method, self.path) }
    }
}

/// `CorsConfiguration` (gateway facts C-01 to C-07).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cors {
    /// Exact origins, `*`, `https://*` or `http://*`.
    pub allow_origins: Vec<String>,
    /// Methods.
    pub allow_methods: Vec<String>,
    /// Request headers.
    pub allow_headers: Vec<String>,
    /// Response headers a browser may read.
    pub expose_headers: Vec<String>,
    /// Seconds a preflight may be cached.
    pub max_age: Option<u64>,
    /// Whether cookies may be sent.
    pub allow_credentials: bool,
}

/// One WebSocket API with its routes.
#[derive(Debug, Clone)]
pub struct WebSocketApi {
    /// Logical id.
    pub logical_id: String,
    /// Deterministic API id: 10 lower-case alphanumerics.
    pub api_id: String,
    /// Stage name (gateway fact W-12: always part of the path on AWS).
    pub stage: String,
    /// Stage variables.
    pub stage_variables: BTreeMap<String, String>,
    /// `RouteSelectionExpression`, e.g. `$request.body.action`.
    pub route_selection_expression: String,
    /// Routes by key: `$connect`, `$disconnect`, `$default`, or an action.
    pub routes: BTreeMap<String, WebSocketRoute>,
    /// Authorizer of `$connect`.
    pub authorizer: Option<WebSocketAuthorizer>,
    /// Where it stands in the template.
    pub location: Location,
}

/// One route of a WebSocket API.
#[derive(Debug, Clone)]
pub struct WebSocketRoute {
    /// Logical id of the function.
    pub function: String,
    /// Whether a `$default` route response makes the route two-way (gateway fact W-25).
    pub two_way: bool,
    /// Integration timeout (at most 29 s, the default).
    pub timeout: Duration,
    /// Where it stands in the template.
    pub location: Location,
}

/// A REQUEST authorizer of `$connect` (gateway facts W-40 to W-46).
#[derive(Debug, Clone)]
pub struct WebSocketAuthorizer {
    /// Logical id of the function.
    pub function: String,
    /// Identity sources, e.g. `route.request.querystring.token`; all must be present, none need be configured.
    pub identity_sources: Vec<String>,
}

/// A template that cannot be run, with every mistake found and where it stands.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", render(.0))]
pub struct TemplateErrors(pub Vec<TemplateError>);

/// One mistake in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// Where.
    pub location: Location,
    /// What, naming the resource and the unknown or doubled thing.
    pub message: String,
}

fn render(errors: &[TemplateError]) -> String {
    let line = |error: &TemplateError| {
        let Location { file, line, column } = &error.location;
        format!("{}:{line}:{column}: {}", file.display(), error.message)
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}
