//! HTTP servers behind routes.

/// What an `HTTP_PROXY` integration calls in place of a function (gateway facts H-50 to H-54).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// `IntegrationUri`: `http://` or `https://`, with `{variables}` of the route and `${stageVariables.X}`.
    pub uri: String,
    /// `IntegrationMethod` in upper case; `ANY` is the method of the request.
    pub method: String,
}
