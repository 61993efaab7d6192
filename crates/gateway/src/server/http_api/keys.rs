//! The public keys of token issuers: discovered, fetched and kept (gateway fact A-09).

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Request, StatusCode};
use tokio::sync::Mutex;

use crate::Limits;
use crate::http_api::authorizer::{Refusal, jwt};
use crate::server::web::Web;
use crate::time::Clock;

/// How long keys are kept: as long as API Gateway may keep them.
const KEPT: Duration = Duration::from_hours(2);
/// How often a key that is not among them may make them be fetched again.
const ASK_AGAIN: Duration = Duration::from_secs(10);

/// Keys by issuer.
#[derive(Default)]
pub(super) struct Keys {
    known: Mutex<HashMap<String, (Duration, Vec<jwt::Key>)>>,
}

impl Keys {
    /// The key of an issuer with an id.
    pub(super) async fn get(
        &self,
        web: &Web,
        clock: &Clock,
        limits: &Limits,
        issuer: &str,
        id: &str,
    ) -> Result<jwt::Key, Refusal> {
        // One at a time: requests that come while keys are fetched would only fetch them again.
        let mut known = self.known.lock().await;
        let now = clock.passed();
        if let Some((fetched, keys)) = known.get(issuer) {
            let found = jwt::find(keys, id).cloned();
            let age = now.saturating_sub(*fetched);
            if age < KEPT && (found.is_some() || age < ASK_AGAIN) {
                return found.ok_or_else(unknown_key);
            }
        }
        let keys = fetch(web, clock, limits, issuer).await.map_err(|reason| Refusal::Token(reason.to_owned()))?;
        let found = jwt::find(&keys, id).cloned();
        known.insert(issuer.to_owned(), (now, keys));
        found.ok_or_else(unknown_key)
    }
}

async fn fetch(web: &Web, clock: &Clock, limits: &Limits, issuer: &str) -> Result<Vec<jwt::Key>, &'static str> {
    const DISCOVERY: &str = "OIDC discovery endpoint communication error";
    const KEYS: &str = "Jwks HTTP communication failed";
    let document = get(web, clock, limits, &jwt::discovery_address(issuer)).await.ok_or(DISCOVERY)?;
    let address = jwt::keys_address(&document).ok_or(DISCOVERY)?;
    let set = get(web, clock, limits, &address).await.ok_or(KEYS)?;
    jwt::keys(&set).ok_or(KEYS)
}

fn unknown_key() -> Refusal {
    Refusal::Token("the key of the token is unknown".to_owned())
}

/// A document, if it is there, in time and not too large. Redirects are not followed.
async fn get(web: &Web, clock: &Clock, limits: &Limits, address: &str) -> Option<Bytes> {
    let request = Request::get(address).header(ACCEPT, "application/json").body(Bytes::new()).ok()?;
    let answer = web.ask(clock, limits.key_set_patience, limits.key_set, request).await.ok()?;
    (answer.status() == StatusCode::OK).then(|| answer.into_body())
}
