//! HTTP APIs: stages, routes, CORS and authorizers.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::names::Names;
use super::{Backend, Location, Mapping, Throttling};

/// One HTTP API with its routes.
#[derive(Debug, Clone)]
pub struct HttpApi {
    /// Logical id (`ServerlessHttpApi` for the implicit one).
    pub logical_id: String,
    /// Deterministic API id: 10 lower-case alphanumerics.
    pub api_id: String,
    /// Stages, at least one (gateway fact H-01).
    pub stages: Vec<Stage>,
    /// Routes in template order.
    pub routes: Vec<HttpRoute>,
    /// CORS, when configured.
    pub cors: Option<Cors>,
    /// Authorizers by the id that [`Authorization`] names: those that a route uses.
    pub authorizers: BTreeMap<String, HttpAuthorizer>,
    /// Where it stands in the template (of the implicit one: its first event).
    pub location: Location,
}

/// One stage of an HTTP API.
#[derive(Clone)]
pub struct Stage {
    /// Name; `$default` serves what no other stage's name begins.
    pub name: String,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// How much it lets through.
    pub throttling: Throttling,
    /// Where it stands in the template.
    pub location: Location,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("name", &self.name)
            .field("variables", &Names(&self.variables))
            .field("throttling", &self.throttling)
            .field("location", &self.location)
            .finish()
    }
}

/// One route of an HTTP API.
#[derive(Debug, Clone)]
pub struct HttpRoute {
    /// Method in upper case, `ANY`, or `$default`.
    pub method: String,
    /// Path with `{var}` and `{var+}`; empty for `$default`.
    pub path: String,
    /// Logical id of the function; empty where a backend answers.
    pub function: String,
    /// The HTTP server that answers in place of a function (gateway fact H-50).
    pub backend: Option<Backend>,
    /// What is changed of its requests and responses (gateway fact H-60).
    pub mapping: Mapping,
    /// Form of the function's event and of its reply.
    pub payload_format: PayloadFormat,
    /// Who may call it.
    pub authorization: Authorization,
    /// Integration timeout (at most 30 s, the default).
    pub timeout: Duration,
    /// Where the event stands in the template.
    pub location: Location,
}

impl HttpRoute {
    /// The configured route key as it appears in events (gateway fact H-04): `GET /pets/{id}`, `ANY /x`, `$default`.
    pub fn key(&self) -> String {
        if self.method == "$default" { self.method.clone() } else { format!("{} {}", self.method, self.path) }
    }

    /// What answers it, in a word: the function's logical id, or the address of the backend.
    pub fn target(&self) -> &str {
        self.backend.as_ref().map_or(&self.function, |backend| &backend.uri)
    }
}

/// `PayloadFormatVersion` of an integration or a Lambda authorizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PayloadFormat {
    /// `1.0`: the form of REST APIs.
    V1,
    /// `2.0`.
    #[default]
    V2,
}

/// Who may call a route.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Authorization {
    /// Everybody.
    #[default]
    Open,
    /// Requests signed with IAM credentials (gateway fact A-10).
    Iam,
    /// Whom this Lambda authorizer of the API lets in.
    Lambda(String),
    /// Tokens that this JWT authorizer of the API accepts and that have one of the scopes, if there are any.
    Jwt {
        /// Id of the authorizer.
        authorizer: String,
        /// `AuthorizationScopes`.
        scopes: Vec<String>,
    },
}

/// An authorizer of an HTTP API.
#[derive(Debug, Clone)]
pub enum HttpAuthorizer {
    /// A function decides.
    Lambda(LambdaAuthorizer),
    /// A token decides.
    Jwt(JwtAuthorizer),
}

/// A `REQUEST` authorizer.
#[derive(Debug, Clone)]
pub struct LambdaAuthorizer {
    /// Logical id of the function.
    pub function: String,
    /// Form of the event it gets.
    pub payload_format: PayloadFormat,
    /// Whether it answers `{"isAuthorized": …}` rather than an IAM policy.
    pub simple_responses: bool,
    /// What a request must have, and what the cache goes by.
    pub identity_sources: Vec<IdentitySource>,
    /// How long a result is kept; zero is not at all, `None` is what the template leaves open.
    pub result_ttl: Option<Duration>,
    /// Where it stands in the template.
    pub location: Location,
}

/// Where a part of a caller's identity stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentitySource {
    /// `$request.header.X`.
    Header(String),
    /// `$request.querystring.X`.
    Query(String),
    /// `$stageVariables.X`.
    StageVariable(String),
    /// `$context.X`.
    Context(String),
}

/// A `JWT` authorizer.
#[derive(Debug, Clone)]
pub struct JwtAuthorizer {
    /// Where the token stands.
    pub identity_source: IdentitySource,
    /// `issuer`: the claim `iss`, and where the keys are found.
    pub issuer: String,
    /// `audience`: the claim `aud`, or else `client_id`, must name one.
    pub audience: Vec<String>,
    /// Where it stands in the template.
    pub location: Location,
}

/// `CorsConfiguration` (gateway facts C-01 to C-07).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cors {
    /// Exact origins, `*`, `https://*` or `http://*`.
    pub allow_origins: Vec<String>,
    /// Methods.
    pub allow_methods: Vec<String>,
    /// Request headers.
    pub allow_headers: Vec<String>,
    /// Response headers a browser may read.
    pub expose_headers: Vec<String>,
    /// Seconds a preflight may be cached.
    pub max_age: Option<u64>,
    /// Whether cookies may be sent.
    pub allow_credentials: bool,
}
