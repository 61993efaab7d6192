//! MOCK integrations of WebSocket routes (gateway fact W-37).

use std::collections::BTreeMap;

/// Templates by their key, and the expression that chooses among them; `$default` serves when it names none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    /// `TemplateSelectionExpression`.
    pub selection: Option<String>,
    /// `RequestTemplates` or `ResponseTemplates`.
    pub templates: BTreeMap<String, String>,
}

/// An integration that has no backend: its request template names a status, and the response of that is the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mock {
    /// What the request comes to, with `statusCode`.
    pub requests: Templates,
    /// Integration responses by their key: `$default`, or `/expression/` for the status.
    pub responses: BTreeMap<String, MockResponse>,
}

/// An `AWS::ApiGatewayV2::IntegrationResponse` of a mock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MockResponse {
    /// What the client is told.
    pub templates: Templates,
}
