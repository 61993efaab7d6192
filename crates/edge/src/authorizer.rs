//! The authorizer of `$connect`: who may open a connection, and as whom (gateway facts, section 9).

use std::collections::HashMap;

use app::tokens::Admission;
use domain::Timestamp;
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::Environment;
use crate::services::{AllowedOrigins, FromEnvironment};
use crate::{Error, clock, logs};

/// The sub-protocol that a client names before its token: `Sec-WebSocket-Protocol: bearer, <token>`.
pub(crate) const BEARER_PROTOCOL: &str = "bearer";

/// What this API reads of the authorizer's event.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectRequest {
    method_arn: String,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    query_string_parameters: HashMap<String, String>,
}

impl ConnectRequest {
    /// The access token: in the query, in `Authorization`, or offered as a sub-protocol.
    pub fn token(&self) -> Option<&str> {
        let in_query = self.query_string_parameters.get("token").map(String::as_str);
        in_query.filter(|token| !token.is_empty()).or_else(|| self.bearer()).or_else(|| self.offered())
    }

    /// The ticket in the query.
    pub fn ticket(&self) -> Option<&str> {
        self.query_string_parameters.get("ticket").map(String::as_str).filter(|ticket| !ticket.is_empty())
    }

    /// Whether a page of this origin may connect; what is no page names no origin (security C3).
    pub fn may_come(&self, origins: &AllowedOrigins) -> app::Result<()> {
        match self.header("origin") {
            Some(origin) if !origins.allow(origin) => {
                Err(app::Error::Forbidden("pages of this origin may not connect"))
            }
            _ => Ok(()),
        }
    }

    fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    fn offered(&self) -> Option<&str> {
        let mut offers = self.header("sec-websocket-protocol")?.split(',').map(str::trim);
        offers.find(|offer| *offer == BEARER_PROTOCOL)?;
        offers.next()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// When it came in.
    pub fn now(&self) -> Timestamp {
        clock::now()
    }
}

/// Serves the authorizer until the execution environment is shut down.
pub async fn serve<D: FromEnvironment>(
    handle: impl AsyncFn(&D, &ConnectRequest) -> app::Result<Admission>,
) -> Result<(), Error> {
    let environment = Environment::of_process();
    logs::start(environment.log_level());
    let services = D::build(&environment).await?;
    let answer = async |event: LambdaEvent<ConnectRequest>| decide(&services, &handle, event.payload).await;
    lambda_runtime::run(service_fn(answer)).await
}

/// Answers one request: a policy that lets this one connection in, with the person's and the session's id and the end of
/// the token, in seconds since the epoch, as context.
/// What is forbidden gets a policy that denies it, which API Gateway turns into 403; anything else is the error
/// `Unauthorized`, which it turns into 401 (gateway fact W-43).
pub async fn decide<D>(
    services: &D,
    handle: &impl AsyncFn(&D, &ConnectRequest) -> app::Result<Admission>,
    request: ConnectRequest,
) -> Result<Value, Error> {
    let Admission { actor, until } = match handle(services, &request).await {
        Ok(admission) => admission,
        Err(app::Error::Forbidden(reason)) => {
            tracing::info!(reason, "forbidden");
            return Ok(json!({ "principalId": "nobody", "policyDocument": policy("Deny", &request.method_arn) }));
        }
        Err(app::Error::Unauthorized(reason)) => {
            tracing::info!(reason, "unauthorized");
            return Err(Error::from("Unauthorized"));
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the authorizer failed");
            return Err(Error::from("Unauthorized"));
        }
    };
    Ok(json!({
        "principalId": actor.user.to_string(),
        "policyDocument": policy("Allow", &request.method_arn),
        "context": {
            "userId": actor.user.to_string(),
            "sessionId": actor.session.to_string(),
            "expiresAt": until.seconds().to_string(),
        },
    }))
}

fn policy(effect: &str, method_arn: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": effect, "Action": "execute-api:Invoke", "Resource": method_arn }],
    })
}
