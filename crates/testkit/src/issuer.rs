//! A provider of identities on loopback: real RSA keys under a real address, real ID tokens, a real code flow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The client that the issuer knows.
const CLIENT_ID: &str = "web.example";
/// What that client proves itself with.
const CLIENT_SECRET: &str = "the client's secret";
/// Where that client's browsers come back to.
pub const REDIRECT_URI: &str = "http://localhost:3001/api/auth/google/callback";

/// A key that tokens are signed with.
#[derive(Clone)]
pub struct RsaKey {
    /// Its name.
    pub kid: String,
    private: RsaPrivateKey,
}

impl RsaKey {
    /// The same key each time for the same number: making one takes a while.
    pub fn numbered(number: usize) -> Self {
        static KEYS: [OnceLock<RsaPrivateKey>; 3] = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
        let make = || RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
        Self { kid: format!("key-{number}"), private: KEYS[number].get_or_init(make).clone() }
    }

    /// The same key under another's name.
    #[must_use]
    pub fn named(self, kid: &str) -> Self {
        Self { kid: kid.to_owned(), ..self }
    }

    /// A token with these claims, signed with this key.
    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::RS256) };
        self.sign_with(&header, claims)
    }

    /// The same with another header.
    pub fn sign_with(&self, header: &Header, claims: &Value) -> String {
        let der = self.private.to_pkcs1_der().expect("a key in DER");
        jsonwebtoken::encode(header, claims, &EncodingKey::from_rsa_der(der.as_bytes())).expect("a token")
    }

    /// The modulus, as the key set tells it: what a forger could take for a shared secret.
    pub fn modulus(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.private.n().to_bytes_be())
    }

    fn public(&self) -> Value {
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": self.modulus(),
            "e": URL_SAFE_NO_PAD.encode(self.private.e().to_bytes_be()),
        })
    }
}

struct State {
    keys: Vec<RsaKey>,
    cache_control: Option<String>,
    down: bool,
    asked: usize,
    person: Value,
    codes: HashMap<String, HashMap<String, String>>,
}

/// The issuer. It goes when it is dropped.
pub struct LoopbackIssuer {
    address: String,
    state: Arc<Mutex<State>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for LoopbackIssuer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl LoopbackIssuer {
    /// Starts on a free port, with one key that may be kept for an hour.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State {
            keys: vec![RsaKey::numbered(0)],
            cache_control: Some("public, max-age=3600".to_owned()),
            down: false,
            asked: 0,
            person: Value::Null,
            codes: HashMap::new(),
        }));
        let (shared, own) = (Arc::clone(&state), address.clone());
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), own.clone()));
            }
        });
        Self { address, state, serving }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What its tokens say in `iss`.
    pub fn issuer(&self) -> &str {
        &self.address
    }

    /// Parameters of the template that make it Google.
    pub fn as_google(&self) -> Vec<(&'static str, String)> {
        vec![
            ("GoogleIssuer", self.address.clone()),
            ("GoogleJwksUri", format!("{}/keys", self.address)),
            ("GoogleAuthorizationEndpoint", format!("{}/authorize", self.address)),
            ("GoogleTokenEndpoint", format!("{}/token", self.address)),
            ("GoogleClientIds", "android.example,ios.example".to_owned()),
            ("GoogleWebClientId", CLIENT_ID.to_owned()),
            ("GoogleWebClientSecret", CLIENT_SECRET.to_owned()),
            ("GoogleRedirectUri", REDIRECT_URI.to_owned()),
        ]
    }

    /// Parameters of the template that make it Apple.
    pub fn as_apple(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AppleIssuer", self.address.clone()),
            ("AppleJwksUri", format!("{}/keys", self.address)),
            ("AppleClientIds", "com.example.chat".to_owned()),
        ]
    }

    /// Its key.
    pub fn key(&self) -> RsaKey {
        self.state().keys.last().expect("a key").clone()
    }

    /// A token of its own.
    pub fn token(&self, claims: &Value) -> String {
        self.key().sign(claims)
    }

    /// Takes other keys.
    pub fn use_keys(&self, numbers: &[usize]) {
        self.state().keys = numbers.iter().map(|number| RsaKey::numbered(*number)).collect();
    }

    /// What it says of how long its keys may be kept.
    pub fn say_of_keys(&self, cache_control: Option<&str>) {
        self.state().cache_control = cache_control.map(str::to_owned);
    }

    /// Whether it is out of order.
    pub fn out_of_order(&self, down: bool) {
        self.state().down = down;
    }

    /// How often its keys were asked for.
    pub fn times_asked(&self) -> usize {
        self.state().asked
    }

    /// Whoever comes with a browser from now on is this person: claims beside those of the flow.
    pub fn welcome(&self, person: Value) {
        self.state().person = person;
    }

    /// A browser goes to the address it was sent to and signs in: where it is sent back to.
    pub async fn visit(&self, address: &str) -> String {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let answer = client.get(address).send().await.expect("the issuer");
        assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap_or_default());
        answer.headers()["location"].to_str().expect("an address").to_owned()
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>, own: String) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    if stream.read_line(&mut line).await.is_err() {
        return;
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        match stream.read_line(&mut header).await {
            Ok(read) if read > 2 => {}
            _ => break,
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    let (status, headers, body) = answer(&state, &own, &target, &body);
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
    // Whoever asked may have gone.
    let _ = stream.get_mut().write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.get_mut().shutdown().await;
}

fn answer(state: &Mutex<State>, own: &str, target: &str, body: &[u8]) -> (&'static str, String, String) {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let json_type = "content-type: application/json\r\n".to_owned();
    if path == "/keys" {
        state.asked += 1;
    }
    if state.down {
        return ("503 Service Unavailable", json_type, "{}".to_owned());
    }
    match path {
        "/keys" => {
            let keys: Vec<_> = state.keys.iter().map(RsaKey::public).collect();
            let kept = state.cache_control.as_ref().map_or_else(String::new, |it| format!("cache-control: {it}\r\n"));
            ("200 OK", json_type + &kept, json!({ "keys": keys }).to_string())
        }
        "/authorize" => {
            let wish = pairs(query.as_bytes());
            let code = format!("code-{}", state.codes.len());
            let back = form_urlencoded::Serializer::new(String::new())
                .append_pair("state", &wish["state"])
                .append_pair("code", &code)
                .finish();
            let location = format!("location: {}?{back}\r\n", wish["redirect_uri"]);
            state.codes.insert(code, wish);
            ("302 Found", location, String::new())
        }
        "/token" => match exchange(&mut state, own, &pairs(body)) {
            Some(token) => ("200 OK", json_type, json!({ "id_token": token, "token_type": "Bearer" }).to_string()),
            None => ("400 Bad Request", json_type, json!({ "error": "invalid_grant" }).to_string()),
        },
        _ => ("404 Not Found", json_type, "{}".to_owned()),
    }
}

/// What RFC 6749 and RFC 7636 want of whoever exchanges a code. A code works once.
#[allow(clippy::disallowed_methods, reason = "a provider has a clock of its own")]
fn exchange(state: &mut State, own: &str, form: &HashMap<String, String>) -> Option<String> {
    let wish = state.codes.remove(form.get("code")?)?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")?));
    let agreed = wish.get("code_challenge_method")? == "S256"
        && *wish.get("code_challenge")? == challenge
        && form.get("redirect_uri")? == REDIRECT_URI
        && wish.get("redirect_uri")? == REDIRECT_URI
        && form.get("client_id")? == CLIENT_ID
        && form.get("client_secret")? == CLIENT_SECRET
        && form.get("grant_type")? == "authorization_code";
    if !agreed {
        return None;
    }
    let mut claims = state.person.clone();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    claims["iss"] = json!(own);
    claims["aud"] = json!(CLIENT_ID);
    claims["exp"] = json!(now + 3600);
    claims["nonce"] = json!(wish.get("nonce")?);
    Some(state.keys.last()?.sign(&claims))
}

fn pairs(encoded: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// A token that claims to be signed with a shared secret (HS256): what a forger makes of a public key.
pub fn signed_with_secret(kid: &str, secret: &[u8], claims: &Value) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).expect("a token")
}

/// A header that says where the key is.
pub fn header_with_jku(kid: &str, address: &str) -> Header {
    Header { kid: Some(kid.to_owned()), jku: Some(address.to_owned()), ..Header::new(Algorithm::RS256) }
}

/// SHA-256 in hexadecimal.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
