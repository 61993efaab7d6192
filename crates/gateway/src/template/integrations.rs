//! What integrations have in common, as resources and in definitions: kind, timeout, parameters.

use super::fields::Fields;
use super::link::{ANSWER, IntegrationKind, IntegrationPart, Parameter};
use super::node::{Entry, Kind, Mark, Node};
use crate::model::{Passthrough, Templates};

/// The names of an integration's properties where it stands.
pub(super) struct Names {
    pub(super) kind: &'static str,
    pub(super) uri: &'static str,
    pub(super) method: &'static str,
    pub(super) format: &'static str,
    pub(super) timeout: &'static str,
    pub(super) connection: &'static str,
    pub(super) requests: &'static str,
    pub(super) responses: &'static str,
}

/// Of `AWS::ApiGatewayV2::Integration`.
pub(super) const RESOURCE: Names = Names {
    kind: "IntegrationType",
    uri: "IntegrationUri",
    method: "IntegrationMethod",
    format: "PayloadFormatVersion",
    timeout: "TimeoutInMillis",
    connection: "ConnectionType",
    requests: "RequestParameters",
    responses: "ResponseParameters",
};

/// Of `x-amazon-apigateway-integration`.
pub(super) const DEFINITION: Names = Names {
    kind: "type",
    uri: "uri",
    method: "httpMethod",
    format: "payloadFormatVersion",
    timeout: "timeoutInMillis",
    connection: "connectionType",
    requests: "requestParameters",
    responses: "responseParameters",
};

/// What `IntegrationUri` leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// To a function, with the event of a proxy.
    Function,
    /// To an HTTP server, as the request came.
    Http,
    /// To a function, by templates.
    CustomFunction,
    /// To an HTTP server, by templates.
    CustomHttp,
    /// Nowhere: the templates answer.
    Nowhere,
}

/// Reads an integration that leads somewhere; `None` after a reported mistake, and for one that does not run here.
pub(super) fn read(fields: &Fields<'_>, id: String, leads: Leads, names: &Names, at: Mark) -> Option<IntegrationPart> {
    if let Some(node) = fields.get(names.connection)
        && node.as_text() == Some("VPC_LINK")
    {
        fields.leave_out(node.at, format_args!("there is no VPC to link to here: {ANSWER}"));
        return None;
    }
    let nowhere = leads == Leads::Nowhere;
    let uri = if nowhere { String::new() } else { fields.required(names.uri, at)? };
    let kind = match leads {
        Leads::Function => IntegrationKind::Function,
        Leads::Http => IntegrationKind::Http { method: method(fields, names.method) },
        Leads::CustomFunction => IntegrationKind::CustomFunction,
        Leads::CustomHttp => IntegrationKind::CustomHttp { method: method(fields, names.method) },
        Leads::Nowhere => IntegrationKind::Mock,
    };
    let mut part = IntegrationPart::new(
        id,
        fields.owner.clone(),
        kind,
        uri,
        fields.location(if nowhere { names.kind } else { names.uri }),
    );
    let format = fields.text(names.format).unwrap_or_else(|| "1.0".into());
    part.payload_format = (format, fields.location(names.format));
    part.timeout = fields.text(names.timeout).map(|text| (text, fields.location(names.timeout)));
    part.requests = requests(fields, names.requests);
    part.responses = responses(fields, names.responses);
    part.templates = (templates(fields, "RequestTemplates"), fields.location("RequestTemplates"));
    part.passthrough = passthrough(fields);
    Some(part)
}

/// Templates, of requests or of responses.
pub(super) fn templates(fields: &Fields<'_>, key: &str) -> Templates {
    Templates { selection: fields.text("TemplateSelectionExpression"), templates: fields.strings(key) }
}

fn passthrough(fields: &Fields<'_>) -> Passthrough {
    match fields.text("PassthroughBehavior").as_deref() {
        None | Some("WHEN_NO_MATCH") => Passthrough::NoMatch,
        Some("WHEN_NO_TEMPLATES") => Passthrough::NoTemplates,
        Some("NEVER") => Passthrough::Never,
        Some(other) => {
            let message = "`PassthroughBehavior` must be WHEN_NO_MATCH, WHEN_NO_TEMPLATES or NEVER";
            let at = fields.get("PassthroughBehavior").map_or(fields.node.at, |node| node.at);
            fields.report(at, format_args!("{message}, not `{other}`"));
            Passthrough::default()
        }
    }
}

/// In upper case; `ANY` unless it is said.
fn method(fields: &Fields<'_>, key: &str) -> String {
    match fields.text(key).map(|method| method.to_ascii_uppercase()) {
        None => "ANY".to_owned(),
        Some(any) if any == "X-AMAZON-APIGATEWAY-ANY-METHOD" => "ANY".to_owned(),
        Some(method) => method,
    }
}

fn requests(fields: &Fields<'_>, key: &str) -> Vec<Parameter> {
    fields.get(key).map(|node| parameters(fields, node)).unwrap_or_default()
}

fn parameters(fields: &Fields<'_>, node: &Node) -> Vec<Parameter> {
    let inner = fields.part(node);
    let read = |entry: &Entry| {
        // An empty value maps nothing.
        let value = inner.text(&entry.key).unwrap_or_default();
        Parameter { key: entry.key.clone(), value, location: fields.stack.location(entry.at) }
    };
    inner.node.entries().iter().map(read).collect()
}

/// By status: a mapping, or the list of `Destination` and `Source` that `CloudFormation` has.
fn responses(fields: &Fields<'_>, key: &str) -> Vec<(String, Vec<Parameter>)> {
    let by_status = fields.get(key).map(Node::entries).unwrap_or_default();
    let read = |entry: &Entry| {
        let list = entry.value.get("ResponseParameters").unwrap_or(&entry.value);
        let Kind::List(items) = &list.kind else { return (entry.key.clone(), parameters(fields, list)) };
        let item = |item: &Node| {
            let inner = fields.part(item);
            Some(Parameter {
                key: inner.required("Destination", item.at)?,
                value: inner.text("Source").unwrap_or_default(),
                location: fields.stack.location(item.at),
            })
        };
        (entry.key.clone(), items.iter().filter_map(item).collect())
    };
    by_status.iter().map(read).collect()
}
