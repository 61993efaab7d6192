//! Identity sources: whether a request has them, and what they say (gateway facts ).

use crate::http_api::event::{Request, Target, query_values};
use crate::http_api::routes::decode;
use crate::ids;
use crate::model::{IdentitySource, PayloadFormat};

/// The value of every source in order; `None` when one is missing, and the authorizer is not asked.
///
/// For format 2.0 an empty value is there and repeated ones are joined with `,`. For format 1.0 an empty one is
/// missing and the last of repeated ones counts.
pub fn values(
    sources: &[IdentitySource],
    format: PayloadFormat,
    target: &Target<'_>,
    request: &Request<'_>,
) -> Option<Vec<String>> {
    let value = |source: &IdentitySource| {
        let values = value(source, target, request)?;
        match format {
            PayloadFormat::V2 => Some(values.join(",")),
            PayloadFormat::V1 => values.into_iter().next_back().filter(|value| !value.is_empty()),
        }
    };
    sources.iter().map(value).collect()
}

fn value(source: &IdentitySource, target: &Target<'_>, request: &Request<'_>) -> Option<Vec<String>> {
    match source {
        IdentitySource::Header(name) => {
            let values =
                request.headers.get_all(name).iter().map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
            Some(values.collect::<Vec<_>>()).filter(|values| !values.is_empty())
        }
        IdentitySource::Query(name) => {
            let parameters = query_values(request.query);
            parameters.into_iter().find(|(key, _)| key == name).map(|(_, values)| values)
        }
        IdentitySource::StageVariable(name) => target.stage.variables.get(name).map(|value| vec![value.clone()]),
        IdentitySource::Context(name) => context(name, target, request).map(|value| vec![value]),
    }
}

/// A `$context` variable that is known before the function is asked.
fn context(name: &str, target: &Target<'_>, request: &Request<'_>) -> Option<String> {
    Some(match name {
        "accountId" => request.account_id.to_owned(),
        "apiId" => target.api.api_id.clone(),
        "domainName" => request.origin.domain.clone(),
        "domainPrefix" => request.origin.prefix().to_owned(),
        "extendedRequestId" | "requestId" => request.request_id.to_owned(),
        "httpMethod" => request.method.to_owned(),
        "identity.sourceIp" => request.origin.source_ip.to_string(),
        "identity.userAgent" => request.headers.get(http::header::USER_AGENT)?.to_str().ok()?.to_owned(),
        "path" => decode(request.path),
        "protocol" => request.protocol.to_owned(),
        "requestTime" => ids::request_time(request.now),
        "requestTimeEpoch" => request.now.as_millisecond().to_string(),
        "routeKey" => target.found.route.key(),
        "stage" => target.stage.name.clone(),
        _ => return None,
    })
}
