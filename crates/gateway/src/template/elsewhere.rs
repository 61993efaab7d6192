//! What answers clients or runs functions on AWS and not here: REST APIs, state machines, GraphQL, function URLs. Each
//! is told as left out, and can be referred to all the same.

use super::fields::Fields;
use super::node::{Entry, Mark, Node};
use super::stack::{Declared, Stack};

/// Logical id of the REST API that SAM makes for events that name none.
const IMPLICIT: &str = "ServerlessRestApi";
/// Stage of the implicit REST API.
const IMPLICIT_STAGE: &str = "Prod";

/// The implicit REST API and the stages of all, by the names the transform gives them.
pub(super) fn generated(stack: &Stack<'_>) -> Vec<Declared> {
    let mut all = Vec::new();
    let mut make = |id: String, kind: &str, at: Mark, name: Option<Node>, condition: Option<&(String, Mark)>| {
        let name = name.map(|value| Entry { key: "StageName".into(), at, value });
        all.push(Declared {
            id,
            kind: kind.into(),
            at,
            properties: Node::map(at, name.into_iter().collect()),
            condition: condition.cloned(),
            depends_on: Vec::new(),
            generated: true,
        });
    };
    let implied =
        stack.resources.iter().filter(|declared| declared.kind == "AWS::Serverless::Function").find_map(implied);
    if let Some(at) = implied.filter(|_| stack.find(IMPLICIT).is_none()) {
        make(IMPLICIT.into(), "AWS::Serverless::Api", at, None, None);
        let stage = format!("{IMPLICIT}{IMPLICIT_STAGE}Stage");
        make(stage, "AWS::ApiGateway::Stage", at, Some(Node::text(at, IMPLICIT_STAGE)), None);
    }
    for api in stack.resources.iter().filter(|declared| declared.kind == "AWS::Serverless::Api") {
        let Some(name) = api.properties.get("StageName") else { continue };
        let id = format!("{}{}Stage", api.id, name.as_text().unwrap_or_default());
        make(id, "AWS::ApiGateway::Stage", api.at, Some(name.clone()), api.condition.as_ref());
    }
    all
}

/// Where a function first has an event of the implicit REST API.
fn implied(function: &Declared) -> Option<Mark> {
    let events = function.properties.get("Events").map(Node::entries).unwrap_or_default();
    let of_rest = events.iter().filter(|event| event.value.get("Type").and_then(Node::as_text) == Some("Api"));
    let mut implicit = of_rest
        .filter(|event| event.value.get("Properties").is_none_or(|properties| properties.get("RestApiId").is_none()));
    implicit.next().map(|event| event.at)
}

/// Tells of a resource that answers clients or runs functions on AWS alone.
pub(super) fn tell(stack: &Stack<'_>, declared: &Declared) {
    let what = match declared.kind.as_str() {
        "AWS::Serverless::Api" | "AWS::ApiGateway::RestApi" => "REST APIs do",
        "AWS::Serverless::StateMachine" | "AWS::StepFunctions::StateMachine" => "state machines do",
        "AWS::Serverless::GraphQLApi" | "AWS::AppSync::GraphQLApi" => "GraphQL APIs do",
        "AWS::Lambda::Url" => "function URLs do",
        _ => return,
    };
    stack.leave_out(declared.at, format!("{}: {what} not run here", declared.id));
}

/// Tells of a function's own URL.
pub(super) fn tell_url(function: &Fields<'_>) {
    if let Some(node) = function.get("FunctionUrlConfig") {
        function.leave_out(node.at, "function URLs do not run here");
    }
}
