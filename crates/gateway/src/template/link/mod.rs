//! Puts the parts together once every template is read: routes to their API, integration, authorizer and function.

pub(super) mod authorizers;
mod http;
mod mapping;
mod sources;
mod websocket;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::reader::Reader;
use crate::model::{
    Application, Backend, Cors, EventSourceMapping, Function, IdentitySource, IntegrationResponse, Location,
    Passthrough, PayloadFormat, Resource, Schedule, Stage, Statement, Templates, Throttle,
};

/// What becomes of routes whose integration does not run here. Left out altogether, a request for one would go to the
/// next best route, and a person would look for the mistake there.
pub(super) const ANSWER: &str = "its routes answer 500";

/// Parts of the application in the order they were read, resolved but not yet connected.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) functions: Vec<FunctionPart>,
    /// Statements of the roles of the templates, by role name.
    pub(super) roles: BTreeMap<String, Vec<Statement>>,
    pub(super) apis: Vec<ApiPart>,
    pub(super) stages: Vec<StagePart>,
    pub(super) routes: Vec<RoutePart>,
    pub(super) integrations: Vec<IntegrationPart>,
    pub(super) integration_responses: Vec<IntegrationResponsePart>,
    /// Ids of integrations and APIs that do not run here, or whose mistake is reported.
    pub(super) refused: BTreeSet<String>,
    pub(super) authorizers: Vec<AuthorizerPart>,
    /// Ids of routes with a `$default` route response.
    pub(super) responses: BTreeSet<String>,
    pub(super) mappings: Vec<MappingPart>,
    pub(super) schedules: Vec<SchedulePart>,
    /// Logical ids of tables by the ARN of their stream, and of queues by their ARN.
    pub(super) polled: BTreeMap<String, String>,
    pub(super) resources: BTreeMap<String, Resource>,
}

pub(super) struct FunctionPart {
    pub(super) function: Function,
    pub(super) arn: String,
    /// Name of the role it runs under, when it names one.
    pub(super) role: Option<String>,
}

pub(super) struct ApiPart {
    pub(super) logical_id: String,
    pub(super) id: String,
    pub(super) websocket: bool,
    pub(super) selection: Option<String>,
    pub(super) cors: Option<Cors>,
    /// What SAM's `Auth` says; `None` for an API that is not SAM's.
    pub(super) auth: Option<ApiAuth>,
    pub(super) location: Location,
}

/// `Auth` of an `AWS::Serverless::HttpApi`.
#[derive(Default)]
pub(super) struct ApiAuth {
    /// Id and scopes of each authorizer, by its name; `None` for one whose mistake is reported.
    pub(super) authorizers: BTreeMap<String, Option<(String, Vec<String>)>>,
    /// `DefaultAuthorizer`.
    pub(super) default: Option<String>,
    /// `EnableIamAuthorizer`.
    pub(super) iam: bool,
    /// Names of security schemes that are IAM's.
    pub(super) signed: BTreeSet<String>,
}

pub(super) struct StagePart {
    pub(super) api: String,
    pub(super) stage: Stage,
    /// The routes that have limits of their own, and where these stand.
    pub(super) throttled: Vec<(String, Location)>,
}

pub(super) struct RoutePart {
    pub(super) id: String,
    /// Begins messages about it.
    pub(super) owner: String,
    pub(super) api: String,
    pub(super) key: String,
    pub(super) integration: String,
    pub(super) authorization: RouteAuth,
    /// Limits that stand with the route.
    pub(super) throttle: Option<Throttle>,
    pub(super) location: Location,
}

/// Who may call a route, as its template says it.
pub(super) enum RouteAuth {
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

pub(super) struct IntegrationPart {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) kind: IntegrationKind,
    /// A function's ARN, or the API Gateway form that contains one; an address of HTTP; empty for a mock.
    pub(super) uri: String,
    /// `PayloadFormatVersion` as written, and where.
    pub(super) payload_format: (String, Location),
    /// Milliseconds as written, and where.
    pub(super) timeout: Option<(String, Location)>,
    /// `RequestParameters`.
    pub(super) requests: Vec<Parameter>,
    /// `ResponseParameters`, by status as written.
    pub(super) responses: Vec<(String, Vec<Parameter>)>,
    /// `RequestTemplates`, and where they stand.
    pub(super) templates: (Templates, Location),
    /// `PassthroughBehavior`.
    pub(super) passthrough: Passthrough,
    pub(super) location: Location,
}

impl IntegrationPart {
    /// One that says nothing more.
    pub(super) fn new(id: String, owner: String, kind: IntegrationKind, uri: String, location: Location) -> Self {
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

pub(super) enum IntegrationKind {
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
pub(super) struct Parameter {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) location: Location,
}

/// What becomes of a response of an integration.
pub(super) struct IntegrationResponsePart {
    pub(super) owner: String,
    pub(super) integration: String,
    pub(super) key: String,
    pub(super) response: IntegrationResponse,
    pub(super) location: Location,
}

pub(super) struct AuthorizerPart {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) kind: AuthorizerKind,
    pub(super) location: Location,
}

pub(super) enum AuthorizerKind {
    /// A function, given by its URI.
    Request(RequestAuthorizer),
    Jwt {
        source: IdentitySource,
        issuer: String,
        audience: Vec<String>,
    },
}

pub(super) struct RequestAuthorizer {
    pub(super) uri: String,
    /// As written.
    pub(super) sources: Vec<String>,
    pub(super) payload_format: Option<PayloadFormat>,
    pub(super) simple_responses: bool,
    pub(super) result_ttl: Option<Duration>,
}

/// A mapping whose function is still what the template calls it: a name or an ARN.
pub(super) struct MappingPart {
    pub(super) owner: String,
    pub(super) mapping: EventSourceMapping,
}

/// A schedule whose function is still an ARN.
pub(super) struct SchedulePart {
    pub(super) owner: String,
    pub(super) schedule: Schedule,
}

/// Fills the application; what does not fit together is reported to the reader.
pub(super) fn link(reader: &Reader<'_>, application: &mut Application) {
    let mut parts = reader.parts.take();
    let mut functions = BTreeMap::new();
    for part in std::mem::take(&mut parts.functions) {
        let id = part.function.logical_id.clone();
        if let Some(other) = functions.insert(part.arn.clone(), id.clone()) {
            let message = format!("{id}: {other} has the name `{}` already", part.function.name);
            reader.report_at(&part.function.location, message);
        }
        let mut function = part.function;
        let named = part.role.is_some();
        let statements = part.role.and_then(|role| parts.roles.get(&role));
        function.policies_elsewhere |= named && statements.is_none();
        function.policies.extend(statements.into_iter().flatten().cloned());
        application.functions.insert(id, function);
    }
    let linker = Linker {
        reader,
        functions,
        integrations: parts.integrations.iter().map(|part| (part.id.as_str(), part)).collect(),
        integration_responses: &parts.integration_responses,
        authorizers: parts.authorizers.iter().map(|part| (part.id.as_str(), part)).collect(),
        refused: &parts.refused,
        responses: &parts.responses,
        polled: &parts.polled,
    };
    let mut routes: BTreeMap<&str, Vec<&RoutePart>> = BTreeMap::new();
    for route in &parts.routes {
        routes.entry(&route.api).or_default().push(route);
    }
    for api in parts.apis {
        let own = routes.remove(api.id.as_str()).unwrap_or_default();
        let stages: Vec<&Stage> =
            parts.stages.iter().filter(|part| part.api == api.id).map(|part| &part.stage).collect();
        if !linker.has_stage(&api, &stages) {
            continue;
        }
        linker.check_throttled(&parts.stages, &api, &own);
        if api.websocket {
            let id = api.logical_id.clone();
            let api = linker.websocket(api, &stages, &own);
            application.websocket_apis.extend(api.map(|api| (id, api)));
        } else {
            let api = linker.http(api, &stages, &own);
            application.http_apis.insert(api.logical_id.clone(), api);
        }
    }
    for route in routes.into_values().flatten() {
        let message = format!("{}: `{}` is no API of this application", route.owner, route.api);
        match route.authorization {
            _ if linker.refused.contains(&route.api) => {}
            // SAM knows the APIs of its template alone.
            RouteAuth::Sam { .. } => reader.report_at(&route.location, message),
            _ => reader.leave_out_at(&route.location, message),
        }
    }
    linker.sources(application, parts.mappings, parts.schedules);
    application.resources = parts.resources;
}

struct Linker<'p> {
    reader: &'p Reader<'p>,
    /// Logical ids by ARN.
    functions: BTreeMap<String, String>,
    integrations: BTreeMap<&'p str, &'p IntegrationPart>,
    integration_responses: &'p [IntegrationResponsePart],
    authorizers: BTreeMap<&'p str, &'p AuthorizerPart>,
    refused: &'p BTreeSet<String>,
    responses: &'p BTreeSet<String>,
    polled: &'p BTreeMap<String, String>,
}

impl<'p> Linker<'p> {
    fn has_stage(&self, api: &ApiPart, stages: &[&Stage]) -> bool {
        if stages.is_empty() {
            let message = format!("{}: the API has no stage, so nobody can reach it", api.logical_id);
            self.reader.leave_out_at(&api.location, message);
        }
        let mut names = BTreeSet::new();
        for stage in stages {
            let (allowed, rule) = if api.websocket {
                (is_stage_name(&stage.name), "letters, digits, `_` and `-`; `$default` is for HTTP APIs")
            } else {
                let allowed = stage.name == "$default" || is_stage_name(&stage.name);
                (allowed, "`$default`, or letters, digits, `_` and `-`")
            };
            if !allowed {
                let message = format!("{}: `{}` is no stage name ({rule})", api.logical_id, stage.name);
                self.reader.report_at(&stage.location, message);
            }
            if !names.insert(&stage.name) {
                let message = format!("{}: the API has a stage `{}` already", api.logical_id, stage.name);
                self.reader.report_at(&stage.location, message);
            }
        }
        !stages.is_empty()
    }

    /// Limits can only be those of routes that there are, as on AWS.
    fn check_throttled(&self, stages: &[StagePart], api: &ApiPart, routes: &[&RoutePart]) {
        for (key, location) in stages.iter().filter(|part| part.api == api.id).flat_map(|part| &part.throttled) {
            if !routes.iter().any(|route| route.key == *key) {
                let message = format!("{}: `RouteSettings` names a route `{key}` that there is not", api.logical_id);
                self.reader.report_at(location, message);
            }
        }
    }

    fn alike(&self, route: &RoutePart, first: &RoutePart) {
        let Location { file, line, column } = &first.location;
        let place = format!("{}:{line}:{column}", file.display());
        let message = format!("{}: route `{}` is the same as `{}` at {place}", route.owner, route.key, first.key);
        self.reader.report_at(&route.location, message);
    }

    /// The function or the backend a route leads to, with the integration between; `None` when nothing here answers,
    /// which is told.
    fn target(&self, route: &RoutePart) -> Option<(String, Option<Backend>, &'p IntegrationPart)> {
        let integration = self.integration(route)?;
        let report = |message: &str| {
            self.reader.report_at(&integration.location, format!("{}: {message}", integration.owner));
            None
        };
        match &integration.kind {
            IntegrationKind::Mock => report("an HTTP API has no MOCK integrations"),
            IntegrationKind::CustomFunction | IntegrationKind::CustomHttp { .. } => {
                report("an HTTP API has no integrations of the types AWS and HTTP, only AWS_PROXY and HTTP_PROXY")
            }
            IntegrationKind::Http { method } => match crate::address::check(&integration.uri) {
                Ok(()) => {
                    let backend = Backend { uri: integration.uri.clone(), method: method.clone() };
                    Some((String::new(), Some(backend), integration))
                }
                Err(message) => report(&message),
            },
            IntegrationKind::Function => Some((self.answering(integration)?, None, integration)),
        }
    }

    fn integration(&self, route: &RoutePart) -> Option<&'p IntegrationPart> {
        if self.refused.contains(&route.integration) {
            return None;
        }
        let Some(integration) = self.integrations.get(route.integration.as_str()) else {
            let message = format!("{}: the route has no integration", route.owner);
            self.reader.report_at(&route.location, message);
            return None;
        };
        Some(integration)
    }

    /// The function of an integration; `None`, and told, when it is none of this application.
    fn answering(&self, integration: &IntegrationPart) -> Option<String> {
        let function = self.function(&integration.uri);
        if function.is_none() {
            self.elsewhere(&integration.uri, &integration.owner, &integration.location, ANSWER);
        }
        function
    }

    /// Notes that a function is none of this application, and what becomes of whatever needs it.
    fn elsewhere(&self, uri: &str, owner: &str, location: &Location, then: &str) {
        let message = format!("{owner}: no function of this application is `{}`: {then}", arn(uri));
        self.reader.leave_out_at(location, message);
    }

    /// Logical id of the function that a URI, an ARN or a name stands for. An alias or version is passed over.
    fn function(&self, uri: &str) -> Option<String> {
        let arn = arn(uri);
        if arn.starts_with("arn:") {
            return self.functions.get(&arn.split(':').take(7).collect::<Vec<_>>().join(":")).cloned();
        }
        // `name`, `name:alias` or `123456789012:function:name`.
        let name = arn.rsplit_once("function:").map_or(arn, |(_, name)| name);
        let name = name.split(':').next().unwrap_or(name);
        let named = |known: &&String| known.rsplit_once(":function:").is_some_and(|(_, known)| known == name);
        self.functions.keys().find(named).and_then(|known| self.functions.get(known)).cloned()
    }

    /// The integration's timeout; the longest allowed is also the default.
    fn timeout(&self, integration: &IntegrationPart, most: Duration) -> Duration {
        let Some((text, location)) = &integration.timeout else { return most };
        let least = Duration::from_millis(50);
        let given = text.parse().ok().map(Duration::from_millis).filter(|given| (least..=most).contains(given));
        given.unwrap_or_else(|| {
            let message = format!("the timeout must be from 50 to {} (milliseconds), not `{text}`", most.as_millis());
            self.reader.report_at(location, format!("{}: {message}", integration.owner));
            most
        })
    }
}

/// The function's ARN or name in what API Gateway calls an invocation URI.
fn arn(uri: &str) -> &str {
    match uri.split_once(":lambda:path/2015-03-31/functions/") {
        Some((_, rest)) => rest.strip_suffix("/invocations").unwrap_or(rest),
        None => uri,
    }
}

fn is_stage_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
