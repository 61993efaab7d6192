//! Routes of an HTTP API from its `OpenAPI` definition (`DefinitionBody`, `Body`) with API Gateway's extensions.

use std::time::Duration;

use super::fields::Fields;
use super::http;
use super::integrations::{self, DEFINITION, Leads};
use super::link::authorizers::payload_format;
use super::link::{ANSWER, ApiAuth, AuthorizerKind, AuthorizerPart, RequestAuthorizer, RouteAuth, RoutePart};
use super::node::{Entry, Kind, Node};
use super::stack::Declared;
use crate::model::Cors;

const ANY: &str = "x-amazon-apigateway-any-method";
const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
const INTEGRATION: &str = "x-amazon-apigateway-integration";
const INTEGRATIONS: &str = "x-amazon-apigateway-integrations";
/// Keys of a path that are methods.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", ANY];

/// Reads the definition under `key` of an API's properties; leaves its routes with the reader, adds its authorizers to
/// `auth`, and gives its CORS settings.
pub(super) fn read(api: &Fields<'_>, declared: &Declared, key: &str, auth: &mut ApiAuth) -> Option<Cors> {
    let body = api.get(key)?;
    if !matches!(body.kind, Kind::Map(_)) {
        api.report(body.at, format_args!("`{key}` must be a mapping, not {}", body.describe()));
        return None;
    }
    let document = Document { api, declared, body };
    let schemes = body.get("components").and_then(|components| components.get("securitySchemes"));
    for scheme in schemes.map(Node::entries).unwrap_or_default() {
        if let Some(read) = document.scheme(scheme, auth) {
            auth.authorizers.insert(scheme.key.clone(), read);
        }
    }
    for path in body.get("paths").map(Node::entries).unwrap_or_default() {
        for method in path.value.entries().iter().filter(|entry| METHODS.contains(&entry.key.as_str())) {
            document.route(path, method);
        }
    }
    let cors = body.get("x-amazon-apigateway-cors")?;
    let owner = format!("{}, x-amazon-apigateway-cors", declared.id);
    Some(http::cors_of(&Fields::new(api.stack, owner, &capitalised(cors))))
}

struct Document<'d, 'a> {
    api: &'d Fields<'a>,
    declared: &'d Declared,
    body: &'a Node,
}

impl Document<'_, '_> {
    /// An authorizer: its id, and `None` inside when its mistake is reported. `None` for a scheme that is none.
    #[expect(clippy::option_option, reason = "no authorizer, or one with a mistake")]
    fn scheme(&self, entry: &Entry, auth: &mut ApiAuth) -> Option<Option<(String, Vec<String>)>> {
        let stack = self.api.stack;
        if entry.value.get("x-amazon-apigateway-authtype").and_then(Node::as_text) == Some("awsSigv4") {
            auth.iam = true;
            auth.signed.insert(entry.key.clone());
            return None;
        }
        let node = entry.value.get(AUTHORIZER)?;
        let owner = format!("{}, security scheme {}", self.declared.id, entry.key);
        let fields = Fields::new(stack, owner.as_str(), node);
        let kind = match fields.required("type", node.at).as_deref() {
            Some("jwt") => jwt(&fields, node),
            Some("request") => request(&fields, node),
            Some(other) => {
                fields.report(node.at, format_args!("`type` must be request or jwt, not `{other}`"));
                None
            }
            None => None,
        };
        let id = stack.id_of(&format!("{}/scheme/{}", self.declared.id, entry.key));
        let part = AuthorizerPart { id: id.clone(), owner, kind: kind?, location: stack.location(entry.at) };
        stack.reader.parts.borrow_mut().authorizers.push(part);
        Some(Some((id, Vec::new())))
    }

    fn route(&self, path: &Entry, method: &Entry) -> Option<()> {
        let stack = self.api.stack;
        let verb = if method.key == ANY { "ANY".to_owned() } else { method.key.to_ascii_uppercase() };
        let key = match path.key.as_str() {
            "$default" | "/$default" => "$default".to_owned(),
            path => format!("{verb} {path}"),
        };
        // Without an integration of its own the operation only documents what an event of a function adds.
        let node = self.resolved(method.value.get(INTEGRATION)?)?;
        let owner = format!("{}, {key}", self.declared.id);
        let fields = Fields::new(stack, owner.as_str(), node);
        let id = stack.id_of(&format!("{}/operation/{key}", self.declared.id));
        let kind = fields.required("type", node.at)?;
        let subtype = fields.text("integrationSubtype");
        let leads = match kind.to_ascii_lowercase().as_str() {
            "aws_proxy" if subtype.is_none() => Some(Leads::Function),
            "http_proxy" => Some(Leads::Http),
            _ => {
                let rule = "only aws_proxy integrations with a function and http_proxy ones run here";
                let kind = subtype.unwrap_or(kind);
                fields.leave_out(fields.get("type")?.at, format_args!("{rule}, not {kind}: {ANSWER}"));
                None
            }
        };
        let integration = leads.and_then(|leads| integrations::read(&fields, id.clone(), leads, &DEFINITION, node.at));
        let route = RoutePart {
            id: id.clone(),
            owner,
            api: stack.id_of(&self.declared.id),
            key,
            integration: id.clone(),
            authorization: self.authorization(method),
            throttle: None,
            location: stack.location(method.at),
        };
        let mut parts = stack.reader.parts.borrow_mut();
        match integration {
            Some(integration) => parts.integrations.push(integration),
            None => drop(parts.refused.insert(id.clone())),
        }
        parts.routes.push(route);
        Some(())
    }

    /// An integration may stand among the components.
    fn resolved<'n>(&'n self, node: &'n Node) -> Option<&'n Node> {
        let Some(reference) = node.get("$ref").and_then(Node::as_text) else { return Some(node) };
        let name = reference.strip_prefix("#/components/").and_then(|path| path.strip_prefix(INTEGRATIONS));
        let name = name.and_then(|name| name.strip_prefix('/'));
        let all = self.body.get("components").and_then(|components| components.get(INTEGRATIONS));
        let found = name.and_then(|name| all?.get(name));
        if found.is_none() {
            self.api.report(node.at, format_args!("there is no integration `{reference}`"));
        }
        found
    }

    fn authorization(&self, method: &Entry) -> RouteAuth {
        let location = self.api.stack.location(method.at);
        let sam = |authorizer: Option<String>, scopes| RouteAuth::Sam { authorizer, scopes, location };
        let Some(Node { kind: Kind::List(schemes), .. }) = method.value.get("security") else { return sam(None, None) };
        let Some(Entry { key, value, .. }) = schemes.first().and_then(|scheme| scheme.entries().first()) else {
            return RouteAuth::Open;
        };
        // What the transform writes for `Authorizer: NONE`.
        let schemes = self.body.get("components").and_then(|components| components.get("securitySchemes"));
        if key == "NONE" && schemes.is_none_or(|schemes| schemes.get(key).is_none()) {
            return RouteAuth::Open;
        }
        let scopes: Vec<String> = match &value.kind {
            Kind::List(scopes) => scopes.iter().filter_map(Node::as_text).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        sam(Some(key.clone()), Some(scopes))
    }
}

fn jwt(fields: &Fields<'_>, node: &Node) -> Option<AuthorizerKind> {
    let source = fields.required("identitySource", node.at)?;
    let configuration = fields.part(fields.get("jwtConfiguration")?);
    let issuer = configuration.required("issuer", node.at)?;
    match super::link::authorizers::identity_source(&source) {
        Ok(source) => Some(AuthorizerKind::Jwt { source, issuer, audience: configuration.texts("audience") }),
        Err(message) => {
            fields.report(fields.get("identitySource")?.at, message);
            None
        }
    }
}

fn request(fields: &Fields<'_>, node: &Node) -> Option<AuthorizerKind> {
    let format = fields.required("authorizerPayloadFormatVersion", node.at)?;
    let payload_format = match payload_format(&format) {
        Ok(format) => Some(format),
        Err(message) => {
            fields.report(fields.get("authorizerPayloadFormatVersion")?.at, message);
            return None;
        }
    };
    // A list, or a text with commas.
    let sources = fields.texts("identitySource");
    let sources = sources.iter().flat_map(|text| text.split(',')).map(|text| text.trim().to_owned()).collect();
    Some(AuthorizerKind::Request(RequestAuthorizer {
        uri: fields.required("authorizerUri", node.at)?,
        sources,
        payload_format,
        simple_responses: fields.flag("enableSimpleResponses").unwrap_or(false),
        result_ttl: fields.number("authorizerResultTtlInSeconds", 0..=3_600, " (seconds)").map(Duration::from_secs),
    }))
}

/// `allowOrigins` as `AllowOrigins`: the names that CORS settings have elsewhere.
fn capitalised(node: &Node) -> Node {
    let entry = |entry: &Entry| {
        let mut letters = entry.key.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase().to_string()).unwrap_or_default();
        Entry { key: first + letters.as_str(), at: entry.at, value: entry.value.clone() }
    };
    Node::map(node.at, node.entries().iter().map(entry).collect())
}
