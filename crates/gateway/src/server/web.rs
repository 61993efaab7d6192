//! The gateway as a client: of token issuers and of the HTTP servers behind routes.
//!
//! hyper's own client, on which the larger ones are built: it follows no redirect, unpacks no body and adds no header,
//! so that what a backend and a client of ours say to each other arrives as it was said.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::OnceCell;

use crate::report::Execution;
use crate::time::Clock;

/// A client, made when it is first needed: reading the system's certificates takes a while.
#[derive(Default)]
pub(super) struct Web(OnceCell<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>);

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoResponse {
    /// Not in time.
    #[error("integration timeout")]
    TooLate,
    /// The body is larger than allowed.
    #[error("response over {0} bytes")]
    TooLarge(usize),
    /// No connection, or not HTTP.
    #[error("{0}")]
    Broken(String),
}

impl Web {
    /// Sends a request and reads the whole response, of at most `largest` bytes, within `limit`.
    pub(super) async fn ask(
        &self,
        clock: &Clock,
        limit: Duration,
        largest: usize,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, NoResponse> {
        let asking = async {
            let broken = |error: &dyn std::error::Error| NoResponse::Broken(with_causes(error));
            let client = self.0.get_or_try_init(|| async { client() }).await.map_err(|error| broken(&error))?;
            let response = client.request(request.map(Full::new)).await.map_err(|error| broken(&error))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, largest).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() { NoResponse::TooLarge(largest) } else { broken(&*error) }
            })?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        };
        clock.timeout(limit, asking).await.unwrap_or(Err(NoResponse::TooLate))
    }
}

fn client() -> std::io::Result<Client<HttpsConnector<HttpConnector>, Full<Bytes>>> {
    let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}

/// The client's own message says little without what it was caused by.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// Method and address, without the query: that is where secrets are.
pub(super) fn called(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    format!("{} {}://{authority}{}", request.method(), uri.scheme_str().unwrap_or_default(), uri.path())
}

/// What a report tells of a call: method and address in place of a function's name.
pub(super) fn execution(
    called: String,
    started: Instant,
    response: Result<&Response<Bytes>, &NoResponse>,
) -> Execution {
    Execution {
        function: called,
        request_id: String::new(),
        init: None,
        duration: started.elapsed(),
        memory_mb: None,
        error: response.err().map(ToString::to_string),
    }
}
