//! `AWS::ApiGatewayV2::*` as such, the form most templates with a WebSocket API have (gateway fact T-03).

use super::fields::Fields;
use super::http;
use super::link::{ApiPart, AuthorizerPart, IntegrationPart, RoutePart, StagePart};
use super::node::Node;
use super::stack::{Declared, Stack};

/// Reads a resource that is part of an API. False for types that change nothing here: deployments, domains, mappings.
pub(super) fn read(stack: &Stack<'_>, declared: &Declared, properties: &Node) -> bool {
    let fields = Fields::new(stack, &declared.id, properties);
    match declared.kind.trim_start_matches("AWS::ApiGatewayV2::") {
        "Api" => api(&fields, declared),
        "Route" => {
            route(&fields, declared);
        }
        "Integration" => {
            integration(&fields, declared);
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
        // A response's transformation needs a non-proxy integration, which is refused.
        "IntegrationResponse" => {}
        _ => return false,
    }
    true
}

fn api(fields: &Fields<'_>, declared: &Declared) {
    let stack = fields.stack;
    let protocol = fields.required("ProtocolType", declared.at);
    let websocket = match protocol.as_deref() {
        Some("WEBSOCKET") => true,
        Some("HTTP") => false,
        Some(other) => {
            let at = fields.get("ProtocolType").map_or(declared.at, |node| node.at);
            return fields.report(at, format_args!("`ProtocolType` must be HTTP or WEBSOCKET, not `{other}`"));
        }
        None => return,
    };
    for key in ["Body", "BodyS3Location"] {
        if let Some(node) = fields.get(key) {
            fields.report(node.at, format_args!("`{key}` is not supported here; give the routes as resources"));
        }
    }
    let id = stack.id_of(&declared.id);
    let part = ApiPart {
        logical_id: stack.full_id(&declared.id),
        id: id.clone(),
        websocket,
        selection: if websocket { fields.required("RouteSelectionExpression", declared.at) } else { None },
        cors: http::cors(fields),
        location: stack.location(declared.at),
    };
    let mut parts = stack.reader.parts.borrow_mut();
    parts.apis.push(part);
    // "Quick create": an HTTP API with one target and its `$default` stage.
    if let Some(uri) = fields.text("Target") {
        let key = fields.text("RouteKey").unwrap_or_else(|| "$default".into());
        let (location, owner) = (fields.location("Target"), declared.id.clone());
        parts.integrations.push(IntegrationPart {
            id: id.clone(),
            owner: owner.clone(),
            uri,
            payload_format: "2.0".into(),
            timeout: None,
            location: location.clone(),
        });
        let variables = std::collections::BTreeMap::new();
        parts.stages.push(StagePart {
            api: id.clone(),
            name: "$default".into(),
            variables,
            location: location.clone(),
        });
        parts.routes.push(RoutePart {
            id: id.clone(),
            owner,
            api: id.clone(),
            key,
            integration: id,
            authorizer: None,
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
    let kind = fields.text("AuthorizationType");
    let authorizer = match kind.as_deref() {
        None | Some("NONE") => None,
        Some("CUSTOM") => Some(fields.required("AuthorizerId", declared.at)?),
        Some(other) => {
            let at = fields.get("AuthorizationType")?.at;
            fields.report(at, format_args!("{other} is not supported here: the route would be open"));
            None
        }
    };
    let part = RoutePart {
        id: stack.id_of(&declared.id),
        owner: declared.id.clone(),
        api: api?,
        key: key?,
        integration: integration.to_owned(),
        authorizer,
        location: stack.location(declared.at),
    };
    stack.reader.parts.borrow_mut().routes.push(part);
    Some(())
}

fn integration(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let stack = fields.stack;
    let kind = fields.required("IntegrationType", declared.at)?;
    if kind != "AWS_PROXY" {
        let at = fields.get("IntegrationType")?.at;
        fields.report(at, format_args!("only AWS_PROXY integrations with a function are supported here, not {kind}"));
        return None;
    }
    let part = IntegrationPart {
        id: stack.id_of(&declared.id),
        owner: declared.id.clone(),
        uri: fields.required("IntegrationUri", declared.at)?,
        payload_format: fields.text("PayloadFormatVersion").unwrap_or_else(|| "1.0".into()),
        timeout: fields.text("TimeoutInMillis").map(|text| (text, fields.location("TimeoutInMillis"))),
        location: fields.location("IntegrationUri"),
    };
    stack.reader.parts.borrow_mut().integrations.push(part);
    Some(())
}

fn stage(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let part = StagePart {
        api: fields.required("ApiId", declared.at)?,
        name: fields.required("StageName", declared.at)?,
        variables: fields.strings("StageVariables"),
        location: fields.stack.location(declared.at),
    };
    fields.stack.reader.parts.borrow_mut().stages.push(part);
    Some(())
}

fn authorizer(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let kind = fields.required("AuthorizerType", declared.at)?;
    if kind != "REQUEST" {
        let at = fields.get("AuthorizerType")?.at;
        fields.report(at, format_args!("only REQUEST authorizers are supported here, not {kind}"));
        return None;
    }
    let stack = fields.stack;
    let part = AuthorizerPart {
        id: stack.id_of(&declared.id),
        owner: declared.id.clone(),
        uri: fields.required("AuthorizerUri", declared.at)?,
        sources: fields.texts("IdentitySource"),
        location: fields.location("AuthorizerUri"),
    };
    stack.reader.parts.borrow_mut().authorizers.push(part);
    Some(())
}

fn route_response(fields: &Fields<'_>, declared: &Declared) -> Option<()> {
    let key = fields.required("RouteResponseKey", declared.at)?;
    let route = fields.required("RouteId", declared.at)?;
    if key == "$default" {
        fields.stack.reader.parts.borrow_mut().responses.insert(route);
    }
    Some(())
}
