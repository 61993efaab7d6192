//! `AWS::ApiGatewayV2::*` as such, the form most templates with a WebSocket API have (gateway fact T-03).

use std::collections::BTreeMap;
use std::time::Duration;

use super::fields::Fields;
use super::integrations::{self, Leads, RESOURCE};
use super::link::authorizers::{identity_source, payload_format};
use super::link::{
    ANSWER, ApiAuth, ApiPart, AuthorizerKind, AuthorizerPart, IntegrationKind, IntegrationPart,
    IntegrationResponsePart, RequestAuthorizer, RouteAuth, RoutePart, StagePart,
};
use super::node::Node;
use super::stack::{Declared, Stack};
use super::{http, openapi, throttling};
use crate::model::{IntegrationResponse, Stage, Throttling};

/// Reads a resource that is part of an API. False for types that change nothing here: deployments, domains, mappings.
pub(super) fn read(stack: &Stack<'_>, declared: &Declared, properties: &Node) -> bool {
    let fields = Fields::new(stack, &declared.id, properties);
    match declared.kind.trim_start_matches("AWS::ApiGatewayV2::") {
        "Api" => api(&fields, declared),
        "Route" => {
            route(&fields, declared);
        }
        "Integration" => {
            if integration(&fields, declared).is_none() {
                stack.reader.parts.borrow_mut().refused.insert(stack.id_of(&declared.id));
            }
        }
        "Stage" => {
            stage(&fields, declared);
        }
        "Authorizer" => {
            authorizer(&fields, declared);
        }
        "RouteResponse" => {
            route_response(&fields, declared);
        }
        "IntegrationResponse" => {
            integration_response(&fields, declared);
        }
        _ => return false,
    }
    true
}

fn api(fields: &Fields<'_>, declared: &Declared) {
    let stack = fields.stack;
    // An imported definition is one of an HTTP API.
    let imported = ["Body", "BodyS3Location"].into_iter().any(|key| fields.node.get(key).is_some());
    let protocol = if imported { fields.text("ProtocolType") } else { fields.required("ProtocolType", declared.at) };
    let websocket = match protocol.as_deref() {
        Some("WEBSOCKET") => true,
        Some("HTTP") => false,
        None if imported => false,
        Some(other) => {
            let at = fields.get("ProtocolType").map_or(declared.at, |node| node.at);
            return fields.report(at, format_args!("`ProtocolType` must be HTTP or WEBSOCKET, not `{other}`"));
        }
        None => return,
    };
    if let Some(node) = fields.get("BodyS3Location") {
        fields.leave_out(node.at, "the routes of `BodyS3Location` are left out: only a `Body` is read here");
    }
    let mut auth = ApiAuth::default();
    let defined = openapi::read(fields, declared, "Body", &mut auth);
    let id = stack.id_of(&declared.id);
    let part = ApiPart {
        logical_id: stack.full_id(&declared.id),
        id: id.clone(),
        websocket,
        selection: if websocket { fields.required("RouteSelectionExpression", declared.at) } else { None },
        cors: http::cors(fields).or(defined),
        auth: Some(auth),
        location: stack.location(declared.at),
    };
    let mut parts = stack.reader.parts.borrow_mut();
    parts.apis.push(part);
    // "Quick create": an HTTP API with one target and its `$default` stage.
    if let Some(uri) = fields.text("Target") {
        let key = fields.text("RouteKey").unwrap_or_else(|| "$default".into());
        let (location, owner) = (fields.location("Target"), declared.id.clone());
        let kind = if uri.starts_with("http://") || uri.starts_with("https://") {
            IntegrationKind::Http { method: "ANY".to_owned() }
        } else {
            IntegrationKind::Function
        };
        let mut integration = IntegrationPart::new(id.clone(), owner.clone(), kind, uri, location.clone());
        "2.0".clone_into(&mut integration.payload_format.0);
        parts.integrations.push(integration);
        let stage = Stage {
            name: "$default".into(),
            variables: BTreeMap::new(),
            throttling: Throttling::default(),
            location: location.clone(),
        };
        parts.stages.push(StagePart { api: id.clone(), stage, throttled: Vec::new() });
        parts.routes.push(RoutePart {
            id: id.clone(),
            owner,
            api: id.clone(),
            key,
            integration: id,
            authorization: RouteAuth::Open,
            throttle: None,
            location,
        });
    }
}

fn route(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let stack = fields.stack;
    let api = fields.required("ApiId", declared.at);
    let key = fields.required("RouteKey", declared.at);
    let target = fields.required("Target", declared.at)?;
    let Some(integration) = target.strip_prefix("integrations/") else {
        let at = fields.get("Target")?.at;
        fields.report(at, format_args!("`Target` must be `integrations/` and an integration's id, not `{target}`"));
        return None;
    };
    let authorization = match fields.text("AuthorizationType").as_deref() {
        None | Some("NONE") => RouteAuth::Open,
        Some("AWS_IAM") => RouteAuth::Iam,
        Some("CUSTOM" | "JWT") => RouteAuth::By {
            authorizer: fields.required("AuthorizerId", declared.at)?,
            scopes: fields.texts("AuthorizationScopes"),
        },
        Some(other) => {
            let at = fields.get("AuthorizationType")?.at;
            let message = format!("`AuthorizationType` must be NONE, AWS_IAM, CUSTOM or JWT, not `{other}`");
            fields.report(at, message);
            return None;
        }
    };
    let part = RoutePart {
        id: stack.id_of(&declared.id),
        owner: declared.id.clone(),
        api: api?,
        key: key?,
        integration: integration.to_owned(),
        authorization,
        throttle: None,
        location: stack.location(declared.at),
    };
    stack.reader.parts.borrow_mut().routes.push(part);
    Some(())
}

fn integration(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let stack = fields.stack;
    let kind = fields.required("IntegrationType", declared.at)?;
    if let Some(node) = fields.get("IntegrationSubtype") {
        let subtype = node.as_text().unwrap_or_default();
        fields.leave_out(node.at, format_args!("only integrations with a function run here, not {subtype}: {ANSWER}"));
        return None;
    }
    let id = stack.id_of(&declared.id);
    let leads = match kind.as_str() {
        "AWS_PROXY" => Leads::Function,
        "HTTP_PROXY" => Leads::Http,
        "AWS" => Leads::CustomFunction,
        "HTTP" => Leads::CustomHttp,
        "MOCK" => Leads::Nowhere,
        _ => {
            let at = fields.get("IntegrationType")?.at;
            let message = "`IntegrationType` must be AWS_PROXY, AWS, HTTP_PROXY, HTTP or MOCK";
            fields.report(at, format_args!("{message}, not `{kind}`"));
            return None;
        }
    };
    let part = integrations::read(fields, id, leads, &RESOURCE, declared.at)?;
    stack.reader.parts.borrow_mut().integrations.push(part);
    Some(())
}

/// A proxied function's or server's reply is passed on as it is: nobody asks for this one.
fn integration_response(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let part = IntegrationResponsePart {
        owner: declared.id.clone(),
        integration: fields.required("IntegrationId", declared.at)?,
        key: fields.required("IntegrationResponseKey", declared.at)?,
        response: IntegrationResponse { templates: integrations::templates(fields, "ResponseTemplates") },
        location: fields.location("ResponseTemplates"),
    };
    fields.stack.reader.parts.borrow_mut().integration_responses.push(part);
    Some(())
}

fn stage(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let (throttling, throttled) = throttling::read(fields);
    let stage = Stage {
        name: fields.required("StageName", declared.at)?,
        variables: fields.strings("StageVariables"),
        throttling,
        location: fields.stack.location(declared.at),
    };
    let part = StagePart { api: fields.required("ApiId", declared.at)?, stage, throttled };
    fields.stack.reader.parts.borrow_mut().stages.push(part);
    Some(())
}

fn authorizer(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let stack = fields.stack;
    let (kind, location) = match fields.required("AuthorizerType", declared.at)?.as_str() {
        "REQUEST" => (request_authorizer(fields, declared)?, "AuthorizerUri"),
        "JWT" => (jwt_authorizer(fields, declared)?, "JwtConfiguration"),
        other => {
            let at = fields.get("AuthorizerType")?.at;
            fields.report(at, format_args!("`AuthorizerType` must be REQUEST or JWT, not `{other}`"));
            return None;
        }
    };
    let part = AuthorizerPart {
        id: stack.id_of(&declared.id),
        owner: declared.id.clone(),
        kind,
        location: fields.location(location),
    };
    stack.reader.parts.borrow_mut().authorizers.push(part);
    Some(())
}

fn request_authorizer(fields: &Fields<'_>, declared: &Declared) -> Option<AuthorizerKind> {
    let payload_format = match fields.text("AuthorizerPayloadFormatVersion").map(|text| payload_format(&text)) {
        Some(Err(message)) => {
            fields.report(fields.get("AuthorizerPayloadFormatVersion")?.at, message);
            return None;
        }
        other => other.and_then(Result::ok),
    };
    Some(AuthorizerKind::Request(RequestAuthorizer {
        uri: fields.required("AuthorizerUri", declared.at)?,
        sources: fields.texts("IdentitySource"),
        payload_format,
        simple_responses: fields.flag("EnableSimpleResponses").unwrap_or(false),
        result_ttl: fields.number("AuthorizerResultTtlInSeconds", 0..=3_600, " (seconds)").map(Duration::from_secs),
    }))
}

fn jwt_authorizer(fields: &Fields<'_>, declared: &Declared) -> Option<AuthorizerKind> {
    let sources = fields.texts("IdentitySource");
    let [source] = sources.as_slice() else {
        let at = fields.get("IdentitySource").map_or(declared.at, |node| node.at);
        fields.report(at, "a JWT authorizer has exactly one `IdentitySource`");
        return None;
    };
    let source = match identity_source(source) {
        Ok(source) => source,
        Err(message) => {
            fields.report(fields.get("IdentitySource")?.at, message);
            return None;
        }
    };
    let node = fields.get("JwtConfiguration");
    let Some(configuration) = node.map(|node| fields.part(node)) else {
        fields.report(declared.at, "`JwtConfiguration` is missing");
        return None;
    };
    configuration.only(["Audience", "Issuer"].into_iter());
    let at = configuration.node.at;
    if configuration.lacks("Audience") {
        configuration.report(at, "`Audience` is missing");
    }
    let (issuer, audience) = (configuration.required("Issuer", at)?, configuration.texts("Audience"));
    Some(AuthorizerKind::Jwt { source, issuer, audience })
}

fn route_response(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let key = fields.required("RouteResponseKey", declared.at)?;
    let route = fields.required("RouteId", declared.at)?;
    if key == "$default" {
        fields.stack.reader.parts.borrow_mut().responses.insert(route);
    }
    Some(())
}
