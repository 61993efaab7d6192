//! HTTP APIs of SAM: `AWS::Serverless::HttpApi` and the implicit API (gateway facts T-01, C-07).

use std::collections::BTreeSet;

use super::fields::Fields;
use super::link::{ApiPart, StagePart};
use super::node::{Entry, Kind, Mark, Node};
use super::stack::{Declared, Stack};
use super::{auth, events, openapi, throttling};
use crate::model::{Cors, Stage};

/// Logical id of the implicit API.
pub(super) const IMPLICIT: &str = "ServerlessHttpApi";

/// The API that SAM makes for events that name none.
pub(super) fn implicit(stack: &Stack<'_>, globals: &Node) -> Option<Declared> {
    if stack.find(IMPLICIT).is_some() {
        return None;
    }
    let mut first: Option<Mark> = None;
    let mut conditions = BTreeSet::new();
    for declared in stack.resources.iter().filter(|declared| declared.kind == "AWS::Serverless::Function") {
        for (at, properties) in events::raw(declared) {
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

/// What the transform makes for an API, by the names it gives: the stage, `{Api}ApiGatewayDefaultStage` or
/// `{Api}{Name}Stage`, and of a domain the mappings, `{Api}{BasePath}ApiMapping`.
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
    apis.clone().map(stage).chain(apis.flat_map(mappings)).collect()
}

fn mappings(api: &Declared) -> Vec<Declared> {
    let Some(domain) = api.properties.get("Domain") else { return Vec::new() };
    let paths = match domain.get("BasePath").map(|paths| &paths.kind) {
        Some(Kind::List(paths)) => paths.iter().filter_map(Node::as_text).collect(),
        _ => vec![""],
    };
    let mapping = |path: &str| Declared {
        id: format!("{}{}ApiMapping", api.id, path.replace(|c: char| !c.is_ascii_alphanumeric(), "")),
        kind: "AWS::ApiGatewayV2::ApiMapping".into(),
        at: api.at,
        properties: Node::map(api.at, Vec::new()),
        condition: api.condition.clone(),
        depends_on: Vec::new(),
        generated: true,
    };
    paths.into_iter().map(mapping).collect()
}

pub(super) fn api(stack: &Stack<'_>, declared: &Declared, properties: &Node) {
    let fields = Fields::new(stack, &declared.id, properties);
    let defined_elsewhere = match properties.get("DefinitionUri") {
        Some(node) => {
            let hint = "`DefinitionBody` with AWS::Include is";
            fields.leave_out(node.at, format_args!("the API is left out: `DefinitionUri` is not read here, {hint}"));
            true
        }
        // What keeps it from being known is told.
        None => properties.get("DefinitionBody").is_some_and(Node::is_broken),
    };
    if defined_elsewhere {
        // Events add nothing to a definition that the transform does not see, nor does anybody know who may call it.
        stack.reader.parts.borrow_mut().refused.insert(stack.id_of(&declared.id));
        return;
    }
    let mut auth = auth::read(&fields, declared);
    let defined = openapi::read(&fields, declared, "DefinitionBody", &mut auth);
    let part = ApiPart {
        logical_id: stack.full_id(&declared.id),
        id: stack.id_of(&declared.id),
        websocket: false,
        selection: None,
        cors: cors(&fields).or(defined),
        auth: Some(auth),
        location: stack.location(declared.at),
    };
    let (throttling, throttled) = throttling::read(&fields);
    let stage = Stage {
        name: fields.text("StageName").unwrap_or_else(|| "$default".into()),
        variables: fields.strings("StageVariables"),
        throttling,
        location: fields.location("StageName"),
    };
    let stage = StagePart { api: part.id.clone(), stage, throttled };
    let mut parts = stack.reader.parts.borrow_mut();
    parts.apis.push(part);
    parts.stages.push(stage);
}

const KEYS: [&str; 6] = ["AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge", "AllowCredentials"];

/// `CorsConfiguration`: true, or a mapping.
pub(super) fn cors(fields: &Fields<'_>) -> Option<Cors> {
    let node = fields.get("CorsConfiguration")?;
    if matches!(node.kind, Kind::Scalar { .. }) {
        let on = fields.flag("CorsConfiguration")?;
        return on.then(|| Cors { allow_origins: vec!["*".into()], ..Cors::default() });
    }
    Some(cors_of(&fields.part(node)))
}

/// Settings of CORS.
pub(super) fn cors_of(inner: &Fields<'_>) -> Cors {
    for entry in inner.node.entries() {
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
        inner.report(inner.node.at, "AllowCredentials cannot go with the origin `*`");
    }
    cors
}
