//! Tokens: signed ones that say who is calling, random ones that renew them.
//!
//! Access tokens are JWTs signed with Ed25519. Whoever checks them holds public keys only, by `kid`, more than one at a
//! time so that the key can be changed without signing anybody out.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{SessionId, Timestamp, UserId};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::fresh;

/// What these tokens are for: another kind of token of ours is refused here (security B6).
const AUDIENCE: &str = "parlance";
const ACCESS: &str = "access";

/// Who is calling, proven by a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Through which sign-in.
    pub session: SessionId,
}

/// Whom a socket is opened for, and until when it may be used: as long as the token that opened it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Who.
    pub actor: Actor,
    /// Until when.
    pub until: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    sid: String,
    aud: String,
    typ: String,
    iat: i64,
    exp: i64,
}

/// Signs access tokens. Only the functions that sign people in hold one.
#[derive(Clone)]
pub struct Issuer {
    kid: String,
    key: EncodingKey,
    /// How long an access token lasts, in seconds.
    pub access_seconds: u32,
}

/// The signing key as the secret store keeps it: `{"kid": …, "seed": …}`, the seed 32 bytes in base64url.
#[derive(Deserialize)]
struct StoredKey {
    kid: String,
    seed: String,
}

impl Issuer {
    /// Reads the signing key out of the secret's text. Fails without repeating any of it.
    pub fn from_secret(secret: &str, access_seconds: u32) -> std::result::Result<Self, &'static str> {
        let StoredKey { kid, seed } =
            serde_json::from_str(secret).map_err(|_| "the signing key is not JSON with `kid` and `seed`")?;
        let seed = URL_SAFE_NO_PAD.decode(seed).map_err(|_| "the signing key's seed is not base64url")?;
        let seed: [u8; 32] = seed.try_into().map_err(|_| "the signing key's seed is not 32 bytes long")?;
        let der = SigningKey::from_bytes(&seed).to_pkcs8_der().map_err(|_| "the signing key cannot be encoded")?;
        Ok(Self { kid, key: EncodingKey::from_ed_der(der.as_bytes()), access_seconds })
    }

    /// A token that says for a while who is calling.
    pub fn access_token(&self, actor: &Actor, now: Timestamp) -> Result<String> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let claims = Claims {
            sub: actor.user.to_string(),
            sid: actor.session.to_string(),
            aud: AUDIENCE.to_owned(),
            typ: ACCESS.to_owned(),
            iat: now.seconds(),
            exp: now.seconds() + i64::from(self.access_seconds),
        };
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(Error::internal)
    }
}

/// Checks access tokens, in process, in microseconds.
#[derive(Clone)]
pub struct Verifier {
    keys: HashMap<String, DecodingKey>,
}

impl Verifier {
    /// Reads `kid=key` pairs separated by commas, each key 32 bytes in base64url.
    pub fn from_list(list: &str) -> std::result::Result<Self, &'static str> {
        let mut keys = HashMap::new();
        for pair in list.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (kid, key) = pair.split_once('=').ok_or("a public key is not of the form kid=key")?;
            let bytes = URL_SAFE_NO_PAD.decode(key).map_err(|_| "a public key is not base64url")?;
            if bytes.len() != 32 {
                return Err("a public key is not 32 bytes long");
            }
            keys.insert(kid.to_owned(), DecodingKey::from_ed_der(&bytes));
        }
        if keys.is_empty() { Err("there is no public key") } else { Ok(Self { keys }) }
    }

    /// Who is calling, if this is a token of ours that still holds.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Actor> {
        Ok(self.admit(token, now)?.actor)
    }

    /// The same, and until when the token holds.
    pub fn admit(&self, token: &str, now: Timestamp) -> Result<Admission> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Error::Unauthorized("malformed token"))?;
        let kid = header.kid.ok_or(Error::Unauthorized("token without kid"))?;
        let key = self.keys.get(&kid).ok_or(Error::Unauthorized("unknown kid"))?;
        // Only one algorithm is ever accepted, whatever the token says of itself (security B7). Time is checked below,
        // against the time of this request.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
            .map_err(|_| Error::Unauthorized("token does not verify"))?
            .claims;
        if claims.typ != ACCESS {
            return Err(Error::Unauthorized("token of another kind"));
        }
        if claims.exp <= now.seconds() {
            return Err(Error::Unauthorized("token has expired"));
        }
        let user = UserId::parse(&claims.sub).map_err(|_| Error::Unauthorized("token without a user"))?;
        let session = SessionId::parse(&claims.sid).map_err(|_| Error::Unauthorized("token without a session"))?;
        Ok(Admission { actor: Actor { user, session }, until: Timestamp::from_millis(claims.exp.saturating_mul(1000)) })
    }
}

/// SHA-256 in hex: the form in which secrets are kept.
pub(crate) fn fingerprint(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

/// A refresh token: the person and the session in front, so that it is found by key; 128 random bits that all tokens of
/// the session share, so that one that was used before is told from one that never was; 256 random bits of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose it is.
    pub actor: Actor,
    family: String,
    secret: String,
}

impl RefreshToken {
    /// The first of a session.
    pub fn first(actor: Actor) -> Result<Self> {
        let (family, secret) = (fresh::bytes::<16>()?, fresh::bytes::<32>()?);
        Ok(Self { actor, family: URL_SAFE_NO_PAD.encode(family), secret: URL_SAFE_NO_PAD.encode(secret) })
    }

    /// Reads a token. Nothing is said about whether it works.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed = Error::InvalidRefreshToken("malformed");
        let mut parts = text.split('.');
        let (Some(user), Some(session), Some(family), Some(secret), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let (Ok(user), Ok(session)) = (UserId::parse(user), SessionId::parse(session)) else { return Err(malformed) };
        let random = |part: &str, bytes: usize| URL_SAFE_NO_PAD.decode(part).is_ok_and(|read| read.len() == bytes);
        if !random(family, 16) || !random(secret, 32) {
            return Err(malformed);
        }
        Ok(Self { actor: Actor { user, session }, family: family.to_owned(), secret: secret.to_owned() })
    }

    /// The token as its owner keeps it.
    pub fn text(&self) -> String {
        format!("{}.{}.{}.{}", self.actor.user, self.actor.session, self.family, self.secret)
    }

    /// What the session keeps of it.
    pub fn hash(&self) -> String {
        fingerprint(&self.text())
    }

    /// What the session keeps of all its tokens.
    pub fn family_hash(&self) -> String {
        fingerprint(&self.family)
    }

    /// The token after this one. The same salt makes the same token of it again, and nothing else does: neither the salt,
    /// which is stored, nor this token, which is not, is enough.
    #[must_use]
    pub fn next(&self, salt: &str) -> Self {
        let secret = Sha256::new().chain_update(&self.secret).chain_update(b".").chain_update(salt).finalize();
        Self { secret: URL_SAFE_NO_PAD.encode(secret), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::EPOCH;

    fn pair(kid: &str, seed: [u8; 32]) -> (Issuer, String) {
        let secret = format!(r#"{{"kid":"{kid}","seed":"{}"}}"#, URL_SAFE_NO_PAD.encode(seed));
        let public = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes());
        (Issuer::from_secret(&secret, 60).unwrap(), format!("{kid}={public}"))
    }

    fn actor() -> Actor {
        Actor { user: UserId::new(Uuid::from_u128(1)), session: SessionId::new(Uuid::from_u128(2)) }
    }

    #[test]
    fn a_token_says_who_it_was_made_for_until_it_ends() {
        let (issuer, public) = pair("k1", [7; 32]);
        let verifier = Verifier::from_list(&public).unwrap();
        let token = issuer.access_token(&actor(), NOW).unwrap();
        assert_eq!(verifier.verify(&token, NOW).unwrap(), actor());
        let later = NOW.plus(std::time::Duration::from_mins(1));
        assert!(matches!(verifier.verify(&token, later), Err(Error::Unauthorized("token has expired"))));
    }

    #[test]
    fn b7_two_keys_live_side_by_side_and_others_do_not() {
        let ((old, old_public), (new, new_public)) = (pair("k1", [1; 32]), pair("k2", [2; 32]));
        let both = Verifier::from_list(&format!("{old_public},{new_public}")).unwrap();
        for issuer in [&old, &new] {
            assert!(both.verify(&issuer.access_token(&actor(), NOW).unwrap(), NOW).is_ok());
        }
        let only_new = Verifier::from_list(&new_public).unwrap();
        assert!(only_new.verify(&old.access_token(&actor(), NOW).unwrap(), NOW).is_err());
        let (impostor, _) = pair("k2", [3; 32]);
        assert!(only_new.verify(&impostor.access_token(&actor(), NOW).unwrap(), NOW).is_err());
    }

    #[test]
    fn b7_edited_unsigned_and_differently_signed_tokens_are_refused() {
        let (issuer, public) = pair("k1", [7; 32]);
        let verifier = Verifier::from_list(&public).unwrap();
        let token = issuer.access_token(&actor(), NOW).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"k1"}"#);
        let public_as_secret = {
            let key = EncodingKey::from_secret(public.split_once('=').unwrap().1.as_bytes());
            let header = Header { kid: Some("k1".into()), ..Header::new(Algorithm::HS256) };
            let claims = serde_json::json!({"sub": actor().user.to_string(), "sid": actor().session.to_string(),
                "aud": AUDIENCE, "typ": ACCESS, "iat": 0, "exp": 60});
            jsonwebtoken::encode(&header, &claims, &key).unwrap()
        };
        let edited = URL_SAFE_NO_PAD.encode(r#"{"sub":"user_x","exp":9999999999}"#);
        for forged in [
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{}.{edited}.{}", parts[0], parts[2]),
            format!("{}.{}.", parts[0], parts[1]),
            public_as_secret,
            "not a token".to_owned(),
            String::new(),
        ] {
            assert!(matches!(verifier.verify(&forged, NOW), Err(Error::Unauthorized(_))), "{forged}");
        }
    }

    #[test]
    fn b6_a_refresh_token_is_no_access_token() {
        let (_, public) = pair("k1", [7; 32]);
        let token = RefreshToken::first(actor()).unwrap();
        assert!(Verifier::from_list(&public).unwrap().verify(&token.text(), NOW).is_err());
        assert!(!token.hash().contains(&token.text()) && token.hash().len() == 64);
    }

    #[test]
    fn b5_the_next_refresh_token_takes_both_the_last_and_its_salt() {
        let first = RefreshToken::first(actor()).unwrap();
        let next = first.next("salt");
        assert!(next == first.next("salt") && next != first.next("pepper") && next != first);
        assert_eq!(next.family_hash(), first.family_hash());
        assert!(RefreshToken::parse(&next.text()).unwrap() == next);
        for text in ["", "a.b.c.d", &format!("{}.x", first.text()), &first.text().replace("user_", "conv_")] {
            assert!(RefreshToken::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn b7_a_bad_key_is_named_without_being_told() {
        for secret in ["", "{}", r#"{"kid":"k","seed":"c2hvcnQ"}"#, r#"{"kid":"k","seed":"%%%"}"#] {
            let Err(why) = Issuer::from_secret(secret, 60) else { panic!("{secret}") };
            assert!(!why.contains("c2hvcnQ"));
        }
        for list in ["", "k1", "k1=c2hvcnQ", "k1=%%%"] {
            assert!(Verifier::from_list(list).is_err(), "{list}");
        }
    }
}
