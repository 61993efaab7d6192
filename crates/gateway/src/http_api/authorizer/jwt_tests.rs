//! Tokens of a real RSA key, one thing wrong with each.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::json;

use super::*;
use crate::model::{IdentitySource, Location};

const NOW: i64 = 1_790_284_724;
const ISSUER: &str = "https://issuer.example";

// Making a key takes a while.
static KEY: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());

fn set() -> Vec<Key> {
    let part = |bytes: Vec<u8>| URL_SAFE_NO_PAD.encode(bytes);
    let (n, e) = (part(KEY.n().to_bytes_be()), part(KEY.e().to_bytes_be()));
    let set = json!({"keys": [{"kty": "EC", "kid": "other"}, {"kty": "RSA", "kid": "one", "n": n, "e": e}]});
    keys(set.to_string().as_bytes()).unwrap()
}

fn signed(header: &Header, claims: &Value) -> String {
    let der = KEY.to_pkcs1_der().unwrap();
    jsonwebtoken::encode(header, claims, &EncodingKey::from_rsa_der(der.as_bytes())).unwrap()
}

fn header() -> Header {
    Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::RS256) }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "api", "exp": NOW + 60, "iat": NOW, "scope": "read write"})
}

fn authorizer() -> JwtAuthorizer {
    JwtAuthorizer {
        identity_source: IdentitySource::Header("Authorization".to_owned()),
        issuer: ISSUER.to_owned(),
        audience: vec!["api".to_owned(), "client".to_owned()],
        location: Location { file: "t".into(), line: 1, column: 1 },
    }
}

fn decided(claims: &Value, scopes: &[&str]) -> Result<Caller, Refusal> {
    let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    let token = signed(&header(), claims);
    let keys = set();
    check(&token, find(&keys, &key_id(&token)?).unwrap(), &authorizer(), &scopes, NOW)
}

#[test]
fn a09_a_token_with_or_without_bearer() {
    for value in ["Bearer abc", "bearer  abc", "abc", " abc "] {
        assert_eq!(token(value), "abc", "{value}");
    }
}

#[test]
fn a09_what_is_checked() {
    assert!(decided(&claims(), &[]).is_ok());
    let refused = |change: Value| {
        let mut claims = claims();
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        match decided(&claims, &[]) {
            Err(Refusal::Token(reason)) => reason,
            other => panic!("{change}: {other:?}"),
        }
    };
    assert_eq!(refused(json!({"iss": "https://other.example"})), "the token does not have a valid issuer");
    assert_eq!(refused(json!({"aud": "other"})), "the token does not have a valid audience");
    assert_eq!(refused(json!({"aud": ["x", "y"]})), "the token does not have a valid audience");
    assert_eq!(refused(json!({"exp": NOW})), "the token has expired");
    assert_eq!(refused(json!({"exp": "soon"})), "the token has expired");
    assert_eq!(refused(json!({"nbf": NOW + 1})), "the token is not valid yet");
    assert_eq!(refused(json!({"iat": NOW + 1})), "the token is not valid yet");
}

#[test]
fn a09_the_audience_is_a_list_or_the_client_id() {
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove("aud");
        claims[name] = value;
        decided(&claims, &[])
    };
    assert!(with("aud", json!(["x", "client"])).is_ok());
    assert!(with("client_id", json!("client")).is_ok());
    assert!(with("client_id", json!("other")).is_err());
    assert!(with("azp", json!("client")).is_err());
}

#[test]
fn a09_keys_and_algorithms() {
    let token = signed(&header(), &claims());
    assert_eq!(key_id(&token).unwrap(), "one");
    let without = Header { kid: None, ..header() };
    assert!(matches!(key_id(&signed(&without, &claims())), Err(Refusal::Token(_))));
    let secret = EncodingKey::from_secret(b"shared");
    let hmac = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
    let forged = jsonwebtoken::encode(&hmac, &claims(), &secret).unwrap();
    assert!(matches!(key_id(&forged), Err(Refusal::Token(_))));
    for broken in ["", "a.b", "a.b.c", &token[..token.len() - 8], &format!("{token}x")] {
        let refused = key_id(broken).and_then(|_| check(broken, &set()[0], &authorizer(), &[], NOW));
        assert!(matches!(refused, Err(Refusal::Token(_))), "{broken}");
    }
    assert_eq!(set().len(), 1);
    assert!(keys(b"{}").is_none() && keys(b"nonsense").is_none());
}

#[test]
fn a09_the_answer_says_why() {
    let answer = Refusal::Token("the token does not have a valid audience".to_owned()).answer();
    assert_eq!((answer.status, &answer.body[..]), (401, &br#"{"message":"Unauthorized"}"#[..]));
    let challenge =
        r#"Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience""#;
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    assert_eq!(Refusal::NoToken.answer().header("www-authenticate"), Some("Bearer"));
}

#[test]
fn a09b_one_of_the_scopes_is_enough_and_none_is_403() {
    assert!(decided(&claims(), &["write", "admin"]).is_ok());
    assert_eq!(decided(&claims(), &["admin"]), Err(Refusal::Forbidden));
    let mut listed = claims();
    listed.as_object_mut().unwrap().remove("scope");
    assert_eq!(decided(&listed, &["read"]), Err(Refusal::Forbidden));
    listed["scp"] = json!(["read"]);
    assert!(decided(&listed, &["read"]).is_ok());
}

#[test]
fn a09b_claims_are_strings_and_scopes_are_all_or_null() {
    let mut claims = claims();
    claims["admin"] = json!(true);
    claims["groups"] = json!(["admin", "poweruser"]);
    claims["gone"] = json!(null);
    let caller = decided(&claims, &["read"]).unwrap();
    let expected = format!(
        r#"{{"jwt":{{"claims":{{"admin":"true","aud":"api","exp":"{}","groups":"[admin poweruser]","iat":"{NOW}","iss":"{ISSUER}","scope":"read write"}},"scopes":["read","write"]}}}}"#,
        NOW + 60
    );
    assert_eq!(caller.v2().unwrap().to_string(), expected);
    assert_eq!(decided(&claims, &[]).unwrap().v2().unwrap()["jwt"]["scopes"], json!(null));
}

#[test]
fn a09_an_issuers_document() {
    let expected = "https://issuer.example/.well-known/openid-configuration";
    assert_eq!(discovery_address(ISSUER), expected);
    assert_eq!(discovery_address("https://issuer.example/"), expected);
    assert_eq!(keys_address(br#"{"jwks_uri":"https://k"}"#).as_deref(), Some("https://k"));
    assert_eq!(keys_address(b"[]"), None);
}
