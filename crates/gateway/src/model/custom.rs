//! Integrations of WebSocket routes that are no `AWS_PROXY` (gateway facts W-37, W-50 to W-54).

use std::collections::BTreeMap;

use super::Backend;

/// An integration whose request and response are not those of a proxied function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    /// What answers.
    pub target: Target,
    /// `RequestParameters`: what a backend's request gets beside its body.
    pub parameters: Vec<Parameter>,
    /// What a request comes to. Of a mock: its status.
    pub requests: Templates,
    /// What becomes of a message that no template is for.
    pub passthrough: Passthrough,
    /// Integration responses by their key: `$default`, or `/expression/` for the status.
    pub responses: BTreeMap<String, IntegrationResponse>,
}

/// What answers in place of a proxied function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `MOCK`: the gateway itself, by the templates.
    Mock,
    /// `AWS`: the route's function, which gets what the request template makes.
    Function,
    /// `HTTP`: an HTTP server, by the templates.
    Http(Backend),
    /// `HTTP_PROXY`: an HTTP server, without templates.
    HttpProxy(Backend),
}

/// `PassthroughBehavior`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Passthrough {
    /// `WHEN_NO_MATCH`: the message goes as it is.
    #[default]
    NoMatch,
    /// `WHEN_NO_TEMPLATES`: so it does, but only if there is no template at all.
    NoTemplates,
    /// `NEVER`.
    Never,
}

/// Templates by their key, and the expression that chooses among them; `$default` serves when it names none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    /// `TemplateSelectionExpression`.
    pub selection: Option<String>,
    /// `RequestTemplates` or `ResponseTemplates`.
    pub templates: BTreeMap<String, String>,
}

/// An `AWS::ApiGatewayV2::IntegrationResponse`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrationResponse {
    /// What the client is told.
    pub templates: Templates,
}

/// One of `RequestParameters` of a WebSocket integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Where the value goes.
    pub place: ParameterPlace,
    /// Where it comes from.
    pub source: ParameterSource,
}

/// Where a parameter's value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterPlace {
    /// `integration.request.header.X`.
    Header(String),
    /// `integration.request.querystring.X`.
    Query(String),
    /// `integration.request.path.X`: `{X}` of the address.
    Path(String),
}

/// Where a parameter's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterSource {
    /// `route.request.header.X`, of `$connect` alone: the last value.
    Header(String),
    /// `route.request.multivalueheader.X`: all values.
    Headers(String),
    /// `route.request.querystring.X`, of `$connect` alone: the last value.
    Query(String),
    /// `route.request.multivaluequerystring.X`: all values.
    Queries(String),
    /// `route.request.body`, or a path into its JSON.
    Body(Vec<String>),
    /// `context.X`.
    Context(Vec<String>),
    /// `stageVariables.X`.
    StageVariable(String),
    /// `'text'`.
    Text(String),
}
