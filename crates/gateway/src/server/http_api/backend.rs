//! Routes that an HTTP server answers (gateway facts H-50 to H-54).

use std::time::Instant;

use bytes::Bytes;

use crate::answer::Answer;
use crate::http_api::{self, backend};
use crate::report::Execution;
use crate::server::Gateway;
use crate::server::web::{self, NoResponse};

/// Calls the backend; `request` is `None` where its address turned out to be none.
pub(super) async fn call(
    gateway: &Gateway,
    limit: std::time::Duration,
    request: Option<http::Request<Bytes>>,
) -> (Answer, Option<Execution>) {
    let Some(request) = request else { return (http_api::internal_error(), None) };
    let (started, method, called) = (Instant::now(), request.method().clone(), web::called(&request));
    let response = gateway.web.ask(&gateway.clock, limit, gateway.limits.http_body, request).await;
    let execution = web::execution(called, started, response.as_ref());
    let answer = match response {
        Ok(response) => {
            let (parts, body) = response.into_parts();
            backend::answer(&method, &parts, body)
        }
        Err(NoResponse::TooLate) => http_api::integration_timeout(gateway.behaviour.integration_timeout_status),
        Err(_) => http_api::unreachable(gateway.behaviour.unreachable_backend_status),
    };
    (answer, Some(execution))
}
