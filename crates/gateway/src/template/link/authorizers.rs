//! Authorizers of HTTP APIs, and which of them a route has.

use std::collections::BTreeMap;

use super::{ApiPart, AuthorizerKind, AuthorizerPart, Linker, RequestAuthorizer, RouteAuth, RoutePart};
use crate::model::{
    Authorization, HttpAuthorizer, IdentitySource, JwtAuthorizer, LambdaAuthorizer, Location, PayloadFormat,
};
use crate::template::similar;

/// `PayloadFormatVersion` of an integration or an authorizer.
pub(crate) fn payload_format(text: &str) -> Result<PayloadFormat, String> {
    match text {
        "1.0" => Ok(PayloadFormat::V1),
        "2.0" => Ok(PayloadFormat::V2),
        other => Err(format!("the payload format must be 1.0 or 2.0, not `{other}`")),
    }
}

/// Reads an identity source such as `$request.header.Authorization`.
pub(crate) fn identity_source(text: &str) -> Result<IdentitySource, String> {
    type Form = (&'static str, fn(String) -> IdentitySource);
    const FORMS: [Form; 4] = [
        ("$request.header.", IdentitySource::Header),
        ("$request.querystring.", IdentitySource::Query),
        ("$stageVariables.", IdentitySource::StageVariable),
        ("$context.", IdentitySource::Context),
    ];
    let of_form = |(prefix, make): &Form| {
        text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(|name| make(name.to_owned()))
    };
    FORMS.iter().find_map(of_form).ok_or_else(|| {
        let known = FORMS.map(|(prefix, _)| format!("{prefix}X")).join(", ");
        format!("`{text}` is no identity source (known: {known})")
    })
}

type Known = BTreeMap<String, HttpAuthorizer>;

impl Linker<'_> {
    /// Who may call a route; the authorizer it needs is added to those known. `None` after a reported mistake.
    pub(super) fn authorization(&self, api: &ApiPart, route: &RoutePart, known: &mut Known) -> Option<Authorization> {
        match &route.authorization {
            RouteAuth::Open => Some(Authorization::Open),
            RouteAuth::Iam => Some(Authorization::Iam),
            RouteAuth::By { authorizer, scopes } => self.by(route, authorizer, scopes.clone(), known),
            RouteAuth::Sam { authorizer, scopes, location } => {
                self.by_sam(api, route, authorizer.as_deref(), scopes.as_deref(), location, known)
            }
        }
    }

    /// SAM's rules: the event's authorizer, else the API's default, else none.
    fn by_sam(
        &self,
        api: &ApiPart,
        route: &RoutePart,
        authorizer: Option<&str>,
        scopes: Option<&[String]>,
        location: &Location,
        known: &mut Known,
    ) -> Option<Authorization> {
        let report = |message: String| {
            self.reader.report_at(location, format!("{}: {message}", route.owner));
            None
        };
        let none = super::ApiAuth::default();
        let auth = api.auth.as_ref().unwrap_or(&none);
        let Some(name) = authorizer.or(auth.default.as_deref()) else {
            if scopes.is_some() {
                return report(
                    "`AuthorizationScopes` needs an `Authorizer`, or a `DefaultAuthorizer` of the API".into(),
                );
            }
            return Some(Authorization::Open);
        };
        if name == "NONE" {
            if auth.default.is_none() {
                return report("`Authorizer: NONE` needs a `DefaultAuthorizer` of the API".into());
            }
            return Some(Authorization::Open);
        }
        if auth.signed.contains(name) {
            return Some(Authorization::Iam);
        }
        if name == "AWS_IAM" && !auth.authorizers.contains_key(name) {
            if !auth.iam {
                return report(format!("`AWS_IAM` needs `EnableIamAuthorizer: true` in `Auth` of {}", api.logical_id));
            }
            return Some(Authorization::Iam);
        }
        let Some(known_here) = auth.authorizers.get(name) else {
            let hint = similar::hint(name, similar::keys(&auth.authorizers));
            return report(format!("{} has no authorizer `{name}`{hint}", api.logical_id));
        };
        let (id, own) = known_here.as_ref()?;
        self.by(route, id, scopes.unwrap_or(own).to_vec(), known)
    }

    fn by(&self, route: &RoutePart, id: &str, scopes: Vec<String>, known: &mut Known) -> Option<Authorization> {
        let Some(part) = self.authorizers.get(id) else {
            let message = format!("{}: `{id}` is no authorizer of this application", route.owner);
            self.reader.report_at(&route.location, message);
            return None;
        };
        if !known.contains_key(id) {
            known.insert(id.to_owned(), self.http_authorizer(part)?);
        }
        Some(match part.kind {
            AuthorizerKind::Request(_) => Authorization::Lambda(id.to_owned()),
            AuthorizerKind::Jwt { .. } => Authorization::Jwt { authorizer: id.to_owned(), scopes },
        })
    }

    /// The function that decides; none for one that is not of this application, so that everybody is refused.
    pub(super) fn authorizing(&self, request: &RequestAuthorizer, part: &AuthorizerPart) -> String {
        self.function(&request.uri).unwrap_or_else(|| {
            self.elsewhere(&request.uri, &part.owner, &part.location, "whoever asks it is answered 500");
            String::new()
        })
    }

    fn http_authorizer(&self, part: &AuthorizerPart) -> Option<HttpAuthorizer> {
        let report = |message: String| self.reader.report_at(&part.location, format!("{}: {message}", part.owner));
        Some(match &part.kind {
            AuthorizerKind::Jwt { source, issuer, audience } => HttpAuthorizer::Jwt(JwtAuthorizer {
                identity_source: source.clone(),
                issuer: issuer.clone(),
                audience: audience.clone(),
                location: part.location.clone(),
            }),
            AuthorizerKind::Request(request) => {
                let function = self.authorizing(request, part);
                let Some(payload_format) = request.payload_format else {
                    report("`AuthorizerPayloadFormatVersion` is missing".into());
                    return None;
                };
                let simple_responses = request.simple_responses;
                if simple_responses && payload_format == PayloadFormat::V1 {
                    report("`EnableSimpleResponses` needs `AuthorizerPayloadFormatVersion: 2.0`".into());
                }
                let mut identity_sources = Vec::new();
                for source in &request.sources {
                    match identity_source(source) {
                        Ok(source) => identity_sources.push(source),
                        Err(message) => report(message),
                    }
                }
                let result_ttl = request.result_ttl;
                if identity_sources.is_empty() && result_ttl.is_some_and(|ttl| !ttl.is_zero()) {
                    report("a result can only be kept with at least one identity source".into());
                }
                HttpAuthorizer::Lambda(LambdaAuthorizer {
                    function,
                    payload_format,
                    simple_responses,
                    identity_sources,
                    result_ttl,
                    location: part.location.clone(),
                })
            }
        })
    }
}
