//! Statements of functions and roles: inline documents and SAM policy templates.

use super::fields::Fields;
use super::node::{Entry, Kind, Node};
use super::{policy_templates, similar};
use crate::model::Statement;
use crate::policy;

/// `Policies` of a serverless function: one policy or a list. Names of managed policies say nothing by themselves
/// and are passed over.
pub(super) fn serverless(fields: &Fields<'_>) -> Vec<Statement> {
    let Some(policies) = fields.get("Policies") else { return Vec::new() };
    let policies = match &policies.kind {
        Kind::List(list) => list.as_slice(),
        _ => std::slice::from_ref(policies),
    };
    policies.iter().flat_map(|policy| one(fields, policy)).collect()
}

fn one(fields: &Fields<'_>, policy: &Node) -> Vec<Statement> {
    match &policy.kind {
        Kind::Scalar { .. } | Kind::Broken => return Vec::new(),
        Kind::Map(_) if policy.get("Statement").is_some() => return statements(fields, policy),
        Kind::Map(entries) => {
            if let [template] = entries.as_slice() {
                return from_template(fields, template);
            }
        }
        Kind::List(_) => {}
    }
    fields.report(policy.at, "a policy is a name, a document with `Statement`, or one policy template");
    Vec::new()
}

fn from_template(fields: &Fields<'_>, Entry { key, at, value }: &Entry) -> Vec<Statement> {
    let parameter = |name: &str| {
        let text = value.get(name).and_then(Node::as_text).map(str::to_owned);
        if text.is_none() && value.get(name).is_none_or(|node| !node.is_broken()) {
            fields.report(value.at, format_args!("policy template `{key}` needs `{name}`"));
        }
        text
    };
    policy_templates::expand(fields.stack, key, parameter).unwrap_or_else(|| {
        let hint = similar::hint(key, policy_templates::names());
        fields.report(*at, format_args!("unknown policy template `{key}`{hint}"));
        Vec::new()
    })
}

/// Managed policies that are known to allow nothing that the gateway decides about: logs, metrics and traces.
const HARMLESS: [&str; 5] = [
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
];

/// Whether a function's policies name managed ones, whose statements are not known here.
pub(super) fn elsewhere(fields: &Fields<'_>) -> bool {
    let Some(policies) = fields.get("Policies") else { return false };
    let unknown = |policy: &Node| {
        let name = policy.as_text().map(|name| name.rsplit('/').next().unwrap_or(name));
        name.is_some_and(|name| !HARMLESS.contains(&name))
    };
    match &policies.kind {
        Kind::List(list) => list.iter().any(unknown),
        _ => unknown(policies),
    }
}

/// `Policies: [{PolicyDocument: …}]` of a role.
pub(super) fn inline(fields: &Fields<'_>) -> Vec<Statement> {
    let Some(Node { kind: Kind::List(policies), .. }) = fields.get("Policies") else { return Vec::new() };
    policies.iter().flat_map(|policy| document(&fields.part(policy))).collect()
}

/// `PolicyDocument` of a policy.
pub(super) fn document(fields: &Fields<'_>) -> Vec<Statement> {
    fields.get("PolicyDocument").map(|document| statements(fields, document)).unwrap_or_default()
}

fn statements(fields: &Fields<'_>, document: &Node) -> Vec<Statement> {
    let Some(listed) = document.get("Statement") else {
        fields.report(document.at, "a policy document needs `Statement`");
        return Vec::new();
    };
    let listed = match &listed.kind {
        Kind::List(list) => list.as_slice(),
        _ => std::slice::from_ref(listed),
    };
    let mut read = Vec::new();
    for node in listed.iter().filter(|node| !holds_broken(node)) {
        match policy::statement(&node.to_json()) {
            Ok(statement) => read.push(statement),
            Err(error) => fields.report(node.at, error),
        }
    }
    read
}

/// Whether a mistake inside is reported already: what follows from it need not be.
fn holds_broken(node: &Node) -> bool {
    match &node.kind {
        Kind::Broken => true,
        Kind::Scalar { .. } => false,
        Kind::List(items) => items.iter().any(holds_broken),
        Kind::Map(entries) => entries.iter().any(|entry| holds_broken(&entry.value)),
    }
}
