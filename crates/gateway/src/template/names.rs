//! Names, ARNs and ids that only AWS would know, deterministic here (gateway fact T-05).
//!
//! A name is the template's own where it gives one, else `<stack>-<LogicalId>`; everything else follows from the name.

use super::nested;
use super::node::{Kind, Mark, Node};
use super::reader::{short_id, uuid_like};
use super::similar;
use super::stack::{Declared, Stack};

/// Resources whose names may need one another before reading gives up.
const MAX_CHAIN: usize = 32;

/// How a type's values are made. In the patterns: `{name}`, `{id}` (10 alphanumerics), `{region}`, `{account}`.
struct Shape {
    kind: &'static str,
    /// Property that holds the name, if the type has one.
    name: &'static str,
    /// What `Ref` gives.
    reference: &'static str,
    /// What `Fn::GetAtt` gives.
    attributes: &'static [(&'static str, &'static str)],
}

const fn shape(
    kind: &'static str,
    name: &'static str,
    reference: &'static str,
    attributes: &'static [(&'static str, &'static str)],
) -> Shape {
    Shape { kind, name, reference, attributes }
}

const FUNCTION: &[(&str, &str)] = &[("Arn", "arn:aws:lambda:{region}:{account}:function:{name}")];
const TABLE_ARN: &str = "arn:aws:dynamodb:{region}:{account}:table/{name}";
const TABLE: &[(&str, &str)] = &[
    ("Arn", TABLE_ARN),
    ("StreamArn", "arn:aws:dynamodb:{region}:{account}:table/{name}/stream/2026-01-01T00:00:00.000"),
    ("TableId", "{id}"),
];
const SECRET: &str = "arn:aws:secretsmanager:{region}:{account}:secret:{name}-{six}";
const TOPIC: &str = "arn:aws:sns:{region}:{account}:{name}";
const QUEUE: &str = "https://sqs.{region}.amazonaws.com/{account}/{name}";
const HTTP: &[(&str, &str)] = &[("ApiEndpoint", "https://{id}.execute-api.{region}.amazonaws.com"), ("ApiId", "{id}")];
const SOCKET: &[(&str, &str)] = &[("ApiEndpoint", "wss://{id}.execute-api.{region}.amazonaws.com"), ("ApiId", "{id}")];

/// Types whose values templates pass around. Any other type gets a readable placeholder.
const SHAPES: &[Shape] = &[
    shape("AWS::Serverless::Function", "FunctionName", "{name}", FUNCTION),
    shape("AWS::Lambda::Function", "FunctionName", "{name}", FUNCTION),
    shape("AWS::Serverless::HttpApi", "", "{id}", HTTP),
    shape("AWS::Serverless::WebSocketApi", "", "{id}", SOCKET),
    shape("AWS::ApiGatewayV2::Api", "", "{id}", HTTP),
    shape("AWS::ApiGatewayV2::Stage", "StageName", "{name}", &[]),
    shape("AWS::ApiGatewayV2::Route", "", "{id}", &[("RouteId", "{id}")]),
    shape("AWS::ApiGatewayV2::Integration", "", "{id}", &[("IntegrationId", "{id}")]),
    shape("AWS::ApiGatewayV2::Authorizer", "", "{id}", &[("AuthorizerId", "{id}")]),
    shape("AWS::ApiGatewayV2::Deployment", "", "{id}", &[("DeploymentId", "{id}")]),
    shape("AWS::ApiGatewayV2::RouteResponse", "", "{id}", &[("RouteResponseId", "{id}")]),
    shape("AWS::ApiGatewayV2::IntegrationResponse", "", "{id}", &[("IntegrationResponseId", "{id}")]),
    shape("AWS::Serverless::Api", "", "{id}", &[("RootResourceId", "{id}")]),
    shape("AWS::ApiGateway::RestApi", "", "{id}", &[("RestApiId", "{id}"), ("RootResourceId", "{id}")]),
    shape("AWS::ApiGateway::Stage", "StageName", "{name}", &[]),
    shape("AWS::DynamoDB::Table", "TableName", "{name}", TABLE),
    shape("AWS::DynamoDB::GlobalTable", "TableName", "{name}", TABLE),
    shape("AWS::Serverless::SimpleTable", "TableName", "{name}", &[("Arn", TABLE_ARN)]),
    shape(
        "AWS::S3::Bucket",
        "BucketName",
        "{name}",
        &[
            ("Arn", "arn:aws:s3:::{name}"),
            ("DomainName", "{name}.s3.amazonaws.com"),
            ("RegionalDomainName", "{name}.s3.{region}.amazonaws.com"),
            ("DualStackDomainName", "{name}.s3.dualstack.{region}.amazonaws.com"),
            ("WebsiteURL", "http://{name}.s3-website-{region}.amazonaws.com"),
        ],
    ),
    shape("AWS::SecretsManager::Secret", "Name", SECRET, &[("Id", SECRET)]),
    shape(
        "AWS::Logs::LogGroup",
        "LogGroupName",
        "{name}",
        &[("Arn", "arn:aws:logs:{region}:{account}:log-group:{name}:*")],
    ),
    shape(
        "AWS::SQS::Queue",
        "QueueName",
        QUEUE,
        &[("Arn", "arn:aws:sqs:{region}:{account}:{name}"), ("QueueName", "{name}"), ("QueueUrl", QUEUE)],
    ),
    shape("AWS::SNS::Topic", "TopicName", TOPIC, &[("TopicArn", TOPIC), ("TopicName", "{name}")]),
    shape(
        "AWS::IAM::Role",
        "RoleName",
        "{name}",
        &[("Arn", "arn:aws:iam::{account}:role/{name}"), ("RoleId", "AROA{id}")],
    ),
    shape("AWS::IAM::ManagedPolicy", "ManagedPolicyName", "arn:aws:iam::{account}:policy/{name}", &[]),
    shape("AWS::KMS::Key", "", "{uuid}", &[("Arn", "arn:aws:kms:{region}:{account}:key/{uuid}"), ("KeyId", "{uuid}")]),
    shape("AWS::KMS::Alias", "AliasName", "{name}", &[]),
    shape(
        "AWS::CloudWatch::Alarm",
        "AlarmName",
        "{name}",
        &[("Arn", "arn:aws:cloudwatch:{region}:{account}:alarm:{name}")],
    ),
    shape("AWS::Events::Rule", "Name", "{name}", &[("Arn", "arn:aws:events:{region}:{account}:rule/{name}")]),
    shape(
        "AWS::Scheduler::Schedule",
        "Name",
        "{name}",
        &[("Arn", "arn:aws:scheduler:{region}:{account}:schedule/default/{name}")],
    ),
    shape(
        "AWS::Lambda::EventSourceMapping",
        "",
        "{uuid}",
        &[("Id", "{uuid}"), ("EventSourceMappingArn", "arn:aws:lambda:{region}:{account}:event-source-mapping:{uuid}")],
    ),
];

/// Splits `Resource.Attribute` at its first dot.
pub(super) fn split_attribute(text: &str) -> Option<(&str, &str)> {
    text.split_once('.').filter(|(resource, attribute)| !resource.is_empty() && !attribute.is_empty())
}

impl Stack<'_> {
    /// `Ref` (no attribute) or `Fn::GetAtt` of a resource. `None` after a reported mistake.
    pub(super) fn resource_value(&self, id: &str, attribute: Option<&str>, at: Mark) -> Option<Node> {
        let Some(declared) = self.find(id) else {
            self.unknown_reference(id, at);
            return None;
        };
        if self.in_condition.get() {
            self.report(
                at,
                format!("a condition cannot refer to the resource `{id}`, only to parameters and mappings"),
            );
            return None;
        }
        if !self.is_active(declared) {
            let condition = declared.condition.as_ref().map(|(name, _)| name.as_str()).unwrap_or_default();
            self.report(at, format!("`{id}` is not created: its condition `{condition}` is false"));
            return None;
        }
        if self.naming.borrow().is_empty()
            && let Some(owner) = self.owner.borrow().as_deref()
        {
            self.edges.borrow_mut().add(owner, id, at);
        }
        if nested::is_nested(&declared.kind) {
            return self.nested_value(declared, attribute, at);
        }
        if let Some(qualified) = self.qualified(declared, attribute) {
            return qualified.map(|arn| Node::text(at, arn));
        }
        let shape = SHAPES.iter().find(|shape| shape.kind == declared.kind);
        let pattern = match (shape, attribute) {
            (Some(shape), None) => shape.reference.to_owned(),
            (Some(shape), Some(attribute)) => {
                let Some((_, pattern)) = shape.attributes.iter().find(|(name, _)| *name == attribute) else {
                    let hint = similar::hint(attribute, shape.attributes.iter().map(|(name, _)| *name));
                    self.report(at, format!("`{id}` ({}) has no attribute `{attribute}`{hint}", declared.kind));
                    return None;
                };
                (*pattern).to_owned()
            }
            (None, None) => "{name}".into(),
            (None, Some("Arn")) => {
                let service = declared.kind.split("::").nth(1).unwrap_or_default().to_ascii_lowercase();
                format!("arn:aws:{service}:{{region}}:{{account}}:{{name}}")
            }
            (None, Some(attribute)) => format!("{{name}}.{attribute}"),
        };
        let name = if pattern.contains("{name}") { self.name_of(declared)? } else { String::new() };
        let mut value = self.filled(&pattern, id, &name);
        if declared.kind == "AWS::ApiGatewayV2::Api" && value.starts_with("https:") && self.is_websocket(declared) {
            value.replace_range(.."https".len(), "wss");
        }
        Some(Node::text(at, value))
    }

    /// An attribute of a resource of a known type, whether or not anything refers to it.
    pub(super) fn own_arn(&self, declared: &Declared, attribute: &str) -> Option<String> {
        let shape = SHAPES.iter().find(|shape| shape.kind == declared.kind)?;
        let (_, pattern) = shape.attributes.iter().find(|(name, _)| *name == attribute)?;
        Some(self.filled(pattern, &declared.id, &self.name_of(declared)?))
    }

    /// The ARN of a function of this template, given its name.
    pub(super) fn function_arn(&self, name: &str) -> String {
        self.filled(FUNCTION[0].1, "", name)
    }

    /// What SAM makes of a resource and lets be referred to under its name: `Function.Version` and `Function.Alias` of a
    /// function with `AutoPublishAlias` (ARNs), `Api.Stage` (the name).
    pub(super) fn published(&self, name: &str) -> Option<String> {
        let (id, part) = split_attribute(name)?;
        let declared = self.find(id)?;
        let stage = |default: &str| match declared.properties.get("StageName") {
            Some(name) => Some(self.evaluate(name)?.as_text()?.to_owned()),
            None => Some(default.to_owned()),
        };
        match (declared.kind.as_str(), part) {
            ("AWS::Serverless::Function", "Version" | "Alias") => {
                let alias = declared.properties.get("AutoPublishAlias")?;
                let arn = self.function_arn(&self.name_of(declared)?);
                let version =
                    if part == "Version" { "1".to_owned() } else { self.evaluate(alias)?.as_text()?.to_owned() };
                Some(format!("{arn}:{version}"))
            }
            ("AWS::Serverless::HttpApi", "Stage") => stage("$default"),
            ("AWS::Serverless::WebSocketApi", "Stage") => stage("default"),
            ("AWS::Serverless::Api", "Stage") => stage("Prod"),
            ("AWS::Serverless::Api", "Deployment") => Some(self.id_of(name)),
            _ => None,
        }
    }

    /// ARN of an alias or a version that is a resource of its own; `None` for any other value, and `None` inside when
    /// its function or name is not known, which is told.
    #[expect(clippy::option_option, reason = "another value, or an unknown one")]
    fn qualified(&self, declared: &Declared, attribute: Option<&str>) -> Option<Option<String>> {
        let qualifier = match (declared.kind.as_str(), attribute) {
            ("AWS::Lambda::Alias", None | Some("AliasArn")) => declared.properties.get("Name"),
            ("AWS::Lambda::Version", None | Some("FunctionArn")) => None,
            _ => return None,
        };
        let text = |node: &Node| self.text(node, "the function or name of an alias or version");
        let function = declared.properties.get("FunctionName").and_then(text);
        let qualifier = qualifier.map_or_else(|| Some("1".to_owned()), text);
        Some(function.zip(qualifier).map(|(function, qualifier)| {
            let arn = if function.starts_with("arn:") { function } else { self.function_arn(&function) };
            format!("{arn}:{qualifier}")
        }))
    }

    /// The ten-character id of a resource.
    pub(super) fn id_of(&self, id: &str) -> String {
        short_id(&format!("{}/{}", self.name, id))
    }

    pub(super) fn stack_id(&self) -> String {
        let settings = self.reader.settings;
        let id = uuid_like(&self.name);
        format!("arn:aws:cloudformation:{}:{}:stack/{}/{id}", settings.region, settings.account_id, self.name)
    }

    fn filled(&self, pattern: &str, id: &str, name: &str) -> String {
        let short = self.id_of(id);
        // The name comes last: whatever braces it has stay.
        pattern
            .replace("{region}", &self.reader.settings.region)
            .replace("{account}", &self.reader.settings.account_id)
            .replace("{six}", &short[..6])
            .replace("{uuid}", &uuid_like(&short))
            .replace("{id}", &short)
            .replace("{name}", name)
    }

    /// Whether a raw API's protocol, given as it is or by a parameter, is WebSocket.
    fn is_websocket(&self, declared: &Declared) -> bool {
        let protocol = declared.properties.get("ProtocolType").and_then(|node| match node.call() {
            Some(("Ref", name)) => self.parameters.get(name.as_text()?),
            _ => Some(node),
        });
        protocol.and_then(Node::as_text) == Some("WEBSOCKET")
    }

    /// The physical name of a resource, found once. `None` after a reported mistake or inside a circle of references,
    /// which [`super::cycles`] reports.
    pub(super) fn name_of(&self, declared: &Declared) -> Option<String> {
        let id = &declared.id;
        if let Some(known) = self.names.borrow().get(id) {
            return known.clone();
        }
        if self.naming.borrow().contains(id) {
            return None;
        }
        if self.naming.borrow().len() > MAX_CHAIN {
            self.report(declared.at, format!("{id}: names refer to one another more than {MAX_CHAIN} deep"));
            return None;
        }
        self.naming.borrow_mut().push(id.clone());
        let name = self.find_name(declared);
        self.naming.borrow_mut().pop();
        self.names.borrow_mut().insert(id.clone(), name.clone());
        name
    }

    fn find_name(&self, declared: &Declared) -> Option<String> {
        let property = SHAPES.iter().find(|shape| shape.kind == declared.kind).map(|shape| shape.name);
        let given = property.and_then(|property| declared.properties.get(property));
        match given.map(|node| self.evaluate(node)) {
            Some(Some(Node { kind: Kind::Scalar { text, .. }, .. })) if !text.is_empty() => Some(text),
            // A name of another kind is a mistake that is reported where the property is read.
            Some(Some(_)) => None,
            Some(None) | None => Some(self.generated_name(declared)),
        }
    }

    fn generated_name(&self, declared: &Declared) -> String {
        let name = format!("{}-{}", self.name, declared.id);
        let limit = match declared.kind.as_str() {
            "AWS::S3::Bucket" => 63,
            "AWS::Serverless::Function" | "AWS::Lambda::Function" | "AWS::IAM::Role" => 64,
            _ => 255,
        };
        let name = match name.char_indices().nth(limit) {
            Some(_) => {
                let kept: String = name.chars().take(limit - 11).collect();
                format!("{kept}-{}", short_id(&name))
            }
            None => name,
        };
        if declared.kind == "AWS::S3::Bucket" { name.to_ascii_lowercase() } else { name }
    }
}
