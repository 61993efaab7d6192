//! HTTP APIs of SAM: `AWS::Serverless::HttpApi`, the implicit API, and `HttpApi` events (gateway facts T-01, C-07).

use std::collections::BTreeSet;

use super::fields::Fields;
use super::link::{ApiPart, IntegrationPart, RoutePart, StagePart};
use super::node::{Entry, Kind, Mark, Node};
use super::stack::{Declared, Stack};
use crate::model::Cors;

const IMPLICIT: &str = "ServerlessHttpApi";
const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The API that SAM makes for events that name none.
pub(super) fn implicit(stack: &Stack<'_>, globals: &Node) -> Option<Declared> {
    if stack.find(IMPLICIT).is_some() {
        return None;
    }
    let mut first: Option<Mark> = None;
    let mut conditions = BTreeSet::new();
    for declared in stack.resources.iter().filter(|declared| declared.kind == "AWS::Serverless::Function") {
        for (at, properties) in raw_events(declared) {
            if properties.is_none_or(|properties| properties.get("ApiId").is_none()) {
                first.get_or_insert(at);
                conditions.insert(declared.condition.clone().map(|(name, at)| (name, (at.line, at.column))));
            }
        }
    }
    let at = first?;
    let only = if conditions.len() == 1 { conditions.pop_first().flatten() } else { None };
    Some(Declared {
        id: IMPLICIT.into(),
        kind: "AWS::Serverless::HttpApi".into(),
        at,
        properties: globals.get("HttpApi").cloned().unwrap_or_else(|| Node::map(at, Vec::new())),
        condition: only.map(|(name, (line, column))| (name, Mark { line, column })),
        depends_on: Vec::new(),
        generated: false,
    })
}

/// The stage the transform makes for an API, by the name it gives it: `{Api}ApiGatewayDefaultStage` or `{Api}{Name}Stage`.
pub(super) fn generated(stack: &Stack<'_>) -> Vec<Declared> {
    let apis = stack.resources.iter().filter(|declared| declared.kind == "AWS::Serverless::HttpApi");
    let stage = |api: &Declared| {
        let name = api.properties.get("StageName");
        let prefix = name.map_or(Some("ApiGatewayDefault"), Node::as_text).unwrap_or_default();
        let value = name.cloned().unwrap_or_else(|| Node::text(api.at, "$default"));
        Declared {
            id: format!("{}{prefix}Stage", api.id),
            kind: "AWS::ApiGatewayV2::Stage".into(),
            at: api.at,
            properties: Node::map(api.at, vec![Entry { key: "StageName".into(), at: api.at, value }]),
            condition: api.condition.clone(),
            depends_on: Vec::new(),
            generated: true,
        }
    };
    apis.map(stage).collect()
}

/// Place and unresolved properties of a function's `HttpApi` events.
fn raw_events(declared: &Declared) -> impl Iterator<Item = (Mark, Option<&Node>)> {
    let events = declared.properties.get("Events").map(Node::entries).unwrap_or_default();
    let of_http = events.iter().filter(|event| event.value.get("Type").and_then(Node::as_text) == Some("HttpApi"));
    of_http.map(|event| (event.at, event.value.get("Properties")))
}

/// An API's definition names its functions, so it depends on them: a function cannot refer back to it.
pub(super) fn depend(stack: &Stack<'_>, declared: &Declared) {
    for (at, properties) in raw_events(declared) {
        let api = match properties.and_then(|properties| properties.get("ApiId")) {
            None => Some(IMPLICIT),
            Some(api) => api.call().and_then(|(_, name)| name.as_text()),
        };
        if let Some(api) = api.and_then(|api| stack.find(api)) {
            stack.edges.borrow_mut().add(&api.id, &declared.id, at);
        }
    }
}

pub(super) fn api(stack: &Stack<'_>, declared: &Declared, properties: &Node) {
    let fields = Fields::new(stack, &declared.id, properties);
    for key in ["DefinitionBody", "DefinitionUri"] {
        if let Some(node) = fields.get(key) {
            fields.report(node.at, format_args!("`{key}` is not supported here; give the routes as function events"));
        }
    }
    if let Some(auth) = fields.get("Auth") {
        fields.report(auth.at, "authorizers of an HTTP API are not supported here: its routes would be open");
    }
    let part = ApiPart {
        logical_id: stack.full_id(&declared.id),
        id: stack.id_of(&declared.id),
        websocket: false,
        selection: None,
        cors: cors(&fields),
        location: stack.location(declared.at),
    };
    let stage = StagePart {
        api: part.id.clone(),
        name: fields.text("StageName").unwrap_or_else(|| "$default".into()),
        variables: fields.strings("StageVariables"),
        location: fields.location("StageName"),
    };
    let mut parts = stack.reader.parts.borrow_mut();
    parts.apis.push(part);
    parts.stages.push(stage);
}

/// `CorsConfiguration`: true, or a mapping.
pub(super) fn cors(fields: &Fields<'_>) -> Option<Cors> {
    const KEYS: [&str; 6] =
        ["AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge", "AllowCredentials"];
    let node = fields.get("CorsConfiguration")?;
    if matches!(node.kind, Kind::Scalar { .. }) {
        let on = fields.flag("CorsConfiguration")?;
        return on.then(|| Cors { allow_origins: vec!["*".into()], ..Cors::default() });
    }
    let inner = fields.part(node);
    for entry in node.entries() {
        if !KEYS.contains(&entry.key.as_str()) {
            let hint = super::similar::hint(&entry.key, KEYS.into_iter());
            inner.report(entry.at, format_args!("unknown property `{}` of CorsConfiguration{hint}", entry.key));
        }
    }
    let cors = Cors {
        allow_origins: inner.texts("AllowOrigins"),
        allow_methods: inner.texts("AllowMethods"),
        allow_headers: inner.texts("AllowHeaders"),
        expose_headers: inner.texts("ExposeHeaders"),
        max_age: inner.number("MaxAge", 0..=86_400, " (seconds)"),
        allow_credentials: inner.flag("AllowCredentials").unwrap_or(false),
    };
    if cors.allow_credentials && cors.allow_origins.iter().any(|origin| origin == "*") {
        inner.report(node.at, "AllowCredentials cannot go with the origin `*`");
    }
    Some(cors)
}

/// Routes of a function's events.
pub(super) fn events(stack: &Stack<'_>, declared: &Declared, properties: &Node) {
    for event in properties.get("Events").map(Node::entries).unwrap_or_default() {
        let owner = format!("{}, event {}", declared.id, event.key);
        let fields = Fields::new(stack, owner.as_str(), &event.value);
        match fields.required("Type", event.at).as_deref() {
            Some("HttpApi") => {
                let none = Node::map(event.at, Vec::new());
                let inner = Fields::new(stack, owner, fields.get("Properties").unwrap_or(&none));
                route(&inner, declared, event.at);
            }
            Some("Api") => fields.report(event.at, "REST APIs are not supported here; use an event of type HttpApi"),
            // Schedules, streams and queues are no routes.
            _ => {}
        }
    }
}

fn route(fields: &Fields<'_>, function: &Declared, at: Mark) {
    let stack = fields.stack;
    let (method, path) = (fields.text("Method"), fields.text("Path"));
    for key in ["Method", "Path"] {
        if fields.node.get(key).is_some_and(Node::is_broken) {
            return;
        }
    }
    if method.is_some() && path.is_none() {
        fields.report(at, "`Path` is missing");
        return;
    }
    if let Some(node) = fields.get("Auth").and_then(|auth| auth.get("Authorizer"))
        && node.as_text() != Some("NONE")
    {
        fields.report(node.at, "authorizers of an HTTP API are not supported here: the route would be open");
    }
    let key = match path.as_deref() {
        None | Some("$default") => "$default".to_owned(),
        Some(path) => {
            let method = match method.as_deref() {
                None | Some("x-amazon-apigateway-any-method") => "ANY".to_owned(),
                Some(method) => method.to_ascii_uppercase(),
            };
            // The SAM transform takes a closing slash away (gateway fact H-08).
            let path = if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
            format!("{method} {path}")
        }
    };
    if let Err(message) = check_key(&key) {
        let wrong = if message.starts_with("unknown method") { "Method" } else { "Path" };
        let place = fields.get(wrong).map_or(at, |node| node.at);
        fields.report(place, message);
        return;
    }
    let api = match fields.node.get("ApiId") {
        None => stack.id_of(IMPLICIT),
        Some(_) => match fields.text("ApiId") {
            Some(api) => api,
            None => return,
        },
    };
    let Some(name) = stack.name_of(function) else { return };
    let id = stack.id_of(&format!("{}/{key}/{}/{}", function.id, at.line, at.column));
    let timeout = fields.text("TimeoutInMillis").map(|text| (text, fields.location("TimeoutInMillis")));
    let integration = IntegrationPart {
        id: id.clone(),
        owner: fields.owner.clone(),
        uri: stack.function_arn(&name),
        payload_format: fields.text("PayloadFormatVersion").unwrap_or_else(|| "2.0".into()),
        timeout,
        location: stack.location(at),
    };
    let route = RoutePart {
        id: id.clone(),
        owner: fields.owner.clone(),
        api,
        key,
        integration: id,
        authorizer: None,
        location: stack.location(at),
    };
    let mut parts = stack.reader.parts.borrow_mut();
    parts.integrations.push(integration);
    parts.routes.push(route);
}

/// Why a text is no route key of an HTTP API: `$default`, or a method and a path (gateway facts H-04, H-05, H-08).
pub(super) fn check_key(key: &str) -> Result<(), String> {
    if key == "$default" {
        return Ok(());
    }
    let Some((method, path)) = key.split_once(' ') else {
        return Err(format!("`{key}` is no route key: it must be `$default`, or a method and a path"));
    };
    if !METHODS.contains(&method) {
        return Err(format!("unknown method `{method}`; it must be one of {}", METHODS.join(", ")));
    }
    let Some(inner) = path.strip_prefix('/') else {
        return Err(format!("the path `{path}` must begin with `/`"));
    };
    if inner.is_empty() {
        return Ok(());
    }
    if inner.ends_with('/') {
        return Err(format!("the path `{path}` must not end with `/`"));
    }
    let mut names = BTreeSet::new();
    let segments: Vec<&str> = inner.split('/').collect();
    for (position, segment) in segments.iter().enumerate() {
        let Some(variable) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            if segment.contains(['{', '}']) {
                return Err(format!("malformed braces in `{path}`: a variable is a whole segment, `{{name}}`"));
            }
            if segment.is_empty() || segment.contains(char::is_whitespace) {
                return Err(format!("the path `{path}` has an empty segment or a space"));
            }
            continue;
        };
        let name = variable.strip_suffix('+').unwrap_or(variable);
        if name.is_empty() || name.contains(|c: char| !c.is_ascii_alphanumeric() && !"._-$:".contains(c)) {
            return Err(format!("malformed braces in `{path}`: `{segment}` is no variable"));
        }
        if variable.ends_with('+') && position + 1 < segments.len() {
            return Err(format!("the greedy variable `{segment}` of `{path}` must be the last segment"));
        }
        if !names.insert(name) {
            return Err(format!("the variable `{name}` stands twice in `{path}`"));
        }
    }
    Ok(())
}

/// A route key without the names of its variables: routes of the same shape are the same route to the gateway.
pub(super) fn shape(key: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{') {
        Some(variable) if variable.ends_with("+}") => "{+}".to_owned(),
        Some(_) => "{}".to_owned(),
        None => segment.to_owned(),
    };
    key.split('/').map(segment).collect::<Vec<_>>().join("/")
}
