//! `$context` variables of HTTP APIs, as far as they are known before an integration is called.

use serde_json::Value;

use super::authorizer::Caller;
use super::event::{Request, Target};
use super::routes::decode;
use crate::ids;
use crate::json_path::shown;

/// The value of `$context.{name}`; `None` for what is not known, or not here.
pub fn value(name: &str, target: &Target<'_>, request: &Request<'_>, caller: &Caller) -> Option<String> {
    if let Some(name) = name.strip_prefix("authorizer.") {
        return authorizer(name, caller);
    }
    Some(match name {
        "accountId" => request.account_id.to_owned(),
        "apiId" => target.api.api_id.clone(),
        "domainName" => request.origin.domain.clone(),
        "domainPrefix" => request.origin.prefix().to_owned(),
        "extendedRequestId" | "requestId" => request.request_id.to_owned(),
        "httpMethod" => request.method.to_owned(),
        "identity.accountId" => caller.iam()?.account_id.clone(),
        "identity.caller" | "identity.user" => caller.iam()?.user_id.clone(),
        "identity.sourceIp" => request.origin.source_ip.to_string(),
        "identity.userAgent" => request.headers.get(http::header::USER_AGENT)?.to_str().ok()?.to_owned(),
        "identity.userArn" => caller.iam()?.user_arn.clone(),
        "path" => decode(request.path),
        "protocol" => request.protocol.to_owned(),
        "requestTime" => ids::request_time(request.now),
        "requestTimeEpoch" => request.now.as_millisecond().to_string(),
        "routeKey" => target.found.route.key(),
        "stage" => target.stage.name.clone(),
        _ => return None,
    })
}

/// `$context.authorizer.X` of a Lambda authorizer, `$context.authorizer.claims.X` of a token.
fn authorizer(name: &str, caller: &Caller) -> Option<String> {
    let found = |value: Option<&Value>| value.map(|value| shown(Some(value)));
    match caller {
        Caller::Lambda { principal, .. } if name == "principalId" => principal.clone(),
        Caller::Lambda { context, .. } => found(context.get(name)),
        Caller::Jwt { claims, .. } => found(claims.get(name.strip_prefix("claims.")?)),
        Caller::Iam(_) | Caller::Unknown => None,
    }
}
