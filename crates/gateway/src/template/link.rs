//! Puts the parts together once every template is read: routes to their API, integration and function.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::http;
use super::reader::Reader;
use crate::model::{
    Application, Cors, Function, HttpApi, HttpRoute, Location, Resource, Statement, WebSocketApi, WebSocketAuthorizer,
    WebSocketRoute,
};

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
    pub(super) authorizers: Vec<AuthorizerPart>,
    /// Ids of routes with a `$default` route response.
    pub(super) responses: BTreeSet<String>,
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
    pub(super) location: Location,
}

pub(super) struct StagePart {
    pub(super) api: String,
    pub(super) name: String,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) location: Location,
}

pub(super) struct RoutePart {
    pub(super) id: String,
    /// Begins messages about it.
    pub(super) owner: String,
    pub(super) api: String,
    pub(super) key: String,
    pub(super) integration: String,
    pub(super) authorizer: Option<String>,
    pub(super) location: Location,
}

pub(super) struct IntegrationPart {
    pub(super) id: String,
    pub(super) owner: String,
    /// A function's ARN, or the API Gateway form that contains one.
    pub(super) uri: String,
    pub(super) payload_format: String,
    /// Milliseconds as written, and where.
    pub(super) timeout: Option<(String, Location)>,
    pub(super) location: Location,
}

pub(super) struct AuthorizerPart {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) uri: String,
    pub(super) sources: Vec<String>,
    pub(super) location: Location,
}

/// Fills the application; what does not fit together is reported to the reader.
pub(super) fn link(reader: &Reader<'_>, application: &mut Application) {
    let parts = reader.parts.take();
    let mut linker = Linker { reader, functions: BTreeMap::new() };
    linker.functions(application, parts.functions, &parts.roles);
    let mut routes: BTreeMap<&str, Vec<&RoutePart>> = BTreeMap::new();
    for route in &parts.routes {
        routes.entry(&route.api).or_default().push(route);
    }
    let integrations: BTreeMap<&str, &IntegrationPart> =
        parts.integrations.iter().map(|i| (i.id.as_str(), i)).collect();
    let authorizers: BTreeMap<&str, &AuthorizerPart> = parts.authorizers.iter().map(|a| (a.id.as_str(), a)).collect();
    for api in parts.apis {
        let own = routes.remove(api.id.as_str()).unwrap_or_default();
        let Some(stage) = linker.stage(&api, &parts.stages) else { continue };
        if api.websocket {
            let id = api.logical_id.clone();
            let api = linker.websocket(api, stage, &own, &integrations, &authorizers, &parts.responses);
            application.websocket_apis.extend(api.map(|api| (id, api)));
        } else {
            let api = linker.http(api, stage, &own, &integrations);
            application.http_apis.insert(api.logical_id.clone(), api);
        }
    }
    for route in routes.into_values().flatten() {
        let message = format!("{}: `{}` is no API of this application", route.owner, route.api);
        reader.report_at(&route.location, message);
    }
    application.resources = parts.resources;
}

struct Linker<'r> {
    reader: &'r Reader<'r>,
    /// Logical ids by ARN.
    functions: BTreeMap<String, String>,
}

impl Linker<'_> {
    fn functions(
        &mut self,
        application: &mut Application,
        parts: Vec<FunctionPart>,
        roles: &BTreeMap<String, Vec<Statement>>,
    ) {
        for part in parts {
            let mut function = part.function;
            let statements = part.role.and_then(|role| roles.get(&role));
            function.policies.extend(statements.into_iter().flatten().cloned());
            let id = function.logical_id.clone();
            if let Some(other) = self.functions.insert(part.arn, id.clone()) {
                let message = format!("{id}: {other} has the name `{}` already", function.name);
                self.reader.report_at(&function.location, message);
            }
            application.functions.insert(id, function);
        }
    }

    fn stage<'p>(&self, api: &ApiPart, stages: &'p [StagePart]) -> Option<&'p StagePart> {
        let mut own = stages.iter().filter(|stage| stage.api == api.id);
        let Some(stage) = own.next() else {
            self.reader.report_at(&api.location, format!("{}: the API has no stage", api.logical_id));
            return None;
        };
        for further in own {
            let message = format!("{}: only one stage is supported here, and `{}` is one", api.logical_id, stage.name);
            self.reader.report_at(&further.location, message);
        }
        let (allowed, rule) = if api.websocket {
            (is_stage_name(&stage.name), "letters, digits, `_` and `-`; `$default` is for HTTP APIs")
        } else {
            (stage.name == "$default" || is_stage_name(&stage.name), "`$default`, or letters, digits, `_` and `-`")
        };
        if !allowed {
            let message = format!("{}: `{}` is no stage name ({rule})", api.logical_id, stage.name);
            self.reader.report_at(&stage.location, message);
        }
        Some(stage)
    }

    fn http(
        &self,
        api: ApiPart,
        stage: &StagePart,
        routes: &[&RoutePart],
        integrations: &BTreeMap<&str, &IntegrationPart>,
    ) -> HttpApi {
        let mut seen: BTreeMap<String, &RoutePart> = BTreeMap::new();
        let mut linked = Vec::new();
        for route in routes {
            if let Err(message) = http::check_key(&route.key) {
                self.reader.report_at(&route.location, format!("{}: {message}", route.owner));
                continue;
            }
            if route.authorizer.is_some() {
                let message = "authorizers of an HTTP API are not supported here: the route would be open";
                self.reader.report_at(&route.location, format!("{}: {message}", route.owner));
            }
            if let Some(first) = seen.insert(http::shape(&route.key), route) {
                self.alike(route, first);
                continue;
            }
            let Some((function, integration)) = self.target(route, integrations) else { continue };
            if integration.payload_format != "2.0" {
                let message = format!("payload format {} is not supported here, only 2.0", integration.payload_format);
                self.reader.report_at(&integration.location, format!("{}: {message}", integration.owner));
            }
            let (method, path) = route.key.split_once(' ').unwrap_or((&route.key, ""));
            linked.push(HttpRoute {
                method: method.to_owned(),
                path: path.to_owned(),
                function,
                timeout: self.timeout(integration, 30_000),
                location: route.location.clone(),
            });
        }
        HttpApi {
            logical_id: api.logical_id,
            api_id: api.id,
            stage: stage.name.clone(),
            stage_variables: stage.variables.clone(),
            routes: linked,
            cors: api.cors,
            location: api.location,
        }
    }

    fn websocket(
        &self,
        api: ApiPart,
        stage: &StagePart,
        routes: &[&RoutePart],
        integrations: &BTreeMap<&str, &IntegrationPart>,
        authorizers: &BTreeMap<&str, &AuthorizerPart>,
        responses: &BTreeSet<String>,
    ) -> Option<WebSocketApi> {
        let mut seen: BTreeMap<&str, &RoutePart> = BTreeMap::new();
        let mut linked = BTreeMap::new();
        let mut authorizer = None;
        for route in routes {
            if let Some(first) = seen.insert(&route.key, route) {
                self.alike(route, first);
                continue;
            }
            if let Some(id) = &route.authorizer {
                if route.key == "$connect" {
                    authorizer = self.authorizer(route, id, authorizers);
                } else {
                    let message = format!("{}: only `$connect` can have an authorizer", route.owner);
                    self.reader.report_at(&route.location, message);
                }
            }
            let Some((function, integration)) = self.target(route, integrations) else { continue };
            let linked_route = WebSocketRoute {
                function,
                two_way: responses.contains(&route.id),
                timeout: self.timeout(integration, 29_000),
                location: route.location.clone(),
            };
            linked.insert(route.key.clone(), linked_route);
        }
        Some(WebSocketApi {
            logical_id: api.logical_id,
            api_id: api.id,
            stage: stage.name.clone(),
            stage_variables: stage.variables.clone(),
            route_selection_expression: api.selection?,
            routes: linked,
            authorizer,
            location: api.location,
        })
    }

    fn alike(&self, route: &RoutePart, first: &RoutePart) {
        let Location { file, line, column } = &first.location;
        let place = format!("{}:{line}:{column}", file.display());
        let message = format!("{}: route `{}` is the same as `{}` at {place}", route.owner, route.key, first.key);
        self.reader.report_at(&route.location, message);
    }

    /// The function a route leads to, with the integration between.
    fn target<'p>(
        &self,
        route: &RoutePart,
        integrations: &BTreeMap<&str, &'p IntegrationPart>,
    ) -> Option<(String, &'p IntegrationPart)> {
        let Some(integration) = integrations.get(route.integration.as_str()) else {
            let message = format!("{}: the route has no integration with a function", route.owner);
            self.reader.report_at(&route.location, message);
            return None;
        };
        let function = self.function(&integration.uri, &integration.owner, &integration.location)?;
        Some((function, integration))
    }

    fn authorizer(
        &self,
        route: &RoutePart,
        id: &str,
        authorizers: &BTreeMap<&str, &AuthorizerPart>,
    ) -> Option<WebSocketAuthorizer> {
        let Some(part) = authorizers.get(id) else {
            let message = format!("{}: `{id}` is no authorizer of this application", route.owner);
            self.reader.report_at(&route.location, message);
            return None;
        };
        for source in &part.sources {
            let known = ["route.request.header.", "route.request.querystring.", "stageVariables.", "context."];
            if !known.iter().any(|prefix| source.strip_prefix(prefix).is_some_and(|name| !name.is_empty())) {
                let known = known.map(|prefix| format!("{prefix}X")).join(", ");
                let message = format!("{}: `{source}` is no identity source (known: {known})", part.owner);
                self.reader.report_at(&part.location, message);
            }
        }
        let function = self.function(&part.uri, &part.owner, &part.location)?;
        Some(WebSocketAuthorizer { function, identity_sources: part.sources.clone() })
    }

    /// Logical id of the function that a URI names. An alias or version behind the ARN is passed over.
    fn function(&self, uri: &str, owner: &str, location: &Location) -> Option<String> {
        let arn = match uri.split_once(":lambda:path/2015-03-31/functions/") {
            Some((_, rest)) => rest.strip_suffix("/invocations").unwrap_or(rest),
            None => uri,
        };
        let unqualified = arn.split(':').take(7).collect::<Vec<_>>().join(":");
        let function = self.functions.get(&unqualified).cloned();
        if function.is_none() {
            self.reader.report_at(location, format!("{owner}: no function of this application is `{arn}`"));
        }
        function
    }

    /// The integration's timeout; the longest allowed is also the default.
    fn timeout(&self, integration: &IntegrationPart, most: u64) -> Duration {
        let Some((text, location)) = &integration.timeout else { return Duration::from_millis(most) };
        let given = text.parse().ok().filter(|milliseconds| (50..=most).contains(milliseconds));
        if given.is_none() {
            let message = format!("the timeout must be from 50 to {most} (milliseconds), not `{text}`");
            self.reader.report_at(location, format!("{}: {message}", integration.owner));
        }
        Duration::from_millis(given.unwrap_or(most))
    }
}

fn is_stage_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
