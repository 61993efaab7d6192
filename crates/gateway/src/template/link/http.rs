//! HTTP APIs: stages, routes, and who may call them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{ApiPart, IntegrationPart, Linker, RoutePart};
use crate::model::{HttpApi, HttpRoute, PayloadFormat, Stage};
use crate::template::route_keys;

/// Longest timeout of an integration.
const LONGEST: Duration = Duration::from_secs(30);

impl Linker<'_> {
    pub(super) fn http(&self, api: ApiPart, stages: &[&Stage], routes: &[&RoutePart]) -> HttpApi {
        let mut seen: BTreeMap<String, &RoutePart> = BTreeMap::new();
        let mut linked = Vec::new();
        let mut authorizers = BTreeMap::new();
        for route in routes {
            if let Err(message) = route_keys::check_key(&route.key) {
                self.reader.report_at(&route.location, format!("{}: {message}", route.owner));
                continue;
            }
            if let Some(first) = seen.insert(route_keys::shape(&route.key), route) {
                self.alike(route, first);
                continue;
            }
            let authorization = self.authorization(&api, route, &mut authorizers);
            let (function, backend, integration) = match self.target(route) {
                Some((function, backend, integration)) => (function, backend, Some(integration)),
                None => (String::new(), None, None),
            };
            let (method, path) = route.key.split_once(' ').unwrap_or((&route.key, ""));
            linked.push(HttpRoute {
                method: method.to_owned(),
                path: path.to_owned(),
                function,
                backend,
                mapping: integration.map(|integration| self.mapping(integration)).unwrap_or_default(),
                payload_format: integration.map(|integration| self.payload_format(integration)).unwrap_or_default(),
                // What is not understood was reported: the application is not run.
                authorization: authorization.unwrap_or_default(),
                timeout: integration.map_or(LONGEST, |integration| self.timeout(integration, LONGEST)),
                location: route.location.clone(),
            });
        }
        let with_events = |stage: &&Stage| {
            let mut stage = Stage::clone(stage);
            let own = routes.iter().filter_map(|route| Some((route.key.clone(), route.throttle?)));
            stage.throttling.routes.extend(own);
            stage
        };
        HttpApi {
            logical_id: api.logical_id,
            api_id: api.id,
            stages: stages.iter().map(with_events).collect(),
            routes: linked,
            cors: api.cors,
            authorizers,
            location: api.location,
        }
    }

    fn payload_format(&self, integration: &IntegrationPart) -> PayloadFormat {
        let (text, location) = &integration.payload_format;
        super::authorizers::payload_format(text).unwrap_or_else(|message| {
            self.reader.report_at(location, format!("{}: {message}", integration.owner));
            PayloadFormat::default()
        })
    }
}
