//! An issuer of tokens on loopback: a real RSA key under a real address, with the documents that lead to it.

use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

// Making a key takes a while.
static KEY: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());

struct State {
    /// Name of the one key.
    kid: String,
    /// What was asked for, in order.
    asked: Vec<String>,
    /// Bytes that the key set has beyond its keys.
    padding: usize,
    /// Whether it never answers.
    silent: bool,
}

pub(crate) struct LoopbackIssuer {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
    requests: watch::Sender<usize>,
}

impl LoopbackIssuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = State { kid: "one".to_owned(), asked: Vec::new(), padding: 0, silent: false };
        let state = Arc::new(Mutex::new(state));
        let requests = watch::Sender::new(0);
        let (shared, own, count) = (Arc::clone(&state), address.clone(), requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), own.clone(), count.clone()));
            }
        });
        Self { address, state, requests }
    }

    /// A token that is good for the audience `api` at this time.
    pub(crate) fn token(&self, now: i64, scope: &str) -> String {
        let kid = self.state.lock().unwrap().kid.clone();
        let claims = json!({"iss": self.address, "aud": "api", "exp": now + 60, "iat": now, "scope": scope});
        let header = Header { kid: Some(kid), ..Header::new(Algorithm::RS256) };
        let der = KEY.to_pkcs1_der().unwrap();
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_rsa_der(der.as_bytes())).unwrap()
    }

    pub(crate) fn rename_key(&self, kid: &str) {
        kid.clone_into(&mut self.state.lock().unwrap().kid);
    }

    pub(crate) fn pad(&self, bytes: usize) {
        self.state.lock().unwrap().padding = bytes;
    }

    pub(crate) fn fall_silent(&self) {
        self.state.lock().unwrap().silent = true;
    }

    /// Waits until it was asked for more than so many documents.
    pub(crate) async fn asked_more_than(&self, before: usize) {
        self.requests.subscribe().wait_for(|requests| *requests > before).await.unwrap();
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>, address: String, requests: watch::Sender<usize>) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        loop {
            line.clear();
            if stream.read_line(&mut line).await.unwrap() <= 2 {
                break;
            }
        }
        let (body, silent) = {
            let mut state = state.lock().unwrap();
            state.asked.push(path.clone());
            (body(&path, &state, &address).to_string(), state.silent)
        };
        requests.send_modify(|requests| *requests += 1);
        if silent {
            std::future::pending::<()>().await;
        }
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        line.clear();
    }
}

fn body(path: &str, state: &State, address: &str) -> Value {
    if path == "/.well-known/openid-configuration" {
        return json!({"issuer": address, "jwks_uri": format!("{address}/keys")});
    }
    let part = |bytes: Vec<u8>| URL_SAFE_NO_PAD.encode(bytes);
    let (n, e) = (part(KEY.n().to_bytes_be()), part(KEY.e().to_bytes_be()));
    json!({"keys": [{"kty": "RSA", "kid": state.kid, "n": n, "e": e}], "padding": " ".repeat(state.padding)})
}
