//! Which properties must be known: those that say which routes there are and who may call them.
//!
//! A value that cannot be known here (a macro, an output of a remote template) is left out with a note. Left out of one
//! of these it could open a route that the template closes, so there it is a mistake.

use super::node::{Entry, Kind, Node};

/// Properties of the types that run, of which nothing depends on what they come to.
const HARMLESS: [(&str, &[&str]); 4] = [
    (
        "AWS::Serverless::HttpApi",
        &["AccessLogSettings", "DefaultRouteSettings", "Description", "Domain", "Name", "Tags"],
    ),
    (
        "AWS::Serverless::WebSocketApi",
        &["AccessLogSettings", "DefaultRouteSettings", "Description", "Domain", "Name", "Tags"],
    ),
    ("AWS::ApiGatewayV2::Api", &["Description", "Name", "Tags"]),
    ("AWS::ApiGatewayV2::Stage", &["AccessLogSettings", "DefaultRouteSettings", "Description", "Tags"]),
];
/// Types whose values only AWS looks at.
const ELSEWHERE: [&str; 5] = ["ApiMapping", "Deployment", "DomainName", "Model", "VpcLink"];

/// Whether a resolved property holds something unknown that a route could rest on.
pub(super) fn matters(kind: &str, property: &str, value: &Node) -> bool {
    let rests = match kind {
        "AWS::Serverless::Function" if property == "Events" => {
            return value.is_broken() || value.entries().iter().any(route);
        }
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => property == "FunctionName",
        // A definition that is not known at all has no routes.
        "AWS::Serverless::HttpApi" | "AWS::ApiGatewayV2::Api" if matches!(property, "Body" | "DefinitionBody") => {
            !value.is_broken()
        }
        _ => runs(kind) && !HARMLESS.iter().any(|(known, harmless)| *known == kind && harmless.contains(&property)),
    };
    rests && holds_broken(value)
}

/// Whether an event is a route, or may be one, of which something is not known.
fn route(event: &Entry) -> bool {
    let kind = event.value.get("Type");
    let other = kind.and_then(Node::as_text).is_some_and(|kind| kind != "HttpApi");
    !other && holds_broken(&event.value)
}

fn runs(kind: &str) -> bool {
    match kind.strip_prefix("AWS::ApiGatewayV2::") {
        Some(part) => !ELSEWHERE.contains(&part),
        None => matches!(kind, "AWS::Serverless::HttpApi" | "AWS::Serverless::WebSocketApi"),
    }
}

fn holds_broken(value: &Node) -> bool {
    match &value.kind {
        Kind::Broken => true,
        Kind::Scalar { .. } => false,
        Kind::List(items) => items.iter().any(holds_broken),
        Kind::Map(entries) => entries.iter().any(|entry| holds_broken(&entry.value)),
    }
}
