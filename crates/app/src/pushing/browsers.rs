//! Web Push: encrypted for the browser (RFC 8291), signed for its push service (RFC 8292), sent to where the browser
//! said (RFC 8030), within the limits that make that safe (security H2).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use domain::web_push::{Endpoint, PushHosts, is_public};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use serde::Serialize;
use store::devices::DeviceRecord;
use web_push_native::Auth;

use super::notice::{GOOD_FOR, Notice};
use super::outcome::{self, Outcome, Try};
use crate::error::{Error, Result};

/// How long a push service may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a signature is good for: push services take at most 24 hours, and their clocks may be slow.
const SIGNED_FOR: Duration = Duration::from_hours(12);
/// It is used for half that time: push services look at each only once.
const USED_FOR: Duration = Duration::from_hours(6);

/// A key that pushes cannot be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no P-256 key of 32 bytes in base64url")]
pub struct VapidKeyError;

/// What proves to push services who pushes (VAPID).
#[derive(Clone)]
pub struct VapidKey {
    signing: EncodingKey,
    public: String,
}

impl std::fmt::Debug for VapidKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "VapidKey({})", self.public)
    }
}

impl VapidKey {
    /// From 32 bytes in base64url.
    pub fn parse(text: &str) -> std::result::Result<Self, VapidKeyError> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| VapidKeyError)?;
        let key = p256::SecretKey::from_slice(&bytes).map_err(|_| VapidKeyError)?;
        let der = key.to_pkcs8_der().map_err(|_| VapidKeyError)?;
        Ok(Self {
            signing: EncodingKey::from_ec_der(der.as_bytes()),
            public: URL_SAFE_NO_PAD.encode(key.public_key().to_encoded_point(false).as_bytes()),
        })
    }

    /// What browsers subscribe with.
    pub fn public(&self) -> &str {
        &self.public
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
}

/// The way to browsers. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Browsers {
    connector: SharedHttpConnector,
    hosts: PushHosts,
    key: VapidKey,
    contact: Option<String>,
    /// By origin of a push service: what it is shown, and until when.
    signed: Arc<Mutex<HashMap<String, (String, Timestamp)>>>,
}

impl Browsers {
    /// Over a connector that resolves names by [`PublicAddresses`], to these push services, with this key. Whoever is to
    /// be told when something is wrong with that: `contact`, an address beginning with `mailto:` or `https:`.
    pub fn new(connector: SharedHttpConnector, hosts: PushHosts, key: VapidKey, contact: Option<String>) -> Self {
        Self { connector, hosts, key, contact, signed: Arc::default() }
    }

    /// Pushes to one browser.
    pub(super) async fn push(&self, device: &DeviceRecord, notice: &Notice, now: Timestamp) -> Result<Outcome> {
        // The setting may have changed since it subscribed.
        let Ok(endpoint) = Endpoint::parse(&device.token, &self.hosts) else { return Ok(Outcome::Refused) };
        let content = serde_json::to_vec(&notice.content).map_err(Error::internal)?;
        let keys = device.keys()?;
        let Ok(public) = p256::PublicKey::from_sec1_bytes(keys.p256dh()) else {
            tracing::warn!("a browser's key is none");
            return Ok(Outcome::Gone);
        };
        let body = web_push_native::encrypt(content, &public, &Auth::from(*keys.auth()));
        let body = body.map_err(|error| Error::internal(error.to_string()))?;
        let authorization = self.authorization(endpoint.origin(), now)?;
        Ok(outcome::tried(async || self.post(&endpoint, notice, &authorization, &body).await).await)
    }

    /// What a push service is shown (RFC 8292, section 3).
    fn authorization(&self, origin: &str, now: Timestamp) -> Result<String> {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((shown, until)) = signed.get(origin)
            && *until > now
        {
            return Ok(shown.clone());
        }
        let claims = Claims { aud: origin, exp: now.plus(SIGNED_FOR).seconds(), sub: self.contact.as_deref() };
        let header = Header::new(Algorithm::ES256);
        let token = jsonwebtoken::encode(&header, &claims, &self.key.signing).map_err(Error::internal)?;
        let shown = format!("vapid t={token}, k={}", self.key.public);
        signed.insert(origin.to_owned(), (shown.clone(), now.plus(USED_FOR)));
        Ok(shown)
    }

    /// One request. Redirects are not followed: the endpoint is what was checked.
    async fn post(&self, endpoint: &Endpoint, notice: &Notice, authorization: &str, body: &[u8]) -> Try {
        let mut request = HttpRequest::new(SdkBody::from(body));
        if request.set_method("POST").is_err() || request.set_uri(endpoint.as_str()).is_err() {
            return (Outcome::Refused, None);
        }
        let headers = request.headers_mut();
        headers.insert("authorization", authorization.to_owned());
        headers.insert("content-encoding", "aes128gcm");
        headers.insert("content-type", "application/octet-stream");
        headers.insert("content-length", body.len().to_string());
        headers.insert("ttl", GOOD_FOR.as_secs().to_string());
        headers.insert("urgency", if notice.urgent { "high" } else { "normal" });
        headers.insert("topic", notice.topic());
        let answer = match tokio::time::timeout(PATIENCE, self.connector.call(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                let outcome = outcome::without_answer(&error);
                tracing::warn!(host = endpoint.host(), ?outcome, "a push service did not answer");
                return (outcome, None);
            }
            Err(_) => {
                tracing::warn!(host = endpoint.host(), "a push service took too long");
                return (Outcome::Unknown, None);
            }
        };
        let status = answer.status().as_u16();
        let wait =
            answer.headers().get("retry-after").and_then(|wait| wait.trim().parse().ok()).map(Duration::from_secs);
        let outcome = read(status);
        if !matches!(outcome, Outcome::Taken | Outcome::Gone) {
            tracing::warn!(host = endpoint.host(), status, "a push service did not take a push");
        }
        (outcome, wait)
    }
}

/// What a push service's answer means (RFC 8030, sections 5 and 8.4).
fn read(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Taken,
        404 | 410 => Outcome::Gone,
        429 | 500..=599 => Outcome::Later,
        // A redirect too: it could lead anywhere.
        _ => Outcome::Refused,
    }
}

/// Resolves names, and gives only addresses that anybody could reach: what is connected to is what was checked, however
/// often the name is asked for (security H2).
#[derive(Debug, Clone, Copy)]
pub struct PublicAddresses;

impl ResolveDns for PublicAddresses {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            let public: Vec<_> = found.map(|address| address.ip()).filter(|address| is_public(*address)).collect();
            if public.is_empty() {
                return Err(ResolveDnsError::new("the name leads to no public address"));
            }
            Ok(public)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_push_services() {
        let all = [(201, Outcome::Taken), (410, Outcome::Gone), (404, Outcome::Gone), (429, Outcome::Later)];
        for (status, outcome) in
            all.into_iter().chain([(503, Outcome::Later), (307, Outcome::Refused), (413, Outcome::Refused)])
        {
            assert_eq!(read(status), outcome, "{status}");
        }
    }

    #[tokio::test]
    async fn h2_a_name_that_leads_to_this_machine_is_not_resolved() {
        assert!(PublicAddresses.resolve_dns("localhost").await.is_err());
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        let key = VapidKey::parse("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        // RFC 8291, appendix A.
        let public = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
        assert_eq!(key.public(), public);
        assert!(!format!("{key:?}").contains("yfWP"));
        for bad in ["", "AAAA", "%"] {
            assert!(VapidKey::parse(bad).is_err());
        }
    }
}
