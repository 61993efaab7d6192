//! Identity sources: whether a request has them, and what they say (gateway facts ).

use super::Caller;
use crate::http_api::context;
use crate::http_api::event::{Request, Target, query_values};
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
        IdentitySource::Context(name) => {
            context::value(name, target, request, &Caller::Unknown).map(|value| vec![value])
        }
    }
}
