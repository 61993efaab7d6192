//! `AWS::Serverless::WebSocketApi`, taken apart into the resources the SAM transform makes of it (gateway fact T-03).

use super::fields::Fields;
use super::link::{
    ApiPart, AuthorizerKind, AuthorizerPart, IntegrationKind, IntegrationPart, RequestAuthorizer, RouteAuth, RoutePart,
    StagePart,
};
use super::node::{Entry, Kind, Mark, Node};
use super::stack::{Declared, Stack};
use super::throttling;
use crate::model::Stage;

const KIND: &str = "AWS::Serverless::WebSocketApi";
const DEFAULT_STAGE: &str = "default";

/// The resources a template may refer to though the transform makes them: `{Api}{Key}Route`, `{Api}{Key}Integration`,
/// `{Api}ConnectAuthorizer`, `{Api}{Stage}Stage`.
pub(super) fn generated(stack: &Stack<'_>) -> Vec<Declared> {
    let mut parts = Vec::new();
    for api in stack.resources.iter().filter(|declared| declared.kind == KIND) {
        let mut make = |id: String, kind: &str, at: Mark, properties: Vec<Entry>| {
            parts.push(Declared {
                id,
                kind: format!("AWS::ApiGatewayV2::{kind}"),
                at,
                properties: Node::map(at, properties),
                condition: api.condition.clone(),
                depends_on: Vec::new(),
                generated: true,
            });
        };
        for route in api.properties.get("Routes").map(Node::entries).unwrap_or_default() {
            make(part_id(&api.id, &route.key, "Route"), "Route", route.at, Vec::new());
            make(part_id(&api.id, &route.key, "Integration"), "Integration", route.at, Vec::new());
        }
        make(format!("{}ConnectAuthorizer", api.id), "Authorizer", api.at, Vec::new());
        let name = api.properties.get("StageName");
        let prefix = match name {
            None => "Default",
            Some(name) => match name.as_text() {
                Some(DEFAULT_STAGE) => "Default",
                Some(name) => name,
                None => "",
            },
        };
        let value = name.cloned().unwrap_or_else(|| Node::text(api.at, DEFAULT_STAGE));
        let stage = Entry { key: "StageName".into(), at: api.at, value };
        make(format!("{}{prefix}Stage", api.id), "Stage", api.at, vec![stage]);
    }
    parts
}

/// `ChatApi` and `$connect` make `ChatApiConnectRoute`.
fn part_id(api: &str, key: &str, suffix: &str) -> String {
    let key = key.strip_prefix('$').unwrap_or(key).to_ascii_lowercase();
    let mut letters = key.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    format!("{api}{}{}{suffix}", first.map(String::from).unwrap_or_default(), letters.as_str())
}

pub(super) fn api(stack: &Stack<'_>, declared: &Declared, properties: &Node) {
    let fields = Fields::new(stack, &declared.id, properties);
    let id = stack.id_of(&declared.id);
    let part = ApiPart {
        logical_id: stack.full_id(&declared.id),
        id: id.clone(),
        websocket: true,
        selection: fields.required("RouteSelectionExpression", declared.at),
        cors: None,
        auth: None,
        location: stack.location(declared.at),
    };
    let (throttling, throttled) = throttling::read(&fields);
    let stage = Stage {
        name: fields.text("StageName").unwrap_or_else(|| DEFAULT_STAGE.into()),
        variables: fields.strings("StageVariables"),
        throttling,
        location: fields.location("StageName"),
    };
    let stage = StagePart { api: id.clone(), stage, throttled };
    stack.reader.parts.borrow_mut().apis.push(part);
    stack.reader.parts.borrow_mut().stages.push(stage);

    let authorizer = authorizer(&fields, declared);
    let routes = fields.get("Routes").filter(|routes| !routes.entries().is_empty());
    if routes.is_none() && fields.node.get("Routes").is_none_or(|routes| !routes.is_broken()) {
        fields.report(declared.at, "a WebSocket API needs at least one route");
    }
    if let Some(auth) = fields.get("Auth")
        && routes.is_some_and(|routes| routes.get("$connect").is_none())
    {
        fields.report(auth.at, "`Auth` needs a `$connect` route");
    }
    for entry in routes.map(Node::entries).unwrap_or_default() {
        route(&fields, declared, entry, authorizer.as_ref().filter(|_| entry.key == "$connect"));
    }
}

fn route(api: &Fields<'_>, declared: &Declared, entry: &Entry, authorizer: Option<&Guard>) {
    let stack = api.stack;
    let key = &entry.key;
    if entry.value.is_broken() {
        return;
    }
    let special = matches!(key.as_str(), "$connect" | "$disconnect" | "$default");
    if !special && (key.is_empty() || !key.chars().all(char::is_alphanumeric)) {
        let rule = "SAM takes letters and digits only; use AWS::ApiGatewayV2::Route for others";
        api.report(entry.at, format_args!("route key `{key}` is refused by AWS::Serverless::WebSocketApi ({rule})"));
    }
    let owner = format!("{}, route {key}", declared.id);
    let fields = Fields::new(stack, owner.as_str(), &entry.value);
    let uri = fields.required("FunctionArn", entry.at);
    // Two-way only with a RouteResponse resource (gateway fact W-25): the transform makes none of this property.
    fields.text("RouteResponseSelectionExpression");
    let Some(uri) = uri else { return };
    let id = stack.id_of(&part_id(&declared.id, key, "Integration"));
    let location = fields.location("FunctionArn");
    let mut integration = IntegrationPart::new(id, owner.clone(), IntegrationKind::Function, uri, location);
    integration.timeout = fields.text("IntegrationTimeout").map(|text| (text, fields.location("IntegrationTimeout")));
    let route = RoutePart {
        id: stack.id_of(&part_id(&declared.id, key, "Route")),
        owner,
        api: stack.id_of(&declared.id),
        key: key.clone(),
        integration: integration.id.clone(),
        authorization: match authorizer {
            None => RouteAuth::Open,
            Some(Guard::Signed) => RouteAuth::Iam,
            Some(Guard::Authorizer(id)) => RouteAuth::By { authorizer: id.clone(), scopes: Vec::new() },
        },
        throttle: None,
        location: stack.location(entry.at),
    };
    let mut parts = stack.reader.parts.borrow_mut();
    parts.integrations.push(integration);
    parts.routes.push(route);
}

/// Who may connect, where not everybody may.
enum Guard {
    /// Whoever signs with IAM credentials.
    Signed,
    /// Whom the authorizer with this id lets in.
    Authorizer(String),
}

/// Reads `Auth`.
fn authorizer(api: &Fields<'_>, declared: &Declared) -> Option<Guard> {
    let stack = api.stack;
    let node = api.get("Auth").filter(|node| matches!(node.kind, Kind::Map(_)))?;
    let fields = Fields::new(stack, format!("{}, Auth", declared.id), node);
    match fields.required("AuthType", node.at)?.to_ascii_uppercase().as_str() {
        "NONE" => return None,
        "CUSTOM" => {}
        "AWS_IAM" => return Some(Guard::Signed),
        other => {
            let message = format!("`AuthType` must be NONE, AWS_IAM or CUSTOM, not `{other}`");
            fields.report(fields.get("AuthType")?.at, message);
            return None;
        }
    }
    let part = AuthorizerPart {
        id: stack.id_of(&format!("{}ConnectAuthorizer", declared.id)),
        owner: fields.owner.clone(),
        kind: AuthorizerKind::Request(RequestAuthorizer {
            uri: fields.required("AuthArn", node.at)?,
            sources: fields.texts("IdentitySource"),
            payload_format: None,
            simple_responses: false,
            result_ttl: None,
        }),
        location: fields.location("AuthArn"),
    };
    let id = part.id.clone();
    stack.reader.parts.borrow_mut().authorizers.push(part);
    Some(Guard::Authorizer(id))
}
