//! What a template means once every reference in it is resolved: functions, routes, sockets, and the rest as it stands.
//!
//! The reader ([`crate::template`]) is the only thing that builds these values; everything that runs reads them.
//!
//! Values may come from `NoEcho` parameters, so `Debug` shows the names of variables, properties, parameters and
//! outputs, never their values.

mod backend;
mod custom;
mod event_invoke;
mod expression;
mod http;
mod mapping;
mod names;
mod sources;
mod throttling;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use backend::Backend;
pub use custom::{
    Custom, IntegrationResponse, Parameter, ParameterPlace, ParameterSource, Passthrough, Target, Templates,
};
pub use event_invoke::EventInvoke;
pub use expression::Expression;
pub use http::{
    Authorization, Cors, HttpApi, HttpAuthorizer, HttpRoute, IdentitySource, JwtAuthorizer, LambdaAuthorizer,
    PayloadFormat, Stage,
};
pub use mapping::{Action, Change, Mapping, Place, Term, Variable};
pub use sources::{EventSourceMapping, OtherEvent, Queue, Schedule, Source, StartingPosition, Stream};
pub use throttling::{Throttle, Throttling};

use names::Names;

/// A whole application: the template and the nested applications it includes, resolved.
#[derive(Clone, Default)]
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
    /// What polls a stream or a queue for a function, by logical id (gateway facts E-01 to E-08).
    pub event_source_mappings: BTreeMap<String, EventSourceMapping>,
    /// What invokes a function at given times, by logical id.
    pub schedules: BTreeMap<String, Schedule>,
    /// Every other resource, nested ones under `Parent.Child`, with resolved properties.
    pub resources: BTreeMap<String, Resource>,
    /// Resolved outputs of the root template.
    pub outputs: BTreeMap<String, serde_json::Value>,
    /// Effective value of every parameter of the root template.
    pub parameters: BTreeMap<String, String>,
    /// The files it was read from: the template and what it includes.
    pub files: BTreeSet<PathBuf>,
    /// What the template asks for and is not run here, by file, line and column; everything else runs.
    pub left_out: Vec<TemplateError>,
}

impl Application {
    /// Ids of all APIs.
    pub fn api_ids(&self) -> impl Iterator<Item = &str> {
        let http = self.http_apis.values().map(|api| api.api_id.as_str());
        http.chain(self.websocket_apis.values().map(|api| api.api_id.as_str()))
    }

    /// The application when nothing of it is left out; else everything left out, as mistakes.
    pub fn complete(self) -> Result<Self, TemplateErrors> {
        if self.left_out.is_empty() { Ok(self) } else { Err(TemplateErrors(self.left_out)) }
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("region", &self.region)
            .field("account_id", &self.account_id)
            .field("functions", &self.functions)
            .field("http_apis", &self.http_apis)
            .field("websocket_apis", &self.websocket_apis)
            .field("event_source_mappings", &self.event_source_mappings)
            .field("schedules", &self.schedules)
            .field("resources", &self.resources)
            .field("outputs", &Names(&self.outputs))
            .field("parameters", &Names(&self.parameters))
            .field("files", &self.files)
            .field("left_out", &self.left_out)
            .finish()
    }
}

/// A resource the gateway does not run itself (a table, a bucket, a secret, an alarm …).
#[derive(Clone)]
pub struct Resource {
    /// CloudFormation type, e.g. `AWS::DynamoDB::Table`.
    pub kind: String,
    /// Resolved `Properties`, as JSON.
    pub properties: serde_json::Value,
    /// Where it stands in the template.
    pub location: Location,
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let properties: Vec<&str> =
            self.properties.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect();
        f.debug_struct("Resource")
            .field("kind", &self.kind)
            .field("properties", &properties)
            .field("location", &self.location)
            .finish()
    }
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
#[derive(Clone, PartialEq)]
pub struct Function {
    /// Name of the resource in the template.
    pub logical_id: String,
    /// `FunctionName`, or a deterministic name built from the stack name and the logical id.
    pub name: String,
    /// `CodeUri`, relative paths resolved against the template's folder.
    pub code: PathBuf,
    /// `InlineCode`, or `ZipFile` of `Code`: the source text itself. A gateway that starts writes it to a file, and `code` is
    /// that file's folder then.
    pub inline: Option<String>,
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
    /// `AutoPublishAlias`: the one qualifier beside `$LATEST` that it can be invoked by.
    pub alias: Option<String>,
    /// What happens to asynchronous invocations: `EventInvokeConfig` and `DeadLetterQueue`.
    pub event_invoke: EventInvoke,
    /// What its role may do: inline statements and expanded SAM policy templates.
    pub policies: Vec<Statement>,
    /// SAM events that are neither routes, mappings nor schedules: S3, SNS and the like, as they stand.
    pub events: Vec<OtherEvent>,
    /// Whether its role is not told whole: a managed policy, or a role that is no resource of this template.
    pub policies_elsewhere: bool,
    /// Where it stands in the template.
    pub location: Location,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("logical_id", &self.logical_id)
            .field("name", &self.name)
            .field("code", &self.code)
            .field("inline", &self.inline)
            .field("handler", &self.handler)
            .field("runtime", &self.runtime)
            .field("architecture", &self.architecture)
            .field("memory_mb", &self.memory_mb)
            .field("timeout", &self.timeout)
            .field("environment", &Names(&self.environment))
            .field("reserved_concurrency", &self.reserved_concurrency)
            .field("alias", &self.alias)
            .field("event_invoke", &self.event_invoke)
            .field("policies", &self.policies)
            .field("policies_elsewhere", &self.policies_elsewhere)
            .field("events", &self.events)
            .field("location", &self.location)
            .finish()
    }
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

/// One WebSocket API with its routes.
#[derive(Clone)]
pub struct WebSocketApi {
    /// Logical id.
    pub logical_id: String,
    /// Deterministic API id: 10 lower-case alphanumerics.
    pub api_id: String,
    /// Stage name (gateway fact W-12: always part of the path on AWS).
    pub stage: String,
    /// Stage variables.
    pub stage_variables: BTreeMap<String, String>,
    /// How much the stage lets through.
    pub throttling: Throttling,
    /// `RouteSelectionExpression`, e.g. `$request.body.action`.
    pub route_selection_expression: String,
    /// Routes by key: `$connect`, `$disconnect`, `$default`, or an action.
    pub routes: BTreeMap<String, WebSocketRoute>,
    /// Authorizer of `$connect`.
    pub authorizer: Option<WebSocketAuthorizer>,
    /// Whether `$connect` has to be signed with IAM credentials (gateway fact W-47).
    pub signed: bool,
    /// Where it stands in the template.
    pub location: Location,
}

impl fmt::Debug for WebSocketApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketApi")
            .field("logical_id", &self.logical_id)
            .field("api_id", &self.api_id)
            .field("stage", &self.stage)
            .field("stage_variables", &Names(&self.stage_variables))
            .field("throttling", &self.throttling)
            .field("route_selection_expression", &self.route_selection_expression)
            .field("routes", &self.routes)
            .field("authorizer", &self.authorizer)
            .field("signed", &self.signed)
            .field("location", &self.location)
            .finish()
    }
}

/// One route of a WebSocket API.
#[derive(Debug, Clone)]
pub struct WebSocketRoute {
    /// Logical id of the function; empty where something else answers.
    pub function: String,
    /// What answers in place of a proxied function (gateway facts W-37, W-50).
    pub custom: Option<Custom>,
    /// Whether a `$default` route response makes the route two-way (gateway fact W-25).
    pub two_way: bool,
    /// Integration timeout (at most 29 s, the default).
    pub timeout: Duration,
    /// Where it stands in the template.
    pub location: Location,
}

impl WebSocketRoute {
    /// What answers it, in a word: the function's logical id, the address of a backend, or `(mock)`.
    pub fn target(&self) -> &str {
        match self.custom.as_ref().map(|custom| &custom.target) {
            None | Some(Target::Function) => &self.function,
            Some(Target::Http(backend) | Target::HttpProxy(backend)) => &backend.uri,
            Some(Target::Mock) => "(mock)",
        }
    }
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

/// One mistake in a template, or one thing in it that is not run here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}:{}: {message}", .location.file.display(), .location.line, .location.column)]
pub struct TemplateError {
    /// Where.
    pub location: Location,
    /// What, naming the resource and the unknown or doubled thing.
    pub message: String,
}

fn render(errors: &[TemplateError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
