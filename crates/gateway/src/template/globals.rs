//! Properties of SAM's own resources: which there are, and `Globals`, merged under them as the SAM transform does.

use super::node::{Kind, Node};
use super::similar;
use super::stack::Stack;

/// A type that runs here.
struct Section {
    /// Its name in Globals; the type is `AWS::Serverless::` and this.
    name: &'static str,
    /// Properties SAM allows in Globals too.
    shared: &'static [&'static str],
    /// Properties of the resource alone.
    own: &'static [&'static str],
}

const SECTIONS: [Section; 3] = [
    Section {
        name: "Function",
        shared: &[
            "Architectures",
            "AssumeRolePolicyDocument",
            "AutoPublishAlias",
            "AutoPublishAliasAllProperties",
            "CapacityProviderConfig",
            "CodeSigningConfigArn",
            "CodeUri",
            "DeadLetterQueue",
            "DeploymentPreference",
            "Description",
            "DurableConfig",
            "Environment",
            "EphemeralStorage",
            "EventInvokeConfig",
            "FileSystemConfigs",
            "FunctionScalingConfig",
            "FunctionUrlConfig",
            "Handler",
            "KmsKeyArn",
            "Layers",
            "LoggingConfig",
            "MemorySize",
            "PermissionsBoundary",
            "PropagateTags",
            "ProvisionedConcurrencyConfig",
            "PublishToLatestPublished",
            "RecursiveLoop",
            "ReservedConcurrentExecutions",
            "RolePath",
            "Runtime",
            "RuntimeManagementConfig",
            "SnapStart",
            "SourceKMSKeyArn",
            "Tags",
            "TenancyConfig",
            "Timeout",
            "Tracing",
            "VersionDeletionPolicy",
            "VpcConfig",
        ],
        own: &[
            "AutoPublishCodeSha256",
            "Events",
            "FunctionName",
            "ImageConfig",
            "ImageUri",
            "InlineCode",
            "PackageType",
            "Policies",
            "Role",
            "VersionDescription",
        ],
    },
    Section {
        name: "HttpApi",
        shared: &[
            "AccessLogSettings",
            "Auth",
            "CorsConfiguration",
            "DefaultRouteSettings",
            "Domain",
            "FailOnWarnings",
            "PropagateTags",
            "RouteSettings",
            "StageVariables",
            "Tags",
        ],
        own: &["DefinitionBody", "DefinitionUri", "Description", "DisableExecuteApiEndpoint", "Name", "StageName"],
    },
    Section {
        name: "WebSocketApi",
        shared: &[
            "AccessLogSettings",
            "ApiKeySelectionExpression",
            "DefaultRouteSettings",
            "DisableExecuteApiEndpoint",
            "DisableSchemaValidation",
            "Domain",
            "FailOnWarnings",
            "IpAddressType",
            "PropagateTags",
            "RouteSelectionExpression",
            "RouteSettings",
            "StageVariables",
            "Tags",
        ],
        own: &["Auth", "Description", "Name", "Routes", "StageName"],
    },
];
/// Sections of Globals for resources that run nothing here.
const OTHERS: [&str; 7] =
    ["Api", "SimpleTable", "StateMachine", "LayerVersion", "CapacityProvider", "MicroVMImage", "NetworkConnector"];

/// Reports properties that a SAM resource does not have: a misspelt one would be passed over in silence.
pub(super) fn check_properties(stack: &Stack<'_>, id: &str, kind: &str, properties: &Node) {
    let name = kind.strip_prefix("AWS::Serverless::").unwrap_or_default();
    let Some(section) = SECTIONS.iter().find(|section| section.name == name) else { return };
    let known = || section.shared.iter().chain(section.own).copied();
    for entry in properties.entries() {
        if !known().any(|property| property == entry.key) {
            let hint = similar::hint(&entry.key, known());
            stack.report(entry.at, format!("{id}: unknown property `{}`{hint}", entry.key));
        }
    }
}

/// Reports sections and properties that SAM refuses.
pub(super) fn check(stack: &Stack<'_>, globals: &Node) {
    for section in globals.entries() {
        if OTHERS.contains(&section.key.as_str()) {
            continue;
        }
        let Some(known) = SECTIONS.iter().find(|known| known.name == section.key) else {
            let names = SECTIONS.iter().map(|known| known.name).chain(OTHERS);
            let hint = similar::hint(&section.key, names);
            stack.report(section.at, format!("unknown section `{}` of Globals{hint}", section.key));
            continue;
        };
        for entry in section.value.entries() {
            if !known.shared.contains(&entry.key.as_str()) {
                stack.report(entry.at, format!("`{}` cannot be set in Globals.{}", entry.key, section.key));
            }
        }
    }
}

/// Properties of a resource of this type with the globals under them. `ignore` is the resource's `IgnoreGlobals`.
pub(super) fn merged(globals: &Node, kind: &str, properties: &Node, ignore: Option<&Node>) -> Node {
    let section = kind.strip_prefix("AWS::Serverless::").and_then(|section| globals.get(section));
    let Some(section) = section else { return properties.clone() };
    match ignore {
        Some(all) if all.as_text() == Some("*") => properties.clone(),
        Some(Node { kind: Kind::List(names), .. }) => {
            let ignored = |key: &str| names.iter().any(|name| name.as_text() == Some(key));
            let kept = section.entries().iter().filter(|entry| !ignored(&entry.key)).cloned().collect();
            merge(&Node::map(section.at, kept), properties)
        }
        _ => merge(section, properties),
    }
}

/// Mappings merge key by key, lists are appended, anything else (functions too) is replaced by the local value.
fn merge(global: &Node, local: &Node) -> Node {
    match (&global.kind, &local.kind) {
        (Kind::Map(under), Kind::Map(over)) if global.call().is_none() && local.call().is_none() => {
            let mut entries = under.clone();
            for entry in over {
                match entries.iter_mut().find(|known| known.key == entry.key) {
                    Some(known) => {
                        known.value = merge(&known.value, &entry.value);
                        known.at = entry.at;
                    }
                    None => entries.push(entry.clone()),
                }
            }
            Node::map(local.at, entries)
        }
        (Kind::List(under), Kind::List(over)) => Node::list(local.at, under.iter().chain(over).cloned().collect()),
        // `Properties` left out altogether.
        _ if local.is_null() => global.clone(),
        _ => local.clone(),
    }
}
