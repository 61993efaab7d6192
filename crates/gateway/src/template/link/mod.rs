//! Puts the parts together once every template is read: routes to their API, integration, authorizer and function.

pub(super) mod authorizers;
mod http;
mod mapping;
mod parts;
mod sources;
mod websocket;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::reader::Reader;
use crate::model::{Application, Backend, Location, Stage};

pub(super) use parts::{
    ApiAuth, ApiPart, AuthorizerKind, AuthorizerPart, FunctionPart, IntegrationKind, IntegrationPart,
    IntegrationResponsePart, MappingPart, Parameter, Parts, RequestAuthorizer, RouteAuth, RoutePart, SchedulePart,
    StagePart,
};

/// What becomes of routes whose integration does not run here. Left out altogether, a request for one would go to the
/// next best route, and a person would look for the mistake there.
pub(super) const ANSWER: &str = "its routes answer 500";

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
        // `arn:aws:apigateway:{region}:{service}:action/…`
        let service = uri.strip_prefix("arn:aws:apigateway:").and_then(|rest| rest.split(':').nth(1));
        let message = match service.filter(|service| *service != "lambda") {
            Some(service) => {
                format!("{owner}: only functions and HTTP servers run here, not the service `{service}`: {then}")
            }
            None => format!("{owner}: no function of this application is `{}`: {then}", arn(uri)),
        };
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
