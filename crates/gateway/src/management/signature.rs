//! Who signed a request, and whether the signature is right (gateway facts M-11, M-13).

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::HeaderMap;
use http::request::Parts;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::answer::Answer;

/// What a request says about who signed it, by its form (M-13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// Not signed.
    Missing,
    /// Signed, but not in the form of `SigV4`.
    Malformed,
    /// Signed with this access key.
    By(String),
}

impl Signature {
    /// Reads the `Authorization` header, or the query of a presigned request.
    pub fn read(headers: &HeaderMap, query: &str) -> Self {
        if let Some(header) = headers.get(http::header::AUTHORIZATION) {
            let fields = header.to_str().ok().and_then(|header| header.strip_prefix("AWS4-HMAC-SHA256"));
            let field = |name: &str| {
                let parts = fields.into_iter().flat_map(|fields| fields.split(','));
                parts.filter_map(|part| part.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v)
            };
            let complete = field("SignedHeaders").is_some() && field("Signature").is_some_and(is_signature);
            return Self::by(field("Credential").filter(|_| complete));
        }
        let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let field = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
        match field("X-Amz-Credential") {
            None => Self::Missing,
            credential => Self::by(credential.filter(|_| field("X-Amz-Signature").is_some_and(is_signature))),
        }
    }

    fn by(credential: Option<&str>) -> Self {
        // {access key}/{date}/{region}/{service}/aws4_request
        let scope: Vec<_> = credential.unwrap_or_default().split('/').collect();
        match scope.as_slice() {
            [key, date, region, _, "aws4_request"] if ![key, date, region].iter().any(|part| part.is_empty()) => {
                Self::By((*key).to_owned())
            }
            _ => Self::Malformed,
        }
    }

    /// The access key, when signed.
    pub fn access_key(&self) -> Option<&str> {
        if let Self::By(key) = self { Some(key) } else { None }
    }

    /// The refusal of a request that is not signed (M-11).
    pub fn refusal(&self) -> Option<Answer> {
        match self {
            Self::By(_) => None,
            Self::Missing => Some(super::missing_token()),
            Self::Malformed => {
                let message = "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters.";
                Some(super::error(403, "IncompleteSignatureException", message))
            }
        }
    }
}

fn is_signature(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// 403: signed with a key that nobody here has.
pub fn unknown_key() -> Answer {
    super::error(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
}

/// 403: not signed with the secret of the key.
pub fn wrong() -> Answer {
    let message = "The request signature we calculated does not match the signature you provided. Check your AWS \
                   Secret Access Key and signing method. Consult the service documentation for details.";
    super::error(403, "InvalidSignatureException", message)
}

/// Whether the `Authorization` header, or the query of a presigned request, holds the signature that `secret` gives this
/// request. Whether it has expired is not looked at.
pub fn is_right(parts: &Parts, body: &[u8], secret: &str) -> bool {
    let signed = if parts.headers.contains_key(http::header::AUTHORIZATION) {
        Signed::in_header(parts)
    } else {
        Signed::in_query(parts)
    };
    signed
        .is_some_and(|signed| signed.expected(parts, body, secret).is_some_and(|expected| expected == signed.signature))
}

/// What a signature says of itself.
struct Signed {
    /// `{access key}/{date}/{region}/{service}/aws4_request`.
    credential: String,
    /// Names of headers, with `;` between.
    headers: String,
    /// `YYYYMMDDTHHMMSSZ`.
    time: String,
    signature: String,
    /// Of a presigned request: how long it is good, and the session token.
    presigned: Option<(Duration, Option<String>)>,
}

impl Signed {
    fn in_header(parts: &Parts) -> Option<Self> {
        let text = |name: &str| parts.headers.get(name)?.to_str().ok();
        let fields = text("authorization")?.strip_prefix("AWS4-HMAC-SHA256")?;
        let field = |name: &str| {
            let mut pairs = fields.split(',').filter_map(|part| part.trim().split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        Some(Self {
            credential: field("Credential")?,
            headers: field("SignedHeaders")?,
            time: text("x-amz-date")?.to_owned(),
            signature: field("Signature")?,
            presigned: None,
        })
    }

    fn in_query(parts: &Parts) -> Option<Self> {
        let pairs: Vec<_> = form_urlencoded::parse(parts.uri.query()?.as_bytes()).collect();
        let field = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone().into_owned());
        let expires = field("X-Amz-Expires")?.parse().ok()?;
        Some(Self {
            credential: field("X-Amz-Credential")?,
            headers: field("X-Amz-SignedHeaders")?,
            time: field("X-Amz-Date")?,
            signature: field("X-Amz-Signature")?,
            presigned: Some((Duration::from_secs(expires), field("X-Amz-Security-Token"))),
        })
    }

    /// The signature as it should be.
    fn expected(&self, parts: &Parts, body: &[u8], secret: &str) -> Option<String> {
        let text = |name: &str| parts.headers.get(name)?.to_str().ok();
        let mut scope = self.credential.split('/');
        let (key, region, service) = (scope.next()?, scope.nth(1)?, scope.next()?);
        let time = DateTime::strptime("%Y%m%dT%H%M%SZ", &self.time).ok()?;
        let time = SystemTime::from(time.to_zoned(TimeZone::UTC).ok()?.timestamp());
        // The signer puts these two in itself.
        let signed = self.headers.split(';').filter(|name| !matches!(*name, "host" | "x-amz-date"));
        let headers: Vec<_> = signed.map(|name| Some((name, text(name)?))).collect::<Option<_>>()?;
        let mut settings = SigningSettings::default();
        settings.excluded_headers = None;
        let mut token = None;
        if let Some((expires, session)) = &self.presigned {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(*expires);
            token.clone_from(session);
        }
        let url = format!("http://{}{}", text("host")?, target(parts, self.presigned.is_some()));
        let identity = Credentials::new(key, secret, token, None, "signature").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(time)
            .settings(settings)
            .build()
            .ok()?;
        let request = SignableRequest::new(parts.method.as_str(), url, headers.into_iter(), SignableBody::Bytes(body));
        let (_, signature) = sign(request.ok()?, &params.into()).ok()?.into_parts();
        Some(signature)
    }
}

/// Path and query; of a presigned request without what the signer puts in.
fn target(parts: &Parts, presigned: bool) -> String {
    let query = parts.uri.query().unwrap_or_default();
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !(pair.is_empty() || presigned && pair.starts_with("X-Amz-"))).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", parts.uri.path(), kept.join("&"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::AUTHORIZATION};

    use super::*;

    const SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    fn signed(value: &str) -> Signature {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        Signature::read(&headers, "")
    }

    #[test]
    fn m_11_m_13_signatures_are_read_by_their_form() {
        let good = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAX/20261120/us-east-1/execute-api/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={SIGNATURE}"
        );
        assert_eq!(signed(&good), Signature::By("AKIAX".to_owned()));
        for bad in [
            "Bearer x",
            "AWS4-HMAC-SHA256 Credential=AKIAX",
            &good.replace("/aws4_request", ""),
            &good.replace('a', "z"),
        ] {
            assert_eq!(signed(bad), Signature::Malformed, "{bad}");
        }
        let query = format!(
            "X-Amz-Credential=AKIAX%2F20261120%2Fus-east-1%2Fexecute-api%2Faws4_request&X-Amz-Signature={SIGNATURE}"
        );
        assert_eq!(Signature::read(&HeaderMap::new(), &query), Signature::By("AKIAX".to_owned()));
        let refusal = Signature::read(&HeaderMap::new(), "").refusal().unwrap();
        assert_eq!((refusal.status, &refusal.body[..]), (403, &br#"{"message":"Missing Authentication Token"}"#[..]));
        assert_eq!(refusal.header("x-amzn-errortype"), Some("MissingAuthenticationTokenException"));
    }
}
