//! Amazon S3: `s3s` on a folder, or one elsewhere, with the CORS answers that a browser needs before it uploads.

mod cors;
mod permissions;
mod stand_in_guard_duty;
mod tags;

use std::io;
use std::path::Path;
use std::sync::Arc;

use http::{Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use s3s::S3Result;
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use serde_json::Value;

use super::account::{Account, Usage, secret_of};
use super::endpoint::{BoxError, Endpoint, ReplyBody, whole};
use super::sdk;
use cors::Cors;
use tags::Tagged;

/// A bucket of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Name.
    pub name: String,
    /// Properties of the `AWS::S3::Bucket`.
    pub properties: Value,
    /// Beginnings of keys whose objects are looked through for malware; nobody looks if there are none.
    pub scanned: Vec<String>,
}

/// Why S3 did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder cannot be used, or no loopback port is free.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The folder is not what the file system behind S3 expects.
    #[error("cannot use the folder: {0:?}")]
    Folder(s3s_fs::Error),
}

/// Starts S3 on a free loopback port, keeping objects under `folder` and making the buckets there that are missing.
pub async fn start(account: &Account, folder: &Path, buckets: Vec<Bucket>) -> Result<Endpoint, StartError> {
    for bucket in &buckets {
        tokio::fs::create_dir_all(folder.join(&bucket.name)).await?;
    }
    let prefixes: Vec<String> = buckets.iter().flat_map(|bucket| bucket.scanned.clone()).collect();
    let (told, written) = tokio::sync::mpsc::unbounded_channel();
    let files = FileSystem::new(folder).map_err(StartError::Folder)?;
    let mut builder = S3ServiceBuilder::new(Tagged::new(files, folder, (!prefixes.is_empty()).then_some(told))?);
    builder.set_auth(Secrets);
    let objects = Objects::Embedded { service: builder.build(), first_write: tokio::sync::Mutex::new(()) };
    let endpoint = serve(account, objects, buckets).await?;
    if !prefixes.is_empty() {
        let endpoints = [("AWS_ENDPOINT_URL_S3".to_owned(), endpoint.url())].into();
        let client = aws_sdk_s3::Client::new(&sdk::config(account, stand_in_guard_duty::NAME, endpoints));
        // It ends when the service does, which holds the other end.
        tokio::spawn(stand_in_guard_duty::scan(client, prefixes, written));
    }
    Ok(endpoint)
}

/// The same layer in front of an S3 at `engine` (a root, with the slash), where the buckets are already.
pub(crate) async fn in_front_of(account: &Account, engine: Uri, buckets: Vec<Bucket>) -> io::Result<Endpoint> {
    let client = Box::new(Client::builder(TokioExecutor::new()).build_http());
    serve(account, Objects::Elsewhere { client, engine }, buckets).await
}

async fn serve(account: &Account, objects: Objects, buckets: Vec<Bucket>) -> io::Result<Endpoint> {
    let server = Arc::new(Server {
        account: account.clone(),
        objects,
        cors: buckets.into_iter().map(|bucket| (bucket.name, Cors::of(&bucket.properties))).collect(),
    });
    Endpoint::serve(move |request| {
        let server = Arc::clone(&server);
        async move { server.answer(request).await }
    })
    .await
}

/// Every access key of the stack has a secret that follows from its id; signatures are checked against it.
struct Secrets;

#[async_trait::async_trait]
impl S3Auth for Secrets {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        Ok(SecretKey::from(secret_of(access_key)))
    }
}

struct Server {
    account: Account,
    objects: Objects,
    cors: Vec<(String, Cors)>,
}

/// What keeps the objects.
enum Objects {
    Embedded {
        service: S3Service,
        /// Held by a write that is to be the first: `s3s` looks whether there is an object and writes it in two steps,
        /// and of two at once both would be the first.
        first_write: tokio::sync::Mutex<()>,
    },
    Elsewhere {
        client: Box<Client<HttpConnector, Incoming>>,
        engine: Uri,
    },
}

impl Objects {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<ReplyBody>, BoxError> {
        match self {
            Self::Embedded { service, first_write } => {
                let conditional = request.headers().contains_key(http::header::IF_NONE_MATCH);
                let _alone = if conditional && request.method() == http::Method::PUT {
                    Some(first_write.lock().await)
                } else {
                    None
                };
                let response =
                    service.call(request.map(s3s::Body::from)).await.map_err(|error| format!("{error:?}"))?;
                Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
            }
            Self::Elsewhere { client, engine } => {
                let (mut parts, body) = request.into_parts();
                // The header Host stays: it is signed.
                let rest = parts.uri.path_and_query().map_or("/", |rest| rest.as_str());
                parts.uri = format!("{engine}{}", rest.trim_start_matches('/')).parse()?;
                parts.version = http::Version::HTTP_11;
                let response = client.request(Request::from_parts(parts, body)).await?;
                Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
            }
        }
    }
}

impl Server {
    async fn answer(&self, request: Request<Incoming>) -> Response<ReplyBody> {
        let (parts, body) = request.into_parts();
        let bucket = parts.uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
        let cors = self.cors.iter().find(|(name, _)| name == bucket).map(|(_, cors)| cors.clone()).unwrap_or_default();
        if let Some(preflight) = cors.preflight(&parts) {
            return preflight;
        }
        if let Some(caller) = self.account.caller(&parts) {
            let (operation, permissions) = permissions::of(&parts);
            self.account.record(Usage { caller, operation, permissions, capacity: None });
        }
        let added = cors.headers(&parts);
        let mut response = match self.objects.answer(Request::from_parts(parts, body)).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(error, "S3 did not answer");
                let mut response = Response::new(whole(""));
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        };
        response.headers_mut().extend(added);
        response
    }
}
