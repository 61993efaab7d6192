//! `Events` of a SAM function: routes, event source mappings, schedules (gateway facts T-01, T-02).

use super::fields::Fields;
use super::http::IMPLICIT;
use super::link::{IntegrationKind, IntegrationPart, RouteAuth, RoutePart};
use super::node::{Entry, Kind, Mark, Node};
use super::stack::{Declared, Stack};
use super::{route_keys, schedules, similar, sources, throttling};
use crate::model::OtherEvent;

/// Types of events that SAM knows and nothing here runs.
const OTHERS: [&str; 15] = [
    "AlexaSkill",
    "CloudWatchEvent",
    "CloudWatchLogs",
    "Cognito",
    "DocumentDB",
    "EventBridgeRule",
    "IoTRule",
    "Kinesis",
    "MQ",
    "MSK",
    "S3",
    "SNS",
    "SelfManagedKafka",
    "CloudFormation",
    "CodeCommit",
];
const TYPES: [&str; 5] = ["DynamoDB", "HttpApi", "SQS", "Schedule", "ScheduleV2"];
const ROUTE: [&str; 8] =
    ["ApiId", "Auth", "Method", "Path", "PayloadFormatVersion", "RouteSettings", "Stage", "TimeoutInMillis"];

/// Place and unresolved properties of a function's `HttpApi` events.
pub(super) fn raw(declared: &Declared) -> impl Iterator<Item = (Mark, Option<&Node>)> {
    let events = declared.properties.get("Events").map(Node::entries).unwrap_or_default();
    let of_http = events.iter().filter(|event| event.value.get("Type").and_then(Node::as_text) == Some("HttpApi"));
    of_http.map(|event| (event.at, event.value.get("Properties")))
}

/// An API's definition names its functions, so it depends on them: a function cannot refer back to it.
pub(super) fn depend(stack: &Stack<'_>, declared: &Declared) {
    for (at, properties) in raw(declared) {
        let api = match properties.and_then(|properties| properties.get("ApiId")) {
            None => Some(IMPLICIT),
            Some(api) => api.call().and_then(|(_, name)| name.as_text()),
        };
        if let Some(api) = api.and_then(|api| stack.find(api)) {
            stack.edges.borrow_mut().add(&api.id, &declared.id, at);
        }
    }
}

/// Logical ids and types of what the transform makes of a function's events.
pub(super) fn generated(stack: &Stack<'_>) -> Vec<Declared> {
    let functions = stack.resources.iter().filter(|declared| declared.kind == "AWS::Serverless::Function");
    let events = functions.flat_map(|function| {
        let events = function.properties.get("Events").map(Node::entries).unwrap_or_default();
        events.iter().map(move |event| (function, event))
    });
    let made = |(function, event): (&Declared, &Entry)| {
        let kind = match event.value.get("Type").and_then(Node::as_text)? {
            "DynamoDB" | "SQS" | "Kinesis" | "MQ" | "MSK" => "AWS::Lambda::EventSourceMapping",
            "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => "AWS::Events::Rule",
            "ScheduleV2" => "AWS::Scheduler::Schedule",
            _ => return None,
        };
        let name = event.value.get("Properties").and_then(|properties| properties.get("Name"));
        let named = |value: &Node| Entry { key: "Name".into(), at: value.at, value: value.clone() };
        Some(Declared {
            id: format!("{}{}", function.id, event.key),
            kind: kind.into(),
            at: event.at,
            properties: Node::map(event.at, name.map(named).into_iter().collect()),
            condition: function.condition.clone(),
            depends_on: Vec::new(),
            generated: true,
        })
    };
    events.filter_map(made).collect()
}

/// Reads the events of a function; gives those that nothing here runs.
pub(super) fn read(stack: &Stack<'_>, declared: &Declared, properties: &Node) -> Vec<OtherEvent> {
    let mut others = Vec::new();
    for event in properties.get("Events").map(Node::entries).unwrap_or_default() {
        let owner = format!("{}, event {}", declared.id, event.key);
        let fields = Fields::new(stack, owner.as_str(), &event.value);
        fields.only(["Properties", "Type"].into_iter());
        let Some(kind) = fields.required("Type", event.at) else { continue };
        let none = Node::map(event.at, Vec::new());
        let inner = Fields::new(stack, owner, fields.get("Properties").unwrap_or(&none));
        match kind.as_str() {
            "HttpApi" => {
                route(&inner, declared, event.at);
            }
            "DynamoDB" => {
                sources::stream_event(&inner, declared, &event.key, event.at);
            }
            "SQS" => {
                sources::queue_event(&inner, declared, &event.key, event.at);
            }
            "Schedule" | "ScheduleV2" => {
                schedules::event(&inner, declared, &event.key, event.at, kind == "ScheduleV2");
            }
            "Api" => {
                let part = |key: &str| inner.node.get(key).and_then(Node::as_text).unwrap_or_default();
                let route = format!("{} {}", part("Method").to_ascii_uppercase(), part("Path"));
                fields.leave_out(
                    event.at,
                    format_args!("`{}` is of a REST API, and these do not run here", route.trim()),
                );
            }
            other if OTHERS.contains(&other) => {
                fields.leave_out(event.at, format_args!("nothing sends events of type {other} here"));
                others.push(OtherEvent {
                    name: event.key.clone(),
                    kind,
                    properties: inner.node.to_json(),
                    location: stack.location(event.at),
                });
            }
            other => {
                let hint = similar::hint(other, TYPES.into_iter().chain(OTHERS));
                fields.report(
                    fields.get("Type").map_or(event.at, |node| node.at),
                    format!("unknown type `{other}`{hint}"),
                );
            }
        }
    }
    others
}

fn route(fields: &Fields<'_>, function: &Declared, at: Mark) -> Option<()> {
    fields.only(ROUTE.into_iter());
    let stack = fields.stack;
    let key = key(fields, at)?;
    let api = if fields.node.get("ApiId").is_some() {
        let given = fields.text("ApiId")?;
        // The transform takes the bare logical id for a reference too.
        let named = stack.find(&given).filter(|named| named.kind == "AWS::Serverless::HttpApi");
        named.map_or(given, |named| stack.id_of(&named.id))
    } else {
        stack.id_of(IMPLICIT)
    };
    let uri = sources::function_arn(stack, function)?;
    let id = stack.id_of(&format!("{}/{key}/{}/{}", function.id, at.line, at.column));
    let format = fields.text("PayloadFormatVersion").unwrap_or_else(|| "2.0".into());
    let location = stack.location(at);
    let mut integration =
        IntegrationPart::new(id.clone(), fields.owner.clone(), IntegrationKind::Function, uri, location);
    integration.payload_format = (format, fields.location("PayloadFormatVersion"));
    integration.timeout = fields.text("TimeoutInMillis").map(|text| (text, fields.location("TimeoutInMillis")));
    let route = RoutePart {
        id: id.clone(),
        owner: fields.owner.clone(),
        api,
        key,
        integration: id,
        authorization: authorization(fields, at),
        throttle: fields.get("RouteSettings").and_then(|node| throttling::throttle(fields, node)),
        location: stack.location(at),
    };
    let mut parts = stack.reader.parts.borrow_mut();
    parts.integrations.push(integration);
    parts.routes.push(route);
    Some(())
}

fn authorization(fields: &Fields<'_>, at: Mark) -> RouteAuth {
    let location = fields.stack.location(at);
    let Some(node) = fields.get("Auth") else {
        return RouteAuth::Sam { authorizer: None, scopes: None, location };
    };
    let auth = fields.part(node);
    auth.only(["AuthorizationScopes", "Authorizer"].into_iter());
    let place = auth.get("Authorizer").map_or(node.at, |authorizer| authorizer.at);
    if let Some(scopes) = auth.get("AuthorizationScopes").filter(|scopes| !matches!(scopes.kind, Kind::List(_))) {
        auth.report(scopes.at, "`AuthorizationScopes` must be a list");
    }
    let scopes = auth.get("AuthorizationScopes").map(|_| auth.texts("AuthorizationScopes"));
    RouteAuth::Sam { authorizer: auth.text("Authorizer"), scopes, location: fields.stack.location(place) }
}

/// The route key; `None` after a reported mistake.
fn key(fields: &Fields<'_>, at: Mark) -> Option<String> {
    let (method, path) = (fields.text("Method"), fields.text("Path"));
    for key in ["Method", "Path"] {
        if fields.node.get(key).is_some_and(Node::is_broken) {
            return None;
        }
    }
    if method.is_some() && path.is_none() {
        fields.report(at, "`Path` is missing");
        return None;
    }
    let key = match path.as_deref() {
        None | Some("$default" | "/$default") => "$default".to_owned(),
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
    if let Err(message) = route_keys::check_key(&key) {
        let wrong = if message.starts_with("unknown method") { "Method" } else { "Path" };
        fields.report(fields.get(wrong).map_or(at, |node| node.at), message);
        return None;
    }
    Some(key)
}
