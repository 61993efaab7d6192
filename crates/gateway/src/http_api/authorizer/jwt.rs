//! JWT authorizers (gateway facts A-09, A-09b): a token, the issuer's keys, and what the route asks for.
//!
//! Getting the keys is the shell's affair. The documented description of a refusal is "the token does not have a valid
//! audience"; the others are as seen in public reports, or ours where none is known.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::{Caller, Refusal};
use crate::model::JwtAuthorizer;

/// The signature algorithms that API Gateway takes: those of RSA.
const ALGORITHMS: [Algorithm; 6] =
    [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];

/// A token out of the value of its identity source: with or without `Bearer`.
pub fn token(value: &str) -> &str {
    let value = value.trim();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    }
}

/// Reads the header: the algorithm must be RSA's, and a key must be named.
pub fn key_id(token: &str) -> Result<String, Refusal> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| refused("the token is malformed"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(refused("the algorithm of the token is not supported"));
    }
    header.kid.ok_or_else(|| refused("the token has no kid"))
}

/// One key of a key set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    id: String,
    modulus: String,
    exponent: String,
}

/// The RSA keys of a key set; `None` when it is none.
pub fn keys(set: &[u8]) -> Option<Vec<Key>> {
    let set: Value = serde_json::from_slice(set).ok()?;
    let key = |key: &Value| {
        let field = |name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
        field("kty").filter(|kind| kind == "RSA")?;
        Some(Key { id: field("kid")?, modulus: field("n")?, exponent: field("e")? })
    };
    Some(set.get("keys")?.as_array()?.iter().filter_map(key).collect())
}

/// The key with an id.
pub fn find<'k>(keys: &'k [Key], id: &str) -> Option<&'k Key> {
    keys.iter().find(|key| key.id == id)
}

/// Where the document of an issuer says that its keys are.
pub fn keys_address(document: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(document).ok()?;
    document.get("jwks_uri")?.as_str().map(str::to_owned)
}

/// Address of an issuer's discovery document.
pub fn discovery_address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Decides on a token. `now` is in seconds since 1970; `scopes` are the route's.
pub fn check(
    token: &str,
    key: &Key,
    authorizer: &JwtAuthorizer,
    scopes: &[String],
    now: i64,
) -> Result<Caller, Refusal> {
    let claims = verified(token, key)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(authorizer.issuer.as_str()) {
        return Err(refused("the token does not have a valid issuer"));
    }
    // `client_id` is asked only where there is no `aud`: access tokens of Cognito have none.
    let audience = claims.get("aud").or_else(|| claims.get("client_id")).map(texts).unwrap_or_default();
    if !audience.iter().any(|name| authorizer.audience.contains(name)) {
        return Err(refused("the token does not have a valid audience"));
    }
    if number(&claims, "exp").is_none_or(|expiry| now >= expiry) {
        return Err(refused("the token has expired"));
    }
    if ["nbf", "iat"].iter().any(|name| claims.contains_key(*name) && number(&claims, name).is_none_or(|at| at > now)) {
        return Err(refused("the token is not valid yet"));
    }
    let held = claims.get("scope").or_else(|| claims.get("scp")).map(words).unwrap_or_default();
    if !scopes.is_empty() && !held.iter().any(|scope| scopes.contains(scope)) {
        return Err(Refusal::Forbidden);
    }
    Ok(Caller::Jwt { claims: stringified(&claims), scopes: (!scopes.is_empty()).then_some(held) })
}

fn refused(reason: &str) -> Refusal {
    Refusal::Token(reason.to_owned())
}

/// The claims of a token whose signature is right. Times are checked against the gateway's clock, not here.
fn verified(token: &str, key: &Key) -> Result<Map<String, Value>, Refusal> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| refused("the token is malformed"))?;
    let decoding = DecodingKey::from_rsa_components(&key.modulus, &key.exponent)
        .map_err(|_| refused("unable to decode the RSA public key"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(refused("the algorithm of the token is not supported"));
    }
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &decoding, &validation);
    decoded.map(|decoded| decoded.claims).map_err(|_| refused("the signature of the token is invalid"))
}

/// A time in seconds; some issuers write a fraction.
fn number(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    #[expect(clippy::cast_possible_truncation, reason = "a time in seconds is far below 2^53, and `as` saturates")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

/// One text or several.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Scopes: a text with spaces, or a list.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        other => texts(other),
    }
}

/// Claims as events have them (A-09b): strings, keys sorted, lists as `[a b]`, nulls left out.
fn stringified(claims: &Map<String, Value>) -> Map<String, Value> {
    let mut claims: Vec<(&String, &Value)> = claims.iter().filter(|(_, value)| !value.is_null()).collect();
    claims.sort_by_key(|(name, _)| name.as_str());
    claims.into_iter().map(|(name, value)| (name.clone(), shown(value).into())).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(" ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}:{}", shown(value)));
            format!("map[{}]", fields.collect::<Vec<_>>().join(" "))
        }
        Value::Null => "<nil>".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
