//! WebSocket APIs: routes, two-way or not, and the authorizer of `$connect`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{ANSWER, ApiPart, AuthorizerKind, IntegrationKind, IntegrationPart, Linker, RouteAuth, RoutePart};
use crate::address;
use crate::model::{
    Backend, Custom, Location, Stage, Target, Templates, WebSocketApi, WebSocketAuthorizer, WebSocketRoute,
};
use crate::socket::custom::{self, parameters};

/// Longest timeout of an integration.
const LONGEST: Duration = Duration::from_secs(29);
/// What identity sources of `$connect` begin with (gateway fact W-40).
const SOURCES: [&str; 4] = ["route.request.header.", "route.request.querystring.", "stageVariables.", "context."];

impl Linker<'_> {
    pub(super) fn websocket(&self, api: ApiPart, stages: &[&Stage], routes: &[&RoutePart]) -> Option<WebSocketApi> {
        let (stage, further) = stages.split_first()?;
        for further in further {
            let (api, stage, left) = (&api.logical_id, &stage.name, &further.name);
            let message = format!("{api}: the stage `{left}` is left out: only one runs here, `{stage}`");
            self.reader.leave_out_at(&further.location, message);
        }
        let mut seen: BTreeMap<&str, &RoutePart> = BTreeMap::new();
        let mut linked = BTreeMap::new();
        let (mut authorizer, mut signed) = (None, false);
        for route in routes {
            if let Some(first) = seen.insert(&route.key, route) {
                self.alike(route, first);
                continue;
            }
            match &route.authorization {
                RouteAuth::Open => {}
                RouteAuth::By { authorizer: id, .. } if route.key == "$connect" => {
                    authorizer = self.connect_authorizer(route, id);
                }
                RouteAuth::Iam if route.key == "$connect" => signed = true,
                RouteAuth::By { .. } | RouteAuth::Sam { .. } | RouteAuth::Iam => {
                    let message = format!("{}: only `$connect` can have an authorizer", route.owner);
                    self.reader.report_at(&route.location, message);
                }
            }
            let integration = self.integration(route);
            let answers = integration.and_then(|integration| self.answers(integration));
            let (function, custom) = answers.unwrap_or_default();
            let linked_route = WebSocketRoute {
                function,
                custom,
                two_way: self.responses.contains(&route.id),
                timeout: integration.map_or(LONGEST, |integration| self.timeout(integration, LONGEST)),
                location: route.location.clone(),
            };
            linked.insert(route.key.clone(), linked_route);
        }
        Some(WebSocketApi {
            logical_id: api.logical_id,
            api_id: api.id,
            stage: stage.name.clone(),
            stage_variables: stage.variables.clone(),
            throttling: stage.throttling.clone(),
            route_selection_expression: api.selection?,
            routes: linked,
            authorizer,
            signed,
            location: api.location,
        })
    }

    /// The function that answers, and how, unless it is proxied; `None` when nothing here answers, which is told.
    fn answers(&self, integration: &IntegrationPart) -> Option<(String, Option<Custom>)> {
        let function = || self.answering(integration);
        let backend = |method: &str| match address::check(&integration.uri) {
            Ok(()) => Some(Backend { uri: integration.uri.clone(), method: method.to_owned() }),
            Err(message) => {
                self.reader.report_at(&integration.location, format!("{}: {message}", integration.owner));
                None
            }
        };
        let custom = |target| self.custom(integration, target).map(Some);
        Some(match &integration.kind {
            IntegrationKind::Function => (function()?, None),
            IntegrationKind::CustomFunction => (function()?, custom(Target::Function)?),
            IntegrationKind::Http { method } => (String::new(), custom(Target::HttpProxy(backend(method)?))?),
            IntegrationKind::CustomHttp { method } => (String::new(), custom(Target::Http(backend(method)?))?),
            IntegrationKind::Mock => (String::new(), custom(Target::Mock)?),
        })
    }

    /// What goes there and comes back; what cannot be rendered or mapped is told (gateway facts W-37, W-51, W-54), and
    /// `None`.
    fn custom(&self, integration: &IntegrationPart, target: Target) -> Option<Custom> {
        let renders = |owner: &str, templates: &Templates, location: &Location| {
            let unknown = templates.templates.values().filter_map(|template| custom::check(template).err());
            unknown.map(|message| self.reader.leave_out_at(location, format!("{owner}: {message}: {ANSWER}"))).count()
                == 0
        };
        let (requests, location) = &integration.templates;
        let mut all = renders(&integration.owner, requests, location);
        let mut responses = BTreeMap::new();
        for part in self.integration_responses.iter().filter(|part| part.integration == integration.id) {
            all &= renders(&part.owner, &part.response.templates, &part.location);
            if let Err(message) = custom::expression(&part.key) {
                self.reader.report_at(&part.location, format!("{}: {message}", part.owner));
            }
            responses.insert(part.key.clone(), part.response.clone());
        }
        let parameter = |written: &super::Parameter| match parameters::read(&written.key, &written.value) {
            Ok(parameter) => Some(parameter),
            Err(message) => {
                self.reader.report_at(&written.location, format!("{}: {message}", integration.owner));
                None
            }
        };
        let parameters = integration.requests.iter().filter_map(parameter).collect();
        let passthrough = integration.passthrough;
        all.then(|| Custom { target, parameters, requests: requests.clone(), passthrough, responses })
    }

    fn connect_authorizer(&self, route: &RoutePart, id: &str) -> Option<WebSocketAuthorizer> {
        let Some(part) = self.authorizers.get(id) else {
            let message = format!("{}: `{id}` is no authorizer of this application", route.owner);
            self.reader.report_at(&route.location, message);
            return None;
        };
        let AuthorizerKind::Request(request) = &part.kind else {
            let message = "a WebSocket API has REQUEST authorizers only, not JWT";
            self.reader.report_at(&part.location, format!("{}: {message}", part.owner));
            return None;
        };
        for source in &request.sources {
            if !SOURCES.iter().any(|prefix| source.strip_prefix(prefix).is_some_and(|name| !name.is_empty())) {
                let known = SOURCES.map(|prefix| format!("{prefix}X")).join(", ");
                let message = format!("{}: `{source}` is no identity source (known: {known})", part.owner);
                self.reader.report_at(&part.location, message);
            }
        }
        let function = self.authorizing(request, part);
        Some(WebSocketAuthorizer { function, identity_sources: request.sources.clone() })
    }
}
