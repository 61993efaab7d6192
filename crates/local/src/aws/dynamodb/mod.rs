//! Amazon DynamoDB: `dynoxide` behind a layer that records actions and capacity.

mod permissions;
mod table;

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use dynoxide::Database;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::account::{Account, Usage};
use super::endpoint::{Endpoint, ReplyBody, whole};
pub use table::TableError;

/// Largest request body DynamoDB takes, in bytes.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// A running DynamoDB.
#[derive(Debug)]
pub struct DynamoDb {
    endpoint: Endpoint,
    database: Held,
    _stop: DropGuard,
}

/// [`Database`] says nothing about itself in debug output.
struct Held(Database);

impl std::fmt::Debug for Held {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Database")
    }
}

/// Why DynamoDB did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The file is damaged, of a later version, or cannot be written.
    #[error("{}", first_sentence(.0))]
    Database(#[from] dynoxide::DynoxideError),
    /// No loopback port.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
}

impl DynamoDb {
    /// Starts on a free loopback port, in memory or on a file. Items past their time to live go each second.
    pub async fn start(account: &Account, file: Option<&Path>) -> Result<Self, StartError> {
        let database = match file {
            Some(path) => open(path)?,
            None => Database::memory()?,
        };
        let stop = CancellationToken::new();
        let inner = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let engine = format!("http://{}/", inner.local_addr()?).parse().map_err(io::Error::other)?;
        tokio::spawn(dynoxide::server::serve_with_shutdown(inner, database.clone(), stop.clone().cancelled_owned()));
        tokio::spawn(stop.clone().run_until_cancelled_owned(sweep(database.clone())));
        let endpoint = in_front_of(account, engine).await?;
        Ok(Self { endpoint, database: Held(database), _stop: stop.drop_guard() })
    }

    /// Creates a table from the properties of an `AWS::DynamoDB::Table`; an equal one that exists is left as it is.
    pub fn create_table(&self, name: &str, properties: &Value) -> Result<(), TableError> {
        table::create(&self.database.0, name, properties)
    }

    /// The value for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn url(&self) -> String {
        self.endpoint.url()
    }
}

/// The layer that records actions and capacity, in front of a DynamoDB at `engine` (a root, with the slash).
pub(crate) async fn in_front_of(account: &Account, engine: Uri) -> io::Result<Endpoint> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let proxy = Proxy { account: account.clone(), client, engine };
    Endpoint::serve(move |request| {
        let proxy = proxy.clone();
        async move { proxy.answer(request).await }
    })
    .await
}

/// The rest of what it says is about features of its own.
fn first_sentence(error: &dynoxide::DynoxideError) -> String {
    let text = error.to_string();
    text.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// A write-ahead log with `synchronous=NORMAL`: a crash of the machine may lose the last moments, never the file, and
/// writes are some fifty times faster. Leaving bulk loading is the only way to that setting.
fn open(path: &Path) -> dynoxide::Result<Database> {
    let database = Database::new(&path.to_string_lossy())?;
    database.enable_bulk_loading()?;
    database.disable_bulk_loading()?;
    Ok(database)
}

async fn sweep(database: Database) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "cannot remove items past their time to live"),
            Err(error) => tracing::warn!(%error, "cannot remove items past their time to live"),
        }
    }
}

#[derive(Clone)]
struct Proxy {
    account: Account,
    client: Client<HttpConnector, Full<Bytes>>,
    engine: Uri,
}

impl Proxy {
    async fn answer(&self, request: Request<Incoming>) -> Response<ReplyBody> {
        match self.forward(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(error, "DynamoDB did not answer");
                let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"no answer"}"#;
                let mut response = Response::new(whole(body));
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }

    async fn forward(&self, request: Request<Incoming>) -> Result<Response<ReplyBody>, super::endpoint::BoxError> {
        let (mut parts, body) = request.into_parts();
        let mut body = Limited::new(body, MAX_BODY).collect().await?.to_bytes();
        let usage = if self.account.is_recording() { self.usage(&parts, &body) } else { None };
        if let Some(usage) = &usage
            && permissions::consumes_capacity(&usage.operation)
        {
            body = ask_for_capacity(body);
        }
        parts.uri = match parts.uri.path_and_query() {
            Some(rest) if rest.path() == "/" => self.engine.clone(),
            Some(rest) => format!("{}{rest}", self.engine).parse()?,
            None => self.engine.clone(),
        };
        parts.headers.remove(http::header::CONTENT_LENGTH);
        parts.version = http::Version::HTTP_11;
        let response = self.client.request(Request::from_parts(parts, Full::new(body))).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        if let Some(usage) = usage {
            let capacity = permissions::capacity(&usage.operation, &body);
            self.account.record(Usage { capacity, ..usage });
        }
        Ok(Response::from_parts(parts, whole(body)))
    }

    fn usage(&self, parts: &http::request::Parts, body: &Bytes) -> Option<Usage> {
        let caller = self.account.caller(parts)?;
        let target = parts.headers.get("x-amz-target")?.to_str().ok()?;
        let (_, operation) = target.split_once('.')?;
        let input = serde_json::from_slice(body).ok()?;
        let permissions = permissions::of(&self.account, operation, &input);
        Some(Usage { caller, operation: format!("dynamodb:{operation}"), permissions, capacity: None })
    }
}

/// The same request, asking what it cost; a request that says itself what it wants to know stays as it is.
fn ask_for_capacity(body: Bytes) -> Bytes {
    const ASK: &[u8] = br#"{"ReturnConsumedCapacity":"TOTAL""#;
    let asked = serde_json::from_slice::<serde_json::Map<String, Value>>(&body)
        .is_ok_and(|input| input.is_empty() || input.contains_key("ReturnConsumedCapacity"));
    match body.iter().position(|byte| *byte == b'{') {
        Some(start) if !asked => [ASK, b",", &body[start + 1..]].concat().into(),
        _ => body,
    }
}
