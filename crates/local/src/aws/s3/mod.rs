//! Amazon S3: `s3s` on a folder, with the CORS answers that a browser needs before it uploads.

mod cors;
mod permissions;

use std::io;
use std::path::Path;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use s3s::S3Result;
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use serde_json::Value;

use super::account::{Account, Usage, secret_of};
use super::endpoint::{Endpoint, ReplyBody, whole};
use cors::Cors;

/// A bucket of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Name.
    pub name: String,
    /// Properties of the `AWS::S3::Bucket`.
    pub properties: Value,
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
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder).map_err(StartError::Folder)?);
    builder.set_auth(Secrets);
    let server = Arc::new(Server {
        account: account.clone(),
        objects: builder.build(),
        first_write: tokio::sync::Mutex::new(()),
        cors: buckets.into_iter().map(|bucket| (bucket.name, Cors::of(&bucket.properties))).collect(),
    });
    let endpoint = Endpoint::serve(move |request| {
        let server = Arc::clone(&server);
        async move { server.answer(request).await }
    });
    Ok(endpoint.await?)
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
    objects: S3Service,
    /// Held by a write that is to be the first: `s3s` looks whether there is an object and writes it in two steps, and
    /// of two at once both would be the first.
    first_write: tokio::sync::Mutex<()>,
    cors: Vec<(String, Cors)>,
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
        let alone = match parts.headers.get(http::header::IF_NONE_MATCH) {
            Some(_) if parts.method == http::Method::PUT => Some(self.first_write.lock().await),
            _ => None,
        };
        let request = Request::from_parts(parts, s3s::Body::from(body));
        let mut response = match self.objects.call(request).await {
            Ok(response) => response.map(|body| body.map_err(Into::into).boxed_unsync()),
            Err(error) => {
                tracing::error!(?error, "S3 did not answer");
                let mut response = Response::new(whole(""));
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        };
        drop(alone);
        response.headers_mut().extend(added);
        response
    }
}
