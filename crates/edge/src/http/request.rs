//! A request as handlers see it.

use std::sync::{Arc, Mutex, PoisonError};

use app::limits;
use app::tokens::{Actor, Admission};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Problem, Problems, Timestamp};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use serde::de::DeserializeOwned;
use store::rates::Standing;

use crate::failure::Failure;
use crate::services::{CheckEmailGuard, Guard, JoinGuard, RefreshGuard, ReportGuard, SignInGuard, UploadGuard};

/// Largest body that any route takes, in bytes: the longest message four times over.
const LARGEST_BODY: usize = 256 * 1024;

/// How the scarcest limit stood when this request was counted; told in every answer.
#[derive(Debug, Clone, Default)]
pub(super) struct StandingCell(Arc<Mutex<Option<Standing>>>);

impl StandingCell {
    pub(super) fn get(&self) -> Option<Standing> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, standing: Standing) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none_or(|kept| standing.remaining < kept.remaining) {
            *kept = Some(standing);
        }
    }
}

/// One HTTP request.
#[derive(Debug)]
pub struct Request {
    event: ApiGatewayV2httpRequest,
    body: Vec<u8>,
    standing: StandingCell,
    now: Timestamp,
}

impl Request {
    pub(super) fn read(
        mut event: ApiGatewayV2httpRequest,
        standing: StandingCell,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let body = event.body.take().unwrap_or_default();
        let body = if event.is_base64_encoded {
            STANDARD.decode(body).map_err(|_| Problems::one("body", "cannot be decoded"))?
        } else {
            body.into_bytes()
        };
        if body.len() > LARGEST_BODY {
            return Err(Failure::TooLarge);
        }
        Ok(Self { event, body, standing, now })
    }

    /// When it came in.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The client's address, as the gateway saw it: never a header of the client's.
    pub fn address(&self) -> &str {
        self.event.request_context.http.source_ip.as_deref().unwrap_or("unknown")
    }

    /// What the client calls itself.
    pub fn device(&self) -> Option<String> {
        self.event.request_context.http.user_agent.clone().filter(|name| !name.is_empty())
    }

    /// What the browser kept under this name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.event.cookies.as_ref()?;
        let mut pairs = cookies.iter().filter_map(|cookie| cookie.split_once('='));
        pairs.find(|(known, _)| known.trim() == name).map(|(_, value)| value.trim())
    }

    /// Who is calling, by the token in `Authorization: Bearer …`; counts the request against that person's limit.
    pub async fn signed_in(&self, guard: &Guard) -> Result<Actor, Failure> {
        Ok(self.admitted(guard).await?.actor)
    }

    /// The same, and until when the token holds.
    pub async fn admitted(&self, guard: &Guard) -> Result<Admission, Failure> {
        let admission = self.verified(guard)?;
        self.count(limits::http(&guard.table, &admission.actor, guard.per_minute, self.now).await)?;
        Ok(admission)
    }

    /// What the caller's request begins with, read while it is counted. Over the limit and without a session it is
    /// dropped.
    pub async fn signed_in_while<T>(
        &self,
        guard: &Guard,
        begin: impl AsyncFnOnce(&Actor) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Admission { actor, .. } = self.verified(guard)?;
        let counted = limits::http(&guard.table, &actor, guard.per_minute, self.now);
        let (counted, result) = tokio::join!(counted, begin(&actor));
        self.count(counted)?;
        result
    }

    fn verified(&self, guard: &Guard) -> Result<Admission, Failure> {
        let header = self.event.headers.get(http::header::AUTHORIZATION);
        let header = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (scheme, token) = header.split_once(' ').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(app::Error::Unauthorized("no bearer token").into());
        }
        Ok(guard.verifier.admit(token.trim(), self.now)?)
    }

    /// Counts a try to sign in to, or register, an account, against its address and against the account.
    pub async fn may_try(&self, guard: &SignInGuard, account: &str) -> Result<(), Failure> {
        self.count(limits::sign_in_from(&guard.table, self.address(), guard.per_minute, self.now).await)?;
        self.count(limits::sign_in_to(&guard.table, account, guard.per_minute, self.now).await)
    }

    /// Counts a try to sign in as somebody who is not known yet, against its address alone.
    pub async fn may_try_from_here(&self, guard: &SignInGuard) -> Result<(), Failure> {
        self.count(limits::sign_in_from(&guard.table, self.address(), guard.per_minute, self.now).await)
    }

    /// Counts a try at an account whose holder is known by other means.
    pub async fn may_try_at(&self, guard: &SignInGuard, account: &str) -> Result<(), Failure> {
        self.count(limits::sign_in_to(&guard.table, account, guard.per_minute, self.now).await)
    }

    /// Counts an exchange of a refresh token against its address.
    pub async fn may_refresh(&self, guard: &RefreshGuard) -> Result<(), Failure> {
        self.count(limits::refresh_from(&guard.table, self.address(), guard.per_minute, self.now).await)
    }

    /// Counts a question whether an address has an account.
    pub async fn may_ask(&self, guard: &CheckEmailGuard) -> Result<(), Failure> {
        let limits = (guard.per_minute, guard.in_all);
        self.count(limits::check_email_from(&guard.table, self.address(), limits, self.now).await)
    }

    /// Counts a file that a person is going to upload.
    pub async fn may_upload(&self, guard: &UploadGuard, actor: &Actor) -> Result<(), Failure> {
        self.count(limits::upload(&guard.table, &actor.user, guard.per_minute, self.now).await)
    }

    /// Counts a try to join a group by a code.
    pub async fn may_join(&self, guard: &JoinGuard, actor: &Actor) -> Result<(), Failure> {
        let limits = (guard.per_minute, guard.from_address);
        self.count(limits::joining(&guard.table, (&actor.user, self.address()), limits, self.now).await)
    }

    /// Counts a report of somebody.
    pub async fn may_report(&self, guard: &ReportGuard, actor: &Actor) -> Result<(), Failure> {
        self.count(limits::report(&guard.table, &actor.user, guard.per_minute, self.now).await)
    }

    /// Where this API was reached, such as `https://api.example.com`: the domain is the gateway's word and not the
    /// client's. On AWS it is always TLS; a laptop says that it has none.
    pub fn base(&self) -> String {
        let domain = self.event.request_context.domain_name.as_deref().unwrap_or("localhost");
        let plain = self.event.headers.get("x-forwarded-proto").is_some_and(|protocol| protocol == "http");
        format!("{}://{domain}", if plain { "http" } else { "https" })
    }

    fn count(&self, outcome: app::Result<Standing>) -> Result<(), Failure> {
        if let Ok(standing) | Err(app::Error::RateLimited(standing)) = &outcome {
            self.standing.set(*standing);
        }
        Ok(outcome.map(drop)?)
    }

    /// The body, a JSON object. Wrong types within it are left to the type's own check, so that all are told at once.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let value: serde_json::Value =
            serde_json::from_slice(&self.body).map_err(|_| Problems::one("body", "must be JSON"))?;
        if !value.is_object() {
            return Err(Problems::one("body", "must be a JSON object").into());
        }
        serde_json::from_value(value).map_err(|_| Problems::one("body", "cannot be read").into())
    }

    /// The body, where a request may do without one: no body says the same as `{}`.
    pub fn optional_json<T: DeserializeOwned + Default>(&self) -> Result<T, Failure> {
        if self.body.is_empty() { Ok(T::default()) } else { self.json() }
    }

    /// The query. Of a parameter that comes more than once the last counts.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let raw = self.event.raw_query_string.as_deref().unwrap_or_default();
        let pairs = form_urlencoded::parse(raw.as_bytes())
            .map(|(name, value)| (name.into_owned(), serde_json::Value::String(value.into_owned())));
        let object = serde_json::Value::Object(pairs.collect());
        serde_json::from_value(object).map_err(|_| Problems::one("query", "cannot be read").into())
    }

    /// An identifier in the path. What is no identifier names nothing: 404.
    pub fn path<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
        what: &'static str,
    ) -> Result<T, Failure> {
        let text = self.event.path_parameters.get(name).map_or("", String::as_str);
        parse(text).map_err(|_| app::Error::NotFound(what).into())
    }
}
