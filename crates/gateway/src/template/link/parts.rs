//! What a template says, read and resolved, but not yet put together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::model::{
    Cors, EventSourceMapping, Function, IdentitySource, IntegrationResponse, Location, Passthrough, PayloadFormat,
    Resource, Schedule, Stage, Statement, Templates, Throttle,
};

/// Parts of the application in the order they were read, resolved but not yet connected.
#[derive(Default)]
pub(in crate::template) struct Parts {
    pub(in crate::template) functions: Vec<FunctionPart>,
    /// Statements of the roles of the templates, by role name.
    pub(in crate::template) roles: BTreeMap<String, Vec<Statement>>,
    pub(in crate::template) apis: Vec<ApiPart>,
    pub(in crate::template) stages: Vec<StagePart>,
    pub(in crate::template) routes: Vec<RoutePart>,
    pub(in crate::template) integrations: Vec<IntegrationPart>,
    pub(in crate::template) integration_responses: Vec<IntegrationResponsePart>,
    /// Ids of integrations and APIs that do not run here, or whose mistake is reported.
    pub(in crate::template) refused: BTreeSet<String>,
    pub(in crate::template) authorizers: Vec<AuthorizerPart>,
    /// Ids of routes with a `$default` route response.
    pub(in crate::template) responses: BTreeSet<String>,
    pub(in crate::template) mappings: Vec<MappingPart>,
    pub(in crate::template) schedules: Vec<SchedulePart>,
    /// Logical ids of tables by the ARN of their stream, and of queues by their ARN.
    pub(in crate::template) polled: BTreeMap<String, String>,
    pub(in crate::template) resources: BTreeMap<String, Resource>,
}

pub(in crate::template) struct FunctionPart {
    pub(in crate::template) function: Function,
    pub(in crate::template) arn: String,
    /// Name of the role it runs under, when it names one.
    pub(in crate::template) role: Option<String>,
}

pub(in crate::template) struct ApiPart {
    pub(in crate::template) logical_id: String,
    pub(in crate::template) id: String,
    pub(in crate::template) websocket: bool,
    pub(in crate::template) selection: Option<String>,
    pub(in crate::template) cors: Option<Cors>,
    /// What SAM's `Auth` says; `None` for an API that is not SAM's.
    pub(in crate::template) auth: Option<ApiAuth>,
    pub(in crate::template) location: Location,
}

/// `Auth` of an `AWS::Serverless::HttpApi`.
#[derive(Default)]
pub(in crate::template) struct ApiAuth {
    /// Id and scopes of each authorizer, by its name; `None` for one whose mistake is reported.
    pub(in crate::template) authorizers: BTreeMap<String, Option<(String, Vec<String>)>>,
    /// `DefaultAuthorizer`.
    pub(in crate::template) default: Option<String>,
    /// `EnableIamAuthorizer`.
    pub(in crate::template) iam: bool,
    /// Names of security schemes that are IAM's.
    pub(in crate::template) signed: BTreeSet<String>,
}

pub(in crate::template) struct StagePart {
    pub(in crate::template) api: String,
    pub(in crate::template) stage: Stage,
    /// The routes that have limits of their own, and where these stand.
    pub(in crate::template) throttled: Vec<(String, Location)>,
}

pub(in crate::template) struct RoutePart {
    pub(in crate::template) id: String,
    /// Begins messages about it.
    pub(in crate::template) owner: String,
    pub(in crate::template) api: String,
    pub(in crate::template) key: String,
    pub(in crate::template) integration: String,
    pub(in crate::template) authorization: RouteAuth,
    /// Limits that stand with the route.
    pub(in crate::template) throttle: Option<Throttle>,
    pub(in crate::template) location: Location,
}

/// Who may call a route, as its template says it.
pub(in crate::template) enum RouteAuth {
    Open,
    Iam,
    /// The authorizer with this id.
    By {
        authorizer: String,
        scopes: Vec<String>,
    },
    /// `Auth` of a SAM event; its API completes it.
    Sam {
        authorizer: Option<String>,
        scopes: Option<Vec<String>>,
        location: Location,
    },
}

pub(in crate::template) struct IntegrationPart {
    pub(in crate::template) id: String,
    pub(in crate::template) owner: String,
    pub(in crate::template) kind: IntegrationKind,
    /// A function's ARN, or the API Gateway form that contains one; an address of HTTP; empty for a mock.
    pub(in crate::template) uri: String,
    /// `PayloadFormatVersion` as written, and where.
    pub(in crate::template) payload_format: (String, Location),
    /// Milliseconds as written, and where.
    pub(in crate::template) timeout: Option<(String, Location)>,
    /// `RequestParameters`.
    pub(in crate::template) requests: Vec<Parameter>,
    /// `ResponseParameters`, by status as written.
    pub(in crate::template) responses: Vec<(String, Vec<Parameter>)>,
    /// `RequestTemplates`, and where they stand.
    pub(in crate::template) templates: (Templates, Location),
    /// `PassthroughBehavior`.
    pub(in crate::template) passthrough: Passthrough,
    pub(in crate::template) location: Location,
}

impl IntegrationPart {
    /// One that says nothing more.
    pub(in crate::template) fn new(
        id: String,
        owner: String,
        kind: IntegrationKind,
        uri: String,
        location: Location,
    ) -> Self {
        let payload_format = ("1.0".to_owned(), location.clone());
        let templates = (Templates::default(), location.clone());
        let (requests, responses, passthrough) = (Vec::new(), Vec::new(), Passthrough::default());
        Self {
            id,
            owner,
            kind,
            uri,
            payload_format,
            timeout: None,
            requests,
            responses,
            templates,
            passthrough,
            location,
        }
    }
}

pub(in crate::template) enum IntegrationKind {
    /// The event of a proxy for a function.
    Function,
    /// What the request template makes, for a function.
    CustomFunction,
    /// The request, for an HTTP server; `ANY` is its own method.
    Http { method: String },
    /// What the request template makes, for an HTTP server.
    CustomHttp { method: String },
    /// Nothing but the templates.
    Mock,
}

/// A parameter and its value, as written.
pub(in crate::template) struct Parameter {
    pub(in crate::template) key: String,
    pub(in crate::template) value: String,
    pub(in crate::template) location: Location,
}

/// What becomes of a response of an integration.
pub(in crate::template) struct IntegrationResponsePart {
    pub(in crate::template) owner: String,
    pub(in crate::template) integration: String,
    pub(in crate::template) key: String,
    pub(in crate::template) response: IntegrationResponse,
    pub(in crate::template) location: Location,
}

pub(in crate::template) struct AuthorizerPart {
    pub(in crate::template) id: String,
    pub(in crate::template) owner: String,
    pub(in crate::template) kind: AuthorizerKind,
    pub(in crate::template) location: Location,
}

pub(in crate::template) enum AuthorizerKind {
    /// A function, given by its URI.
    Request(RequestAuthorizer),
    Jwt {
        source: IdentitySource,
        issuer: String,
        audience: Vec<String>,
    },
}

pub(in crate::template) struct RequestAuthorizer {
    pub(in crate::template) uri: String,
    /// As written.
    pub(in crate::template) sources: Vec<String>,
    pub(in crate::template) payload_format: Option<PayloadFormat>,
    pub(in crate::template) simple_responses: bool,
    pub(in crate::template) result_ttl: Option<Duration>,
}

/// A mapping whose function is still what the template calls it: a name or an ARN.
pub(in crate::template) struct MappingPart {
    pub(in crate::template) owner: String,
    pub(in crate::template) mapping: EventSourceMapping,
}

/// A schedule whose function is still an ARN.
pub(in crate::template) struct SchedulePart {
    pub(in crate::template) owner: String,
    pub(in crate::template) schedule: Schedule,
}
