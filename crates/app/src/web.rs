//! HTTPS to others, at addresses of the settings and never at one that came in with a request (security A6).

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use crate::error::{Error, Result};

/// How long an answer may take, all of it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Makes requests. Redirects are not followed.
#[derive(Debug, Clone)]
pub struct Web {
    connector: SharedHttpConnector,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// How long `Cache-Control` lets it be kept, less the time that it was kept on the way; nothing where it says
    /// nothing.
    pub(crate) fresh_for: Option<Duration>,
}

impl Web {
    /// Over this connector.
    pub fn new(connector: SharedHttpConnector) -> Self {
        Self { connector }
    }

    pub(crate) async fn get(&self, address: &str) -> Result<Answer> {
        self.ask(address, HttpRequest::new(SdkBody::empty())).await
    }

    pub(crate) async fn post_form(&self, address: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let length = form.len().to_string();
        let mut request = HttpRequest::new(SdkBody::from(form));
        request.set_method("POST").map_err(Error::internal)?;
        request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
        request.headers_mut().insert("content-length", length);
        self.ask(address, request).await
    }

    async fn ask(&self, address: &str, mut request: HttpRequest) -> Result<Answer> {
        request.set_uri(address).map_err(Error::internal)?;
        request.headers_mut().insert("accept", "application/json");
        let answer = async {
            let response = self.connector.call(request).await.map_err(Error::internal)?;
            read(response).await
        };
        tokio::time::timeout(PATIENCE, answer).await.map_err(Error::internal)?
    }
}

async fn read(response: HttpResponse) -> Result<Answer> {
    let status = response.status().as_u16();
    let header = |name: &str| response.headers().get(name);
    let age = header("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    let fresh_for = header("cache-control").and_then(max_age).map(|most| Duration::from_secs(most.saturating_sub(age)));
    let mut stream = ByteStream::new(response.into_body());
    let mut body = Vec::new();
    while let Some(part) = stream.try_next().await.map_err(Error::internal)? {
        body.extend_from_slice(&part);
        if body.len() > LARGEST {
            return Err(Error::internal("an answer is too large"));
        }
    }
    Ok(Answer { status, body, fresh_for })
}

/// Seconds that `Cache-Control` lets an answer be kept.
fn max_age(header: &str) -> Option<u64> {
    let mut directives = header.split(',').map(|directive| directive.trim().to_ascii_lowercase());
    if directives.clone().any(|directive| directive == "no-store" || directive == "no-cache") {
        return Some(0);
    }
    directives.find_map(|directive| directive.strip_prefix("max-age=")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_long_an_answer_may_be_kept() {
        assert_eq!(max_age("public, max-age=19845, must-revalidate, no-transform"), Some(19_845));
        assert_eq!(max_age("MAX-AGE=60"), Some(60));
        assert_eq!(max_age("max-age=60, no-store"), Some(0));
        assert_eq!(max_age("public"), None);
        assert_eq!(max_age("max-age=soon"), None);
    }
}
