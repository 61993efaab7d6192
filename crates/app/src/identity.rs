//! Who somebody is elsewhere: ID tokens of Google and Apple, verified (security A1 to A6).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use domain::conversation::PictureUrl;
use domain::person::{DisplayName, Email};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use store::users::Identity;
use tokio::sync::Mutex;

use crate::error::{Error, Result};
use crate::tokens::fingerprint;
use crate::web::Web;

/// How long keys are kept at least, and at most, whatever the provider says.
const KEPT: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(24));
/// How long keys are kept about which the provider says nothing.
const KEPT_OTHERWISE: Duration = Duration::from_hours(1);
/// How often an unknown key may make the keys be fetched again.
const ASK_AGAIN: Duration = Duration::from_mins(1);
/// How far the provider's clock may be ahead of ours.
const SKEW: Duration = Duration::from_mins(1);
/// Smallest RSA modulus that is taken, in bytes.
const MODULUS: usize = 256;

/// Whose ID tokens are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Google.
    Google,
    /// Apple.
    Apple,
}

impl Kind {
    fn not_set_up(self) -> Error {
        Error::Conflict(match self {
            Self::Google => "signing in with Google is not set up here",
            Self::Apple => "signing in with Apple is not set up here",
        })
    }

    /// Whether the provider itself hands out such addresses, so that who has it there has the mailbox now.
    fn hands_out(self, email: &Email, hosted: bool) -> bool {
        let domain = email.as_str().rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        match self {
            Self::Google => hosted || ["gmail.com", "googlemail.com"].contains(&domain.as_str()),
            Self::Apple => ["privaterelay.appleid.com", "icloud.com", "me.com", "mac.com"].contains(&domain.as_str()),
        }
    }
}

/// A provider as the settings describe it.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Which.
    pub kind: Kind,
    /// What its tokens say in `iss`.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// What its tokens for us say in `aud`; nobody can sign in while there is none.
    pub audiences: Vec<String>,
}

/// Verifies the ID tokens of one provider.
#[derive(Clone)]
pub struct Provider {
    settings: Arc<ProviderSettings>,
    web: Web,
    keys: Arc<Mutex<Keys>>,
}

#[derive(Default)]
struct Keys {
    known: HashMap<String, DecodingKey>,
    fresh_until: Option<Timestamp>,
    asked: Option<Timestamp>,
}

/// Somebody as a provider knows them.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What an account is found by.
    pub identity: Identity,
    /// The address, if the provider has verified it.
    pub email: Option<Email>,
    /// Whether the provider hands out that address itself.
    pub authoritative: bool,
    /// Name.
    pub name: Option<DisplayName>,
    /// Picture.
    pub picture: Option<PictureUrl>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: Truth,
    hd: Option<String>,
    name: Option<String>,
    picture: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    Many(Vec<String>),
    One(serde::de::IgnoredAny),
}

/// `true`, or `"true"` as Apple writes it; anything else is not.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Truth {
    Flag(bool),
    Text(String),
    Other(serde::de::IgnoredAny),
    #[default]
    Absent,
}

impl Truth {
    fn holds(&self) -> bool {
        match self {
            Self::Flag(flag) => *flag,
            Self::Text(text) => text == "true",
            Self::Other(_) | Self::Absent => false,
        }
    }
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Provider {
    /// With these settings, over this way out.
    pub fn new(settings: ProviderSettings, web: Web) -> Self {
        Self { settings: Arc::new(settings), web, keys: Arc::default() }
    }

    /// Who this ID token speaks of, if the provider made it for us and it holds; with a nonce, only if it was made for
    /// that one.
    pub async fn verify(&self, token: &str, nonce: Option<&str>, now: Timestamp) -> Result<Verified> {
        let ProviderSettings { kind, issuer, audiences, .. } = &*self.settings;
        if audiences.is_empty() {
            return Err(kind.not_set_up());
        }
        let bad = Error::InvalidIdToken;
        let header = jsonwebtoken::decode_header(token).map_err(|_| bad("malformed token"))?;
        // The one algorithm that both providers use: nothing that a token says of itself chooses another.
        if header.alg != Algorithm::RS256 {
            return Err(bad("another algorithm"));
        }
        // `jku`, `x5u` and `jwk` are not looked at: keys come from the settings' address alone.
        let kid = header.kid.ok_or(bad("token without kid"))?;
        let key = self.key(&kid, now).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(audiences);
        validation.set_issuer(&self.spellings(issuer));
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Against the time of this request, below.
        validation.validate_exp = false;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| bad("token does not verify"))?.claims;
        if let Audience::Many(many) = &claims.aud
            && many.iter().any(|audience| !audiences.contains(audience))
        {
            return Err(bad("token for others too"));
        }
        if claims.exp <= now.seconds() {
            return Err(bad("token has expired"));
        }
        if claims.nbf.is_some_and(|from| from > now.plus(SKEW).seconds()) {
            return Err(bad("token does not hold yet"));
        }
        if let Some(nonce) = nonce {
            // Apple's own examples send the provider the nonce's SHA-256 and keep the nonce.
            let repeated = claims.nonce.as_deref();
            if repeated != Some(nonce) && repeated != Some(&fingerprint(nonce)) {
                return Err(bad("token for another nonce"));
            }
        }
        if claims.sub.is_empty() || claims.sub.len() > 255 {
            return Err(bad("token without a subject"));
        }
        let email = claims.email.filter(|_| claims.email_verified.holds());
        let email = email.and_then(|text| Email::parse(&text).ok());
        let hosted = claims.hd.is_some_and(|domain| !domain.is_empty());
        Ok(Verified {
            authoritative: email.as_ref().is_some_and(|email| kind.hands_out(email, hosted)),
            email,
            identity: Identity { issuer: issuer.clone(), subject: claims.sub },
            name: claims.name.and_then(|name| DisplayName::parse(&name).ok()),
            picture: claims.picture.and_then(|address| PictureUrl::parse(&address).ok()),
        })
    }

    /// Google writes its name with and without the scheme.
    fn spellings(&self, issuer: &str) -> Vec<String> {
        let bare = issuer.strip_prefix("https://").filter(|_| self.settings.kind == Kind::Google);
        [Some(issuer), bare].into_iter().flatten().map(str::to_owned).collect()
    }

    /// The provider's key of this name. Keys are kept as long as the provider lets them be; an unknown one makes them be
    /// fetched again, at most once a minute. Without the provider's answer there is no key (security A6).
    async fn key(&self, kid: &str, now: Timestamp) -> Result<DecodingKey> {
        // Held while fetching: of many who come at once one asks.
        let mut keys = self.keys.lock().await;
        let fresh = keys.fresh_until.is_some_and(|until| now < until);
        if fresh && let Some(key) = keys.known.get(kid) {
            return Ok(key.clone());
        }
        let asked_lately = keys.asked.is_some_and(|asked| now < asked.plus(ASK_AGAIN));
        if fresh && asked_lately {
            return Err(Error::InvalidIdToken("unknown kid"));
        }
        keys.asked = Some(now);
        let answer = self.web.get(&self.settings.jwks_uri).await?;
        if answer.status != 200 {
            return Err(Error::internal(format!("the provider's keys were answered with {}", answer.status)));
        }
        let set: KeySet = serde_json::from_slice(&answer.body).map_err(Error::internal)?;
        keys.known = set.keys.into_iter().filter_map(usable).collect();
        let kept = answer.fresh_for.unwrap_or(KEPT_OTHERWISE).clamp(KEPT.0, KEPT.1);
        keys.fresh_until = Some(now.plus(kept));
        keys.known.get(kid).cloned().ok_or(Error::InvalidIdToken("unknown kid"))
    }
}

/// A key that signs with RS256, by its name.
fn usable(key: Key) -> Option<(String, DecodingKey)> {
    let Key { kty, kid, alg, r#use, n, e } = key;
    let is = |value: Option<String>, wanted: &str| value.is_none_or(|value| value == wanted);
    if kty != "RSA" || !is(alg, "RS256") || !is(r#use, "sig") {
        return None;
    }
    let (kid, n, e) = (kid?, n?, e?);
    let long_enough = URL_SAFE_NO_PAD.decode(&n).is_ok_and(|modulus| modulus.len() >= MODULUS);
    let key = DecodingKey::from_rsa_components(&n, &e).ok().filter(|_| long_enough)?;
    Some((kid, key))
}

/// Whether a text has the form of a JSON Web Token: what older clients send as a user's id when they have none.
pub fn looks_like_a_token(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    parts.len() == 3 && parts[..2].iter().all(|part| !part.is_empty() && URL_SAFE_NO_PAD.decode(part).is_ok())
}
