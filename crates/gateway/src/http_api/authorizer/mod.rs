//! Who may call a route of an HTTP API (gateway facts A-01 to A-10): decisions as pure code.

pub mod cache;
pub mod iam;
pub mod identity;
pub mod jwt;
pub mod lambda;

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use iam::Iam;

/// Who calls, as the event of the function tells it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Caller {
    /// Nobody asked.
    #[default]
    Unknown,
    /// Let in by a Lambda authorizer.
    Lambda {
        /// `principalId` of a policy.
        principal: Option<String>,
        /// `context`, keys sorted, without `claims` (A-02).
        context: Map<String, Value>,
    },
    /// Let in by a token.
    Jwt {
        /// Claims as strings (A-09b).
        claims: Map<String, Value>,
        /// All scopes of the token when the route asks for any, else none.
        scopes: Option<Vec<String>>,
    },
    /// Signed the request.
    Iam(Iam),
}

impl Caller {
    /// `requestContext.authorizer` in format 2.0.
    pub fn v2(&self) -> Option<Value> {
        match self {
            Self::Unknown => None,
            Self::Lambda { context, .. } => Some(json!({ "lambda": context })),
            Self::Jwt { claims, scopes } => Some(json!({ "jwt": { "claims": claims, "scopes": scopes } })),
            Self::Iam(iam) => Some(json!({ "iam": iam })),
        }
    }

    /// `requestContext.authorizer` in format 1.0; IAM's place is `identity` there.
    pub fn v1(&self) -> Option<Value> {
        match self {
            Self::Unknown | Self::Iam(_) => None,
            Self::Jwt { claims, scopes } => Some(json!({ "claims": claims, "scopes": scopes })),
            Self::Lambda { principal, context } => {
                let mut fields = context.clone();
                if let Some(principal) = principal {
                    fields.insert("principalId".to_owned(), principal.clone().into());
                }
                Some(fields.into())
            }
        }
    }

    /// Who signed.
    pub fn iam(&self) -> Option<&Iam> {
        if let Self::Iam(iam) = self { Some(iam) } else { None }
    }
}

/// Why a request does not reach its function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Not identified: 401 (A-01, A-04).
    Unauthorized,
    /// No token: 401 that asks for one.
    NoToken,
    /// A token that is not taken, and why (A-09): 401.
    Token(String),
    /// Identified, and not allowed (A-03, A-09b): 403.
    Forbidden,
    /// The authorizer failed (A-04): 500.
    Failed,
}

impl Refusal {
    /// The answer to the client.
    pub fn answer(&self) -> Answer {
        match self {
            Self::Unauthorized => Answer::message(401, "Unauthorized"),
            Self::NoToken => Answer::message(401, "Unauthorized").with("www-authenticate", "Bearer"),
            Self::Token(reason) => {
                let challenge = format!(r#"Bearer scope="" error="invalid_token" error_description="{reason}""#);
                Answer::message(401, "Unauthorized").with("www-authenticate", challenge)
            }
            Self::Forbidden => Answer::message(403, "Forbidden"),
            Self::Failed => Answer::message(500, "Internal Server Error"),
        }
    }
}
