//! Signing in with Google in a browser: the authorization-code flow with state and PKCE (security A7, RFC 9700).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use store::Table;
use store::sign_in_flows::{self, FlowRecord};

use crate::error::{Error, Result};
use crate::fresh;
use crate::identity::{Provider, Verified};
use crate::tokens::fingerprint;
use crate::web::Web;

/// How long somebody may take at Google.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// This backend as a client of Google's.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Its id there.
    pub client_id: String,
    /// Where the browser comes back to: the one address that is registered there.
    pub redirect_uri: String,
    /// Where the browser is sent.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
}

/// Where a browser is to go, and what it is to keep meanwhile.
#[derive(Debug)]
pub struct Departure {
    /// The address at Google.
    pub address: String,
    /// What proves that it is the same browser that comes back.
    pub keepsake: String,
}

/// Begins a sign-in: state, nonce and code verifier are new each time and good once, for this browser alone.
pub async fn start(table: &Table, client: &ClientSettings, now: Timestamp) -> Result<Departure> {
    let [state, keepsake, verifier, nonce] = [secret()?, secret()?, secret()?, secret()?];
    let until = now.plus(PATIENCE);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", &client.client_id),
            ("redirect_uri", &client.redirect_uri),
            ("scope", "openid email profile"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let flow = FlowRecord {
        browser_hash: fingerprint(&keepsake),
        code_verifier: verifier,
        nonce,
        valid_until: until.millis(),
        expires_at: until.seconds(),
    };
    sign_in_flows::put(table, &fingerprint(&state), &flow).await?;
    Ok(Departure { address: format!("{}?{query}", client.authorization_endpoint), keepsake })
}

/// What a browser brings back.
#[derive(Debug, Clone)]
pub struct Return {
    /// Which sign-in it says this is.
    pub state: String,
    /// What it was given to keep.
    pub keepsake: String,
    /// Google's code; none when the person, or Google, refused.
    pub code: Option<String>,
}

/// What exchanges codes.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// This backend as Google knows it.
    pub client: ClientSettings,
    /// What proves it there.
    pub secret: String,
    /// The way there.
    pub web: Web,
}

#[derive(Deserialize)]
struct Exchanged {
    id_token: String,
}

/// Finishes a sign-in that this browser began: exchanges the code and verifies the token that comes for it.
pub async fn finish(
    table: &Table,
    exchange: &Exchange,
    provider: &Provider,
    back: &Return,
    now: Timestamp,
) -> Result<Verified> {
    let failed = Error::SignInNotFinished;
    let flow = sign_in_flows::take(table, &fingerprint(&back.state), &fingerprint(&back.keepsake), now).await?;
    let flow = flow.ok_or(failed("not begun by this browser, finished before, or too long ago"))?;
    let code = back.code.as_deref().ok_or(failed("refused at the provider"))?;
    let ClientSettings { client_id, redirect_uri, token_endpoint, .. } = &exchange.client;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", client_id),
        ("client_secret", &exchange.secret),
        ("redirect_uri", redirect_uri),
        ("code_verifier", &flow.code_verifier),
    ];
    let answer = exchange.web.post_form(token_endpoint, &fields).await?;
    match answer.status {
        200 => {}
        400..=499 => return Err(failed("the provider does not take the code")),
        status => return Err(Error::internal(format!("the provider answered a code with {status}"))),
    }
    let Exchanged { id_token } = serde_json::from_slice(&answer.body).map_err(Error::internal)?;
    provider.verify(&id_token, Some(&flow.nonce), now).await
}

/// 256 random bits as text: a state, a nonce, or a code verifier, which may have 43 letters at least.
fn secret() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(fresh::bytes::<32>()?))
}
