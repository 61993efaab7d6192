//! `Auth` of an `AWS::Serverless::HttpApi`: its authorizers, and the default (gateway fact T-02).

use std::collections::BTreeMap;
use std::time::Duration;

use super::fields::Fields;
use super::link::{ApiAuth, AuthorizerKind, AuthorizerPart, RequestAuthorizer, authorizers};
use super::node::{Entry, Kind, Node};
use super::similar;
use super::stack::Declared;

const JWT: [&str; 3] = ["AuthorizationScopes", "IdentitySource", "JwtConfiguration"];
const LAMBDA: [&str; 6] = [
    "AuthorizerPayloadFormatVersion",
    "EnableFunctionDefaultPermissions",
    "EnableSimpleResponses",
    "FunctionArn",
    "FunctionInvokeRole",
    "Identity",
];
/// Lists of `Identity` and what their names become.
const IDENTITY: [(&str, &str); 4] = [
    ("Headers", "$request.header."),
    ("QueryStrings", "$request.querystring."),
    ("StageVariables", "$stageVariables."),
    ("Context", "$context."),
];

/// Reads `Auth` and leaves its authorizers with the reader.
pub(super) fn read(api: &Fields<'_>, declared: &Declared) -> ApiAuth {
    let Some(node) = api.get("Auth") else { return ApiAuth::default() };
    let fields = api.part(node);
    fields.only(["Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"].into_iter());
    let mut authorizers = BTreeMap::new();
    let listed = fields.get("Authorizers").map(|listed| fields.part(listed));
    for entry in listed.as_ref().map(|listed| listed.node.entries()).unwrap_or_default() {
        let scopes = authorizer(&fields, declared, entry);
        let read = scopes.map(|scopes| (id(&fields, declared, &entry.key), scopes));
        authorizers.insert(entry.key.clone(), read);
    }
    let iam = fields.flag("EnableIamAuthorizer").unwrap_or(false);
    let default = fields.text("DefaultAuthorizer");
    let known = |name: &str| authorizers.contains_key(name) || iam && name == "AWS_IAM";
    if let Some(name) = default.as_deref().filter(|name| !known(name)) {
        let hint = similar::hint(name, similar::keys(&authorizers));
        let at = fields.get("DefaultAuthorizer").map_or(node.at, |node| node.at);
        fields.report(at, format_args!("`DefaultAuthorizer` names an unknown authorizer `{name}`{hint}"));
    }
    ApiAuth { authorizers, default, iam, ..ApiAuth::default() }
}

fn id(fields: &Fields<'_>, declared: &Declared, name: &str) -> String {
    fields.stack.id_of(&format!("{}/authorizer/{name}", declared.id))
}

/// Reads one authorizer; gives its scopes.
fn authorizer(api: &Fields<'_>, declared: &Declared, entry: &Entry) -> Option<Vec<String>> {
    let stack = api.stack;
    let owner = format!("{}, authorizer {}", declared.id, entry.key);
    let fields = Fields::new(stack, owner.as_str(), &entry.value);
    if fields.node.is_broken() {
        return None;
    }
    // What SAM itself goes by.
    let kind = if fields.node.get("JwtConfiguration").is_some() {
        fields.only(JWT.into_iter());
        jwt(&fields, entry)
    } else {
        fields.only(LAMBDA.into_iter());
        lambda(&fields, entry)
    };
    let location = stack.location(entry.at);
    let part = AuthorizerPart { id: id(api, declared, &entry.key), owner, kind: kind?, location };
    stack.reader.parts.borrow_mut().authorizers.push(part);
    Some(fields.texts("AuthorizationScopes"))
}

fn jwt(fields: &Fields<'_>, entry: &Entry) -> Option<AuthorizerKind> {
    let source = fields.required("IdentitySource", entry.at);
    let node = fields.get("JwtConfiguration")?;
    // SAM takes the keys in either case.
    let lower = |entry: &Entry| Entry { key: entry.key.to_ascii_lowercase(), ..entry.clone() };
    let lowered = Node {
        at: node.at,
        kind: match &node.kind {
            Kind::Map(entries) => Kind::Map(entries.iter().map(lower).collect()),
            other => other.clone(),
        },
    };
    let configuration = Fields::new(fields.stack, fields.owner.as_str(), &lowered);
    configuration.only(["audience", "issuer"].into_iter());
    let issuer = configuration.required("issuer", node.at);
    let audience = configuration.texts("audience");
    if audience.is_empty() && configuration.lacks("audience") {
        configuration.report(node.at, "`audience` is missing");
    }
    let source = match authorizers::identity_source(&source?) {
        Ok(source) => source,
        Err(message) => {
            fields.report(fields.get("IdentitySource").map_or(entry.at, |node| node.at), message);
            return None;
        }
    };
    Some(AuthorizerKind::Jwt { source, issuer: issuer?, audience })
}

fn lambda(fields: &Fields<'_>, entry: &Entry) -> Option<AuthorizerKind> {
    let uri = fields.required("FunctionArn", entry.at);
    let format = fields.required("AuthorizerPayloadFormatVersion", entry.at);
    let identity = fields.get("Identity").map(|node| fields.part(node));
    let mut sources = Vec::new();
    let mut result_ttl = None;
    if let Some(identity) = identity {
        identity.only(IDENTITY.iter().map(|(list, _)| *list).chain(["ReauthorizeEvery"]));
        for (list, prefix) in IDENTITY {
            sources.extend(identity.texts(list).iter().map(|name| format!("{prefix}{name}")));
        }
        result_ttl = identity.number("ReauthorizeEvery", 0..=3_600, " (seconds)").map(Duration::from_secs);
    }
    let simple_responses = fields.flag("EnableSimpleResponses").unwrap_or(false);
    let payload_format = match authorizers::payload_format(&format?) {
        Ok(format) => Some(format),
        Err(message) => {
            fields.report(fields.get("AuthorizerPayloadFormatVersion").map_or(entry.at, |node| node.at), message);
            return None;
        }
    };
    Some(AuthorizerKind::Request(RequestAuthorizer {
        uri: uri?,
        sources,
        payload_format,
        simple_responses,
        result_ttl,
    }))
}
