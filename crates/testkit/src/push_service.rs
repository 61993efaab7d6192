//! A browser and its push service on loopback: it hands out real subscriptions, takes real pushes (RFC 8030), looks at who
//! signed them (RFC 8292), and decrypts them (RFC 8291) by Mozilla's implementation, which is not the one they were
//! encrypted by.

mod decrypting;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::PATIENCE;
use decrypting::Keys;

/// What a push service does with a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// Answers with this status; 201 is what happens if nothing is said.
    Status(u16),
    /// The same, and says in how many seconds to come again.
    After(u16, u32),
    /// Sends elsewhere.
    Redirect,
    /// Takes it and ends the connection without an answer.
    Silence,
}

/// A push that came.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// To which browser.
    pub browser: String,
    /// Headers, in lower case.
    pub headers: HashMap<String, String>,
    /// What the browser's service worker sees.
    pub content: Value,
    /// What the signature says of who pushes, and for whom.
    pub claims: Value,
    /// How it was answered.
    pub reaction: Reaction,
}

#[derive(Default)]
struct State {
    browsers: BTreeMap<String, Keys>,
    reactions: BTreeMap<String, VecDeque<Reaction>>,
    pushed: Vec<Pushed>,
}

/// The push service. It goes when it is dropped.
pub struct LoopbackPushService {
    address: String,
    state: Arc<Mutex<State>>,
    changed: watch::Receiver<usize>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for LoopbackPushService {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl LoopbackPushService {
    /// The parameter of the template that lets it be called.
    pub const HOSTS: (&'static str, &'static str) = ("WebPushHosts", "127.0.0.1");

    /// Starts on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let (told, changed) = watch::channel(0);
        let (shared, own) = (Arc::clone(&state), address.clone());
        let serving = tokio::spawn(async move {
            let told = Arc::new(told);
            while let Ok((stream, _)) = listener.accept().await {
                let (state, told, own) = (Arc::clone(&shared), Arc::clone(&told), own.clone());
                tokio::spawn(async move {
                    serve(stream, &state, &own).await;
                    told.send_modify(|count| *count += 1);
                });
            }
        });
        Self { address, state, changed, serving }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A browser's new subscription, as `PushSubscription.toJSON()` writes it.
    pub fn subscription(&self, browser: &str) -> Value {
        let keys = Keys::generate();
        let (p256dh, auth) = (URL_SAFE_NO_PAD.encode(keys.public()), URL_SAFE_NO_PAD.encode(keys.auth));
        self.state().browsers.insert(browser.to_owned(), keys);
        json!({
            "endpoint": self.endpoint(browser), "expirationTime": null, "keys": { "p256dh": p256dh, "auth": auth },
        })
    }

    /// Where a browser's pushes go.
    pub fn endpoint(&self, browser: &str) -> String {
        format!("{}/push/{browser}", self.address)
    }

    /// Where it is: what pushes are signed for.
    pub fn origin(&self) -> &str {
        &self.address
    }

    /// The next pushes to this browser are met with these.
    pub fn meet(&self, browser: &str, reactions: &[Reaction]) {
        self.state().reactions.entry(browser.to_owned()).or_default().extend(reactions);
    }

    /// All pushes so far.
    pub fn pushed(&self) -> Vec<Pushed> {
        self.state().pushed.clone()
    }

    /// What browsers were shown so far: pushes that were taken.
    pub fn shown(&self, browser: &str) -> Vec<Value> {
        let taken = |pushed: &&Pushed| pushed.browser == browser && pushed.reaction == Reaction::Status(201);
        self.state().pushed.iter().filter(taken).map(|pushed| pushed.content.clone()).collect()
    }

    /// Waits until a browser was shown something like this; what it was.
    pub async fn wait_for(&self, browser: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut changed = self.changed.clone();
        let found = async {
            loop {
                changed.borrow_and_update();
                if let Some(content) = self.shown(browser).into_iter().find(&fits) {
                    return content;
                }
                changed.changed().await.expect("the push service");
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("not pushed to {browser}: {:#?}", self.pushed()))
    }
}

async fn serve(stream: TcpStream, state: &Mutex<State>, own: &str) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    if stream.read_line(&mut line).await.is_err() {
        return;
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        match stream.read_line(&mut header).await {
            Ok(read) if read > 2 => {}
            _ => break,
        }
        if let Some((name, value)) = header.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    let (status, more) = match take(state, own, line.starts_with("POST "), &target, headers, &body) {
        Ok(Reaction::Silence) => return,
        Ok(Reaction::Status(status)) | Err(status) => (status, String::new()),
        Ok(Reaction::After(status, seconds)) => (status, format!("retry-after: {seconds}\r\n")),
        Ok(Reaction::Redirect) => (307, format!("location: {own}/push/elsewhere\r\n")),
    };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n{more}\r\n");
    // Whoever pushed may have gone.
    let _ = stream.get_mut().write_all(head.as_bytes()).await;
    let _ = stream.get_mut().shutdown().await;
}

/// What real push services ask for. Whatever is wrong is refused with the status that they use.
fn take(
    state: &Mutex<State>,
    own: &str,
    is_post: bool,
    target: &str,
    headers: HashMap<String, String>,
    body: &[u8],
) -> Result<Reaction, u16> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let browser = target.strip_prefix("/push/").filter(|_| is_post).ok_or(404_u16)?.to_owned();
    let header = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
    let topic = header("topic");
    let known = topic.len() <= 32 && topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if header("ttl").parse::<u32>().is_err() || header("content-encoding") != "aes128gcm" || !known {
        return Err(400);
    }
    if body.len() > 4096 {
        return Err(413);
    }
    let claims = signed(header("authorization"), own).ok_or(403_u16)?;
    let plain = state.browsers.get(&browser).ok_or(404_u16)?.decrypt(body).ok_or(400_u16)?;
    let content = serde_json::from_slice(&plain).map_err(|_| 400_u16)?;
    let next = state.reactions.get_mut(&browser).and_then(VecDeque::pop_front);
    let reaction = next.unwrap_or(Reaction::Status(201));
    state.pushed.push(Pushed { browser, headers, content, claims, reaction });
    Ok(reaction)
}

/// The claims of a signature that is valid here and now (RFC 8292, sections 2 and 3).
#[allow(clippy::disallowed_methods, reason = "a push service has a clock of its own")]
fn signed(authorization: &str, own: &str) -> Option<Value> {
    let (token, key) = authorization.strip_prefix("vapid t=")?.split_once(", k=")?;
    let point = URL_SAFE_NO_PAD.decode(key).ok().filter(|point| point.len() == 65 && point[0] == 4)?;
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let key = DecodingKey::from_ec_components(&x, &y).ok()?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[own]);
    validation.set_required_spec_claims(&["aud", "exp"]);
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?.claims;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    // At most a day.
    (claims["exp"].as_u64()? <= now + 24 * 60 * 60).then_some(claims)
}
