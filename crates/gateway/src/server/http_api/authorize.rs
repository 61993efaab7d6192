//! Who may call a route: asks the function or the issuer that the pure code needs to know of.

use crate::http_api::authorizer::cache::Key;
use crate::http_api::authorizer::{Caller, Refusal, iam, identity, jwt, lambda};
use crate::http_api::event::{Request, Target, v1, v2};
use crate::management::Signature;
use crate::model::{Application, Authorization, HttpAuthorizer, JwtAuthorizer, LambdaAuthorizer, PayloadFormat};
use crate::report::Execution;
use crate::roles::Wish;
use crate::server::Gateway;

/// Lets a request through, or says how it is refused; `execution` is what an authorizer did.
pub(super) async fn authorize(
    gateway: &Gateway,
    application: &Application,
    target: Target<'_>,
    request: Request<'_>,
    execution: &mut Option<Execution>,
) -> Result<Caller, Refusal> {
    let authorizer = |id: &str| target.api.authorizers.get(id).ok_or(Refusal::Failed);
    match &target.found.route.authorization {
        Authorization::Open => Ok(Caller::Unknown),
        Authorization::Iam => signed(gateway, application, target, request),
        Authorization::Lambda(id) => match authorizer(id)? {
            HttpAuthorizer::Lambda(authorizer) => ask(gateway, target, request, id, authorizer, execution).await,
            HttpAuthorizer::Jwt(_) => Err(Refusal::Failed),
        },
        Authorization::Jwt { authorizer: id, scopes } => match authorizer(id)? {
            HttpAuthorizer::Jwt(authorizer) => token(gateway, target, request, authorizer, scopes).await,
            HttpAuthorizer::Lambda(_) => Err(Refusal::Failed),
        },
    }
}

/// Whoever signs with a function's key may do what its role says (M-11); the body is not yet known.
fn signed(
    gateway: &Gateway,
    application: &Application,
    target: Target<'_>,
    request: Request<'_>,
) -> Result<Caller, Refusal> {
    let signature = Signature::read(request.headers, request.query);
    let iam = iam::identify(&signature, request.account_id, &gateway.behaviour)?;
    let wish = Wish { action: "execute-api:Invoke", resource: &target.arn(&request) };
    let refused = gateway.roles.refusal(&gateway.behaviour, &signature);
    match refused.or_else(|| gateway.roles.denial(application, &signature, wish)) {
        Some(_) => Err(Refusal::Forbidden),
        None => Ok(Caller::Iam(iam)),
    }
}

async fn ask(
    gateway: &Gateway,
    target: Target<'_>,
    request: Request<'_>,
    id: &str,
    authorizer: &LambdaAuthorizer,
    execution: &mut Option<Execution>,
) -> Result<Caller, Refusal> {
    let format = authorizer.payload_format;
    let identity = identity::values(&authorizer.identity_sources, format, &target, &request);
    let identity = identity.ok_or(Refusal::Unauthorized)?;
    let event = match format {
        PayloadFormat::V1 => v1::authorizer(target, request, &identity, &gateway.behaviour),
        PayloadFormat::V2 => v2::authorizer(target, request, &identity, &gateway.behaviour),
    };
    let key =
        Key { api: target.api.api_id.clone(), stage: target.stage.name.clone(), authorizer: id.to_owned(), identity };
    let arn = target.arn(&request);
    if let Some(kept) = gateway.memory.kept(&key, gateway.clock.passed()) {
        return kept.decide(&arn);
    }
    let limit = gateway.limits.authorizer;
    let invocation = match gateway.integrate(&authorizer.function, event, request.trace_id, limit).await {
        Ok(invocation) => invocation,
        Err(timed_out) => {
            *execution = Some(timed_out);
            return Err(Refusal::Failed);
        }
    };
    *execution = Some(invocation.execution);
    let outcome = lambda::read(&invocation.result, authorizer)?;
    let ttl = authorizer.result_ttl.unwrap_or(gateway.behaviour.authorizer_result_ttl);
    gateway.memory.keep(key, &outcome, gateway.clock.passed(), ttl);
    outcome.decide(&arn)
}

async fn token(
    gateway: &Gateway,
    target: Target<'_>,
    request: Request<'_>,
    authorizer: &JwtAuthorizer,
    scopes: &[String],
) -> Result<Caller, Refusal> {
    let source = std::slice::from_ref(&authorizer.identity_source);
    let values = identity::values(source, PayloadFormat::V2, &target, &request).unwrap_or_default();
    let token = values.first().map(|value| jwt::token(value)).filter(|token| !token.is_empty());
    let token = token.ok_or(Refusal::NoToken)?;
    let id = jwt::key_id(token)?;
    let key = gateway.memory.keys.get(&gateway.web, &gateway.clock, &gateway.limits, &authorizer.issuer, &id).await?;
    jwt::check(token, &key, authorizer, scopes, request.now.as_second())
}
